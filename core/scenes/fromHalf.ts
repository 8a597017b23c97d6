/** Converts an IEEE 754 half-precision number, given as its 16 bits. */
export function fromHalf(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const ordinary = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
  const size = exponent < 31 ? ordinary : fraction === 0 ? Infinity : NaN;
  return bits & 0x8000 ? -size : size;
}
