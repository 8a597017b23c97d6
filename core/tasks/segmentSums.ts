import type { ChipSegments } from '../package/facts.ts';
import type { ModelPackage } from '../package/package.ts';
import type { Summed } from '../package/task.ts';

/** What is kept of chips in each segment of the package's `swath:segments` that tells chips apart: a small part of the task's summary. */
type SegmentSums = { readonly [by: string]: { readonly [name: string]: Summed } };

/** The fields of summaries by which classes and values are judged, and accuracy. */
const OF_PREDICTIONS = ['counts', 'chips', 'mean', 'squares'];
const OF_TRUTHS = ['truths', 'right'];

export function addWithSegments(a: Summed, b: Summed, model: ModelPackage): Summed {
  const { add } = model.task.summary;
  const segments = bySegment(model, (by) => {
    const all = Map.groupBy([...segmentsIn(a, by, model), ...segmentsIn(b, by, model)], ([name]) => name);
    return [...all].map(([name, some]) => [name, some.map(([, sum]) => sum).reduce(add)]);
  });
  return { ...add(a, b), ...segments };
}

/** Returns the summaries of the segments of a name, in which all else is as in an empty one. */
export function segmentsIn(sum: Summed, by: string, { task, ...model }: ModelPackage): [name: string, sum: Summed][] {
  const { segments = {} } = sum as { segments?: SegmentSums };
  const { schema, zero } = task.summary;
  return Object.entries(segments[by] ?? {}).map(([name, own]) => [name, schema.parse({ ...zero(model), ...own })]);
}

type SumsOf = (by: string, segments: ChipSegments) => [name: string, sum: Summed][];

/** Makes the sums of each segment, of which what is kept remains. */
export function bySegment({ chipSegments, task }: ModelPackage, sumsOf: SumsOf): { segments?: SegmentSums } {
  if (chipSegments === undefined) return {};
  const isRightOrWrong = task.right !== undefined && !task.truthLater?.isOfPixels; // the truths of masks would be most of a row
  const kept = isRightOrWrong ? [...OF_PREDICTIONS, ...OF_TRUTHS] : OF_PREDICTIONS;
  const slim = (sum: Summed) => Object.fromEntries(Object.entries(sum).filter(([field]) => kept.includes(field)));
  const all = Object.entries(chipSegments).map(([by, of]) => {
    return [by, Object.fromEntries(sumsOf(by, of).map(([name, sum]) => [name, slim(sum)]))];
  });
  return { segments: Object.fromEntries(all) };
}
