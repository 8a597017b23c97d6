import { makeRasterValues, type Raster } from './raster.ts';

/** Pixels by which a band is judged: all of a picture that has no more, otherwise rows of blocks spread over it. */
const JUDGED_PIXELS = 2 ** 24;

/** The share of a mask's values above 0 that are its largest; the others are at soft edges. */
const LEAST_OPAQUE = 0.9;

/**
 * Returns whether a band that a file calls alpha is a mask: it holds 0, and nearly always one other value. Writers call the
 * last of four bands alpha unless they are told otherwise; if it is infrared, which is 0 over water, it holds many values.
 */
export async function holdsMask(
  { width, height, blockHeight, type, read }: Pick<Raster, 'width' | 'height' | 'blockHeight' | 'type' | 'read'>,
  band: number,
): Promise<boolean> {
  const rows = Math.ceil(height / blockHeight);
  const step = Math.ceil(rows / Math.max(1, Math.floor(JUDGED_PIXELS / (width * blockHeight))));
  let [largest, opaque, seen]: [number | bigint, number, number] = [0, 0, 0];
  for (let y = 0; y < height; y += step * blockHeight) {
    const window = { x: 0, y, width, height: Math.min(blockHeight, height - y) };
    const values = makeRasterValues(type, width * window.height);
    await read(window, [band], [values]);
    for (const value of values) {
      if (!(value > 0)) continue;
      seen += 1;
      if (value > largest) [largest, opaque] = [value, 0];
      if (value === largest) opaque += 1;
    }
  }
  return opaque >= seen * LEAST_OPAQUE;
}
