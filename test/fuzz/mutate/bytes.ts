import type { Dice } from '../dice.ts';

/** Most bytes that an input has: enough to tell what is quadratic from what is not. */
export const MOST_BYTES = 256 * 1024;

/** Does a few things to bytes that a cable, a disk, a half-finished upload or a bad neighbour does. */
export function damage(bytes: Uint8Array, dice: Dice, others: readonly Uint8Array[] = []): Uint8Array {
  let damaged = bytes;
  const times = 1 + dice.below(3);
  for (let i = 0; i < times; i++) damaged = dice.pick(DAMAGES)(damaged, dice, others);
  return damaged.subarray(0, MOST_BYTES);
}

type Damage = (bytes: Uint8Array, dice: Dice, others: readonly Uint8Array[]) => Uint8Array;

/** Values that programs trip over. */
const STRANGE = [0, 1, 7, 0x7f, 0x80, 0xff, 0xfe, 0xef, 0x0a, 0x22, 0x5c, 0x7b];

const DAMAGES: readonly Damage[] = [
  function flipBit(bytes, dice) {
    const at = dice.below(bytes.length);
    return at < bytes.length ? bytes.with(at, bytes[at]! ^ (1 << dice.below(8))) : bytes;
  },
  function setByte(bytes, dice) {
    return bytes.length > 0 ? bytes.with(dice.below(bytes.length), dice.pick(STRANGE)) : bytes;
  },
  function cutOff(bytes, dice) {
    return bytes.subarray(0, dice.below(bytes.length + 1));
  },
  function takeOut(bytes, dice) {
    const at = dice.below(bytes.length + 1);
    return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + dice.below(16)));
  },
  function putIn(bytes, dice) {
    const at = dice.below(bytes.length + 1);
    return joined(bytes.subarray(0, at), dice.bytes(1 + dice.below(16)), bytes.subarray(at));
  },
  function putBefore(bytes, dice) {
    return joined(dice.once(2) ? Uint8Array.of(0xef, 0xbb, 0xbf) : dice.bytes(1), bytes);
  },
  function setNumber(bytes, dice) {
    const value = Buffer.alloc(8);
    value.writeBigInt64LE(dice.pick([0n, -1n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 60n, 2n ** 63n - 1n]));
    const length = dice.pick([2, 4, 8]);
    if (bytes.length < length) return bytes;
    const at = dice.below(bytes.length - length + 1);
    return joined(bytes.subarray(0, at), value.subarray(0, length), bytes.subarray(at + length));
  },
  function repeat(bytes, dice) {
    const [start, end] = sliceOf(bytes, dice);
    // Rarely a great many times: what is quadratic shows by its time.
    const times = Math.min(dice.once(50) ? 20_000 : 1 + dice.below(4), Math.floor(MOST_BYTES / (end - start + 1)));
    return joined(
      bytes.subarray(0, end),
      ...Array<Uint8Array>(times).fill(bytes.subarray(start, end)),
      bytes.subarray(end),
    );
  },
  function splice(bytes, dice, others) {
    const other = others.length === 0 ? bytes : dice.pick(others);
    const [start, end] = sliceOf(other, dice);
    const at = dice.below(bytes.length + 1);
    return joined(bytes.subarray(0, at), other.subarray(start, end), bytes.subarray(at + dice.pick([0, end - start])));
  },
];

function sliceOf(bytes: Uint8Array, dice: Dice): [start: number, end: number] {
  const start = dice.below(bytes.length + 1);
  return [start, Math.min(bytes.length, start + 1 + dice.below(dice.once(4) ? 5000 : 40))];
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
