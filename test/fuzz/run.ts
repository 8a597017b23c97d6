import { throwDice } from './dice.ts';
import type { Target } from './target.ts';
import { type Fault, watched } from './watch.ts';

/** An input that was read as it should not be; target, seed and number make it again. */
export type Finding = { target: string; seed: number; number: number; input: Uint8Array; fault: Fault };

/** How many inputs were read, and how many of them refused. */
export type Counts = { inputs: number; refused: number; milliseconds: number };

/** Which inputs of a target: `count` numbers from `from` on, each `step`th. */
export type Numbers = { from: number; count: number; step: number };

/** How many of so many inputs each target gets. */
export function sharesOf(targets: readonly Target[], inputs: number): Map<Target, number> {
  const all = targets.reduce((sum, { limits }) => sum + limits.share, 0);
  const shares = new Map(
    targets.map((target) => [target, Math.max(1, Math.floor((inputs * target.limits.share) / all))]),
  );
  const [first] = targets;
  const given = [...shares.values()].reduce((sum, share) => sum + share, 0);
  if (first !== undefined) shares.set(first, Math.max(1, shares.get(first)! + inputs - given));
  return shares;
}

/** Has a target read inputs, one after the other, and hears of each before it is read. */
export async function run(
  target: Target,
  seed: number,
  { from, count, step }: Numbers,
  { begin, found }: { begin: (number: number) => void; found: (finding: Finding) => void },
): Promise<Counts> {
  const started = performance.now();
  let [inputs, refused] = [0, 0];
  for (let number = from; number < from + count * step; number += step) {
    begin(number);
    const input = target.make(throwDice(seed, target.name, number));
    const seen = await watched(target, input);
    inputs += 1;
    if (seen.refused) refused += 1;
    if (seen.fault !== undefined) found({ target: target.name, seed, number, input, fault: seen.fault });
  }
  return { inputs, refused, milliseconds: performance.now() - started };
}
