import type { ChipTruth, Summed, TruthCounter } from '../package/task.ts';

/** The fields of summaries that counters of truths count. */
const OF_TRUTHS = ['truths', 'right', 'wrong', 'reliability', 'confused', 'errors'];

/** Replaces a run's counted truths by those known now. `chips` are all predicted ones, each truth null if unknown. */
export function withTruths<Sum extends Summed>(
  sum: Sum,
  chips: Iterable<ChipTruth>,
  of: TruthCounter<NoInfer<Sum>>,
): Sum {
  for (const chip of chips) of.add(chip);
  const others = Object.entries(sum).filter(([field]) => !OF_TRUTHS.includes(field));
  return { ...(Object.fromEntries(others) as Sum), ...of.counts() };
}
