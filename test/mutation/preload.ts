import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { mutated } from './mutants.ts';
import type { Run } from './trial.ts';

/** Is loaded first by each thread and process of a run of tests: with the changed source, and with tables in memory. */

const { change, isInMemory }: Run = JSON.parse(process.env['SWATH_MUTATION']!);
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
