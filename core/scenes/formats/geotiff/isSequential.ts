import type { Layout } from './layout.ts';

/** Returns whether an image's blocks, in row order with all bands, are in ascending order in the file. */
export function isSequential({ isBandSeparate, offsets }: Layout): boolean {
  if (isBandSeparate) return false;
  let last = 0;
  for (const offset of offsets) {
    if (offset === 0) continue; // not stored
    if (offset < last) return false;
    last = offset;
  }
  return true;
}
