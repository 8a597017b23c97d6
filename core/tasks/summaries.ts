import { inOrder } from '../base/concurrency/inOrder.ts';
import { summaryKey } from '../base/keys.ts';
import type { PartResult, RunRef } from '../base/messages.ts';
import type { ReadObject, WriteObject } from '../base/objectStore.ts';
import type { ModelPackage } from '../package/package.ts';
import type { Summed } from '../package/task.ts';
import { addWithSegments } from './segmentSums.ts';

/**
 * Summaries of parts, passed from infer to drift through the results bucket: Step Functions passes up to 256 KB between
 * states, which the classes of a thousand parts exceed. Each attempt has its own, so a late worker changes nothing.
 */

const AT_ONCE = 20;

/** Writes a part's summary, and the milliseconds that the model takes for a chip, if they are known. */
export const writeSummary = (write: WriteObject, run: RunRef, part: number, sum: Summed, perChip: number | null) =>
  write(summaryKey(run, part), new TextEncoder().encode(JSON.stringify({ ...sum, perChip })));

/** Adds up parts' summaries; finds the least time of a chip, or null. Throws `ObjectNotFound` when one is gone. */
export async function addSummaries(read: ReadObject, run: RunRef, parts: readonly PartResult[], model: ModelPackage) {
  const { summary } = model.task;
  const times: number[] = [];
  const readOne = async (part: PartResult): Promise<Summed> => {
    const bytes = await read(summaryKey(run, part.part));
    const { perChip = null, segments, ...sum } = JSON.parse(new TextDecoder().decode(bytes));
    if (perChip !== null) times.push(perChip);
    return { ...summary.schema.parse(sum), segments };
  };
  let sum = summary.zero(model);
  for await (const one of inOrder(parts, AT_ONCE, readOne)) sum = addWithSegments(sum, one, model);
  return { sum, perChip: times.length === 0 ? null : Math.min(...times) };
}
