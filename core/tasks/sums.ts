import type * as z from 'zod';
import { added } from '../base/added.ts';
import type { ChipTruth, Summed, TruthCounter } from '../package/task.ts';

/** Makes the function that adds two sums: the fields of their schema. */
export function adding<Sum extends z.ZodObject>({ shape }: Sum): (a: z.infer<Sum>, b: z.infer<Sum>) => z.infer<Sum> {
  const names = Object.keys(shape);
  return (a, b) => {
    const present = names.filter((name) => a[name] !== undefined || b[name] !== undefined);
    return Object.fromEntries(present.map((name) => [name, added(a[name], b[name])])) as z.infer<Sum>;
  };
}

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
