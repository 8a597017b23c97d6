import type { ChipTruth, Summed, TruthCounter } from '../package/task.ts';

/** Replaces a run's counted truths by those known now. `chips` are all predicted ones, each truth null if unknown. */
export function withTruths<Sum extends Summed>(
  sum: Sum,
  chips: Iterable<ChipTruth>,
  of: TruthCounter<NoInfer<Sum>>,
): Sum {
  for (const chip of chips) of.add(chip);
  const others = Object.entries(sum).filter(([field]) => !of.fields.includes(field));
  return { ...(Object.fromEntries(others) as Sum), ...of.counts() };
}
