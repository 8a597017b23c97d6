import { Worker } from 'node:worker_threads';
import { makeBatcher } from '../../core/doors/online/batcher.ts';
import { startThread } from '../../server/threads.ts';
import { chipOf, lastDigit as model } from './lastDigit.ts';

export const FAULTS = ['throws', 'is slow', 'exits in a batch', 'exits between batches', 'none'] as const;
const ODD = new URL('./oddEngine.ts', import.meta.url);

/** A new thread has to start within it as well, on a machine that has other work. */
const BATCH_SECONDS = 5;

/** A thread with a fault, which may take so long for a batch. */
export function oddThread(
  fault: (typeof FAULTS)[number] | 'does not come back' | 'loads at the second time',
  seconds: number,
) {
  return startThread(seconds, () => new Worker(ODD, { argv: [fault] }));
}

/**
 * Has 32 clients ask one request after the other, so many together, of five engines, four of which have faults in every tenth batch.
 *
 * @returns the outcomes that are not what the model says, and how many batches there were
 */
export async function askOddEngines(requests: number): Promise<{ wrong: unknown[]; batches: number }> {
  const threads = FAULTS.map((fault) => oddThread(fault, BATCH_SECONDS));
  const engines = threads.map(({ engineOf }) => engineOf(model, new Uint8Array()));
  const options = { maxBatch: 32 };
  let batches = 0;
  const { predict } = makeBatcher(model, engines, options, () => {
    batches += 1;
  });
  let asked = 0;
  const wrong: unknown[] = [];
  const client = async () => {
    while (asked < requests) {
      asked += 1;
      const value = asked;
      const outcome = await predict([chipOf(value)], 60).then(
        ([one]) => one,
        (error: Error) => ({ error }),
      );
      const isRight =
        outcome !== undefined && !('error' in outcome) && outcome.values['label']![outcome.at] === value % 10;
      if (!isRight) wrong.push(outcome);
    }
  };
  await Promise.all(Array.from({ length: 32 }, client));
  await Promise.all(threads.map(({ stop }) => stop()));
  return { wrong, batches };
}
