import { inOrder } from './inOrder.ts';
import { summaryKey } from './keys.ts';
import type { ClassifiedPart, RunRef } from './messages.ts';
import type { ModelPackage } from './models/package.ts';
import type { ReadObject, WriteObject } from './objectStore.ts';
import { taskOf } from './tasks/registry.ts';
import type { Summed } from './tasks/task.ts';

/**
 * What infer has found of each part, on its way to drift through the results bucket: Step Functions passes 256 KB from state
 * to state, which the classes of a thousand parts exceed. Each attempt has summaries of its own, so a late worker of a
 * former one changes nothing.
 */

const AT_ONCE = 20;

/** Writes a part's summary; a step that is repeated writes the same once more. */
export async function writeSummary(write: WriteObject, run: RunRef, part: number, sum: Summed): Promise<void> {
  await write(summaryKey(run, part), new TextEncoder().encode(JSON.stringify(sum)));
}

/**
 * Adds up what was found of a run's parts, in their order.
 *
 * @throws ObjectNotFound where a part's summary is not in the results bucket any more
 */
export async function addSummaries(
  read: ReadObject,
  run: RunRef,
  parts: readonly ClassifiedPart[],
  model: ModelPackage,
): Promise<Summed> {
  const { summary } = taskOf(model);
  const readOne = async (part: ClassifiedPart): Promise<Summed> => {
    if ('counts' in part) return summary.schema.parse(part); // by infer of the release before
    const bytes = await read(summaryKey(run, part.part));
    return summary.schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  };
  let sum = summary.zero(model);
  for await (const one of inOrder(parts, AT_ONCE, readOne)) sum = summary.add(sum, one);
  return sum;
}
