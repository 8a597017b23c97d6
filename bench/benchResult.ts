import type { Machine } from './machine.ts';
import type { SuiteResult } from './suite.ts';

/** What `--json` prints, and `npm run bench:compare` reads. */
export type BenchResult = { measuredAt: string; isQuick: boolean; machine: Machine; suites: SuiteResult[] };
