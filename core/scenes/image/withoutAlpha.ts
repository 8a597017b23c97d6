/** Returns the first components of pixels of red, green, blue and alpha: one or three of each. */
export function withoutAlpha(rgba: Uint8ClampedArray, components: number): Uint8Array {
  const pixels = rgba.length / 4;
  const values = new Uint8Array(pixels * components);
  if (components === 1) for (let i = 0; i < pixels; i += 1) values[i] = rgba[4 * i]!;
  else
    for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
      values[to] = rgba[from]!;
      values[to + 1] = rgba[from + 1]!;
      values[to + 2] = rgba[from + 2]!;
    }
  return values;
}
