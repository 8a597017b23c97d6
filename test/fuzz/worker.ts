import { TARGETS } from './targets/all.ts';
import { work } from './work.ts';

/** A thread of `npm run fuzz`. */
await work(TARGETS);
