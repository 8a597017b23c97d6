import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { run } from 'node:test';
import { mutated } from './mutants.ts';
import type { Run } from './trial.ts';

/** A process of its own: runs some tests, once, with a change of a source or without. The first that fails ends it. */

const { tests, change, isInMemory }: Run = JSON.parse(process.argv[2]!);
const TABLES_IN_MEMORY = new URL('../benches/tablesInMemory.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    isInMemory && specifier.endsWith('/benches/tables.ts')
      ? { url: TABLES_IN_MEMORY, format: 'module-typescript', shortCircuit: true }
      : next(specifier, context),
  load: (url, context, next) =>
    url === change?.url
      ? { format: 'module', source: mutated(readFileSync(new URL(url), 'utf8'), change), shortCircuit: true }
      : next(url, context),
});

run({ files: tests, isolation: 'none' })
  .on('test:fail', ({ todo }) => {
    if (todo === undefined || todo === false) process.exit(1);
  })
  .on('end', () => process.exit(0))
  .resume();
