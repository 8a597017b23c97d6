import { createHash } from 'node:crypto';
import { sfc32 } from '../../replay/sfc32.ts';

/** Draws by a seed: the same seed, target and number are the same input, on every machine. */
export type Dice = {
  /** A whole number from 0 to below `end`. */
  below: (end: number) => number;
  /** Whether it happens, once in `times`. */
  once: (times: number) => boolean;
  pick: <Item>(items: readonly Item[]) => Item;
  bytes: (count: number) => Uint8Array;
};

export function throwDice(seed: number, target: string, input: number): Dice {
  const random = sfc32(seed, createHash('sha256').update(target).digest().readInt32LE(), input);
  const below = (end: number) => Math.floor(random() * end);
  return {
    below,
    once: (times) => below(times) === 0,
    pick: (items) => items[below(items.length)]!,
    bytes: (count) => Uint8Array.from({ length: count }, () => below(256)),
  };
}
