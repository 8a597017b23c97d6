import { workerData } from 'node:worker_threads';
import { type Work, work } from './work.ts';

/** For a test of lane.ts: a thread of two targets, of which one never ends and one ends the thread. */

const { heart }: Work = workerData;
const nothing = { limits: { share: 1, refuses: [] }, make: () => new Uint8Array(1) };

await work([
  {
    ...nothing,
    name: 'hangs',
    read: () => {
      while (heart[1] === 5);
    },
  },
  {
    ...nothing,
    name: 'dies',
    read: () => {
      if (heart[1] === 1) process.exit(3);
    },
  },
]);
