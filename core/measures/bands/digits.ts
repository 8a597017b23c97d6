/**
 * Digits that each have a base of their own, as a mixed radix: so each takes just as much as there are values that it may have, and not whole letters.
 * Whoever writes and whoever reads goes through the same digits in the same order, by the same code.
 */
export type Digits = {
  /**
   * Writes a digit, a whole number from 0 to below its base; where digits are read, answers the one that was written, whatever is given.
   *
   * @param base a whole number from 1 to 2^53
   */
  next(base: number, value: number): number;
};

/**
 * They are the state of an asymmetric numeral system in which all values of a digit are as likely (the range variant, rANS: Duda,
 * https://arxiv.org/abs/1311.2540): a number from 2^16 to below 2^32, whose lowest 16 bits are put aside where it would not stay below. As one
 * large number, by BigInt, they would be two letters shorter, and take twice as long to read.
 */
const [SLOTS, LEAST, WORD] = [2 ** 16, 2 ** 16, 2 ** 16];
const STATE_BYTES = 4;
/** A larger base is two digits, so that each value has slots enough: values then have nearly as many each. */
const MOST_BASE = 2 ** 12;

/** The slots of a value: the first of them, and how many. */
const firstSlot = (base: number, value: number): number => Math.floor((value * SLOTS) / base);

/** The digits as base64url. */
export function writeDigits(write: (digits: Digits) => void): string {
  const all: number[] = [];
  const next = (base: number, value: number): number => {
    if (base > MOST_BASE) {
      next(MOST_BASE, value % MOST_BASE);
      next(Math.ceil(base / MOST_BASE), Math.floor(value / MOST_BASE));
    } else all.push(base, value);
    return value;
  };
  write({ next });
  let state = LEAST;
  const aside: number[] = [];
  // What is written last is read first.
  for (let i = all.length - 2; i >= 0; i -= 2) {
    const [base, value] = [all[i]!, all[i + 1]!];
    const first = firstSlot(base, value);
    const slots = firstSlot(base, value + 1) - first;
    if (state >= WORD * slots) {
      aside.push(state % WORD);
      state = Math.floor(state / WORD);
    }
    state = Math.floor(state / slots) * SLOTS + (state % slots) + first;
  }
  const bytes = Buffer.alloc(STATE_BYTES + 2 * aside.length);
  bytes.writeUInt32BE(state);
  for (const [i, word] of aside.reverse().entries()) bytes.writeUInt16BE(word, STATE_BYTES + 2 * i);
  return bytes.toString('base64url');
}

/** @throws Error where other digits were written than are read */
export function readDigits<Found>(text: string, read: (digits: Digits) => Found): Found {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length < STATE_BYTES) throw otherDigits(text);
  let state = bytes.readUInt32BE();
  let at = STATE_BYTES;
  const next = (base: number): number => {
    if (base > MOST_BASE) {
      const low = next(MOST_BASE);
      return low + MOST_BASE * next(Math.ceil(base / MOST_BASE));
    }
    const slot = state % SLOTS;
    const value = Math.floor(((slot + 1) * base - 1) / SLOTS);
    const first = firstSlot(base, value);
    state = (firstSlot(base, value + 1) - first) * Math.floor(state / SLOTS) + slot - first;
    if (state < LEAST && at + 2 <= bytes.length) {
      state = state * WORD + bytes.readUInt16BE(at);
      at += 2;
    }
    return value;
  };
  const found = read({ next });
  if (state !== LEAST || at !== bytes.length) throw otherDigits(text);
  return found;
}

function otherDigits(text: string): Error {
  return new Error(`Found other digits than were asked for in “${text.slice(0, 40)}”.`);
}
