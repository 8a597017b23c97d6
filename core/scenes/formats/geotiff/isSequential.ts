import type { Layout } from './layout.ts';

/** Whether an image's blocks, read row by row with all bands, lie one behind the other in the file. */
export function isSequential({ isBandSeparate, offsets }: Layout): boolean {
  if (isBandSeparate) return false;
  let last = 0;
  for (const offset of offsets) {
    if (offset === 0) continue; // it is not stored
    if (offset < last) return false;
    last = offset;
  }
  return true;
}
