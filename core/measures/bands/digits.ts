/**
 * Digits with individual bases (mixed radix), so that each takes only the space that its number of possible values needs,
 * rather than whole characters. Writer and reader run the same code over the same digits in the same order.
 */
export type Digits = {
  /**
   * Writes a digit, an integer from 0 to below its base; or, when reading, returns the written one and ignores `value`.
   * @param base an integer from 1 to 2^53
   */
  next(base: number, value: number): number;
};

/** Encodes the digits, the first of which is the lowest of one large number, as base64url. */
export function writeDigits(write: (digits: Digits) => void): string {
  const all: (readonly [base: bigint, value: bigint])[] = [];
  const next = (base: number, value: number): number => {
    all.push([BigInt(base), BigInt(value)]);
    return value;
  };
  write({ next });
  const hex = all.reduceRight((higher, [base, value]) => higher * base + value, END).toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url');
}

/** Stands above the last digit. */
const END = 1n;

/** @throws {Error} when the digits read are not the ones written */
export function readDigits<Found>(text: string, read: (digits: Digits) => Found): Found {
  let number = BigInt(`0x0${Buffer.from(text, 'base64url').toString('hex')}`);
  const next = (base: number): number => {
    const value = number % BigInt(base);
    number /= BigInt(base);
    return Number(value);
  };
  const found = read({ next });
  if (number === END) return found;
  throw new Error(`Found other digits than were asked for in “${text.slice(0, 40)}”.`);
}
