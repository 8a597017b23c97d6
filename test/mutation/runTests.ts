import { run } from 'node:test';
import type { Run } from './trial.ts';

/** A process of its own: runs some tests, once, as preload.ts has them. The first that fails ends it. */

const { tests }: Run = JSON.parse(process.env['SWATH_MUTATION']!);

run({ files: tests, isolation: 'none' })
  .on('test:fail', ({ todo }) => {
    if (todo === undefined || todo === false) process.exit(1);
  })
  .on('end', () => process.exit(0))
  .resume();
