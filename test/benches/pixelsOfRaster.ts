import { makeRasterValues, type Raster } from '../../core/scenes/raster/raster.ts';

/** Reads all pixels of each band in windows of odd sizes, so that they begin and end within blocks. */
export async function pixelsOfRaster({ width, height, bands, type, read }: Raster) {
  const all = bands.map(() => makeRasterValues(type, width * height));
  for (let y = 0; y < height; y += 3)
    for (let x = 0; x < width; x += 5) {
      const window = { x, y, width: Math.min(5, width - x), height: Math.min(3, height - y) };
      const into = bands.map(() => makeRasterValues(type, window.width * window.height));
      await read(window, [...bands.keys()], into);
      for (const [band, values] of into.entries())
        for (const [i, value] of values.entries())
          all[band]![(y + Math.floor(i / window.width)) * width + x + (i % window.width)] = value;
    }
  return all;
}

/** A value as JSON holds it: as a text what is no number there. */
export const inJson = (value: number | bigint): number | string =>
  typeof value === 'bigint' || !Number.isFinite(value) ? String(value) : value;
