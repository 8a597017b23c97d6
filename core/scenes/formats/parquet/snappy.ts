/**
 * Unpacks Snappy's raw format into exactly `bytes` bytes. https://github.com/google/snappy/blob/main/format_description.txt
 *
 * @throws {RangeError} when the data is invalid
 */
export function unsnappy(packed: Uint8Array, bytes: number): Uint8Array {
  const out = new Uint8Array(bytes);
  let [at, to] = [0, 0];

  function little(count: number): number {
    let value = 0;
    if (at + count > packed.length) throw new RangeError('Snappy is cut short');
    for (let i = 0; i < count; i += 1) value += packed[at + i]! * 2 ** (8 * i);
    at += count;
    return value;
  }

  while (little(1) >= 0x80); // skips Snappy's own length; the page's header states it, too
  while (at < packed.length) {
    const tag = little(1);
    const kind = tag & 3;
    if (kind === 0) {
      const length = (tag >> 2 < 60 ? tag >> 2 : little((tag >> 2) - 59)) + 1;
      if (at + length > packed.length || to + length > bytes) throw new RangeError('a Snappy literal is too long');
      out.set(packed.subarray(at, at + length), to);
      at += length;
      to += length;
    } else {
      const length = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
      const back = kind === 1 ? (tag >> 5) * 256 + little(1) : little(kind === 2 ? 2 : 4);
      if (back === 0 || back > to || to + length > bytes) throw new RangeError('a Snappy copy refers to missing data');
      // Byte by byte, because a copy may overlap its own output.
      for (let i = 0; i < length; i += 1, to += 1) out[to] = out[to - back]!;
    }
  }
  if (to !== bytes) throw new RangeError(`Snappy unpacks to ${to} bytes, not to ${bytes}`);
  return out;
}
