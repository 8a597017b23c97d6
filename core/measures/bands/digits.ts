/**
 * Digits with individual bases (mixed radix), so that each takes only the space that its number of possible values needs,
 * rather than whole characters. Writer and reader run the same code over the same digits in the same order.
 */
export type Digits = {
  /**
   * When writing, writes a digit, an integer from 0 to below its base. When reading, returns the written digit and ignores
   * `value`.
   *
   * @param base an integer from 1 to 2^53
   */
  next(base: number, value: number): number;
};

/**
 * The digits are the state of an asymmetric numeral system with equally likely values (the range variant, rANS: Duda,
 * https://arxiv.org/abs/1311.2540): a number from 2^16 to below 2^32, whose lowest 16 bits are moved out when it would
 * exceed that. One large BigInt would be two characters shorter, but take twice as long to read.
 */
const [SLOTS, LEAST, WORD] = [2 ** 16, 2 ** 16, 2 ** 16];
const STATE_BYTES = 4;
/** A larger base is split into two digits, so that all values have nearly the same number of slots. */
const MOST_BASE = 2 ** 12;

const firstSlot = (base: number, value: number): number => Math.floor((value * SLOTS) / base);

/** Encodes the digits as base64url. */
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

/** @throws {Error} when the digits read are not the ones written */
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
