/** Returns the first components of pixels of red, green, blue and alpha: one or three of each. */
export function withoutAlpha(rgba: Uint8ClampedArray, components: number): Uint8Array {
  const values = new Uint8Array((rgba.length / 4) * components);
  for (let from = 0, to = 0; from < rgba.length; from += 4)
    for (let i = 0; i < components; i += 1, to += 1) values[to] = rgba[from + i]!;
  return values;
}
