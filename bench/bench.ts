import { readOptions } from './options.ts';
import { runBench } from './runBench.ts';

/** `npm run bench`: how fast, flat and cheap it is, each figure beside its limit. */
await runBench(readOptions(process.argv.slice(2)));
