import { encodeGeoTiff } from '../geoTiff.ts';
import { bands, shardChips } from './shardChips.ts';

/** Of a chip, in pixels. */
export const SIDE = 65;
export const ACROSS = 9;
export const LENGTH = ACROSS * SIDE;
export const PIXEL = 30;
export const [WEST, NORTH] = [400_000, 300_000];

const place = { epsg: 32637, origin: [WEST, NORTH], pixel: PIXEL } as const;

/** A GeoTIFF of the real shard's chips: nine beside one another, nine below one another. */
export function shardRaster(dateTime?: string): Uint8Array {
  const descriptions = bands.map(({ name }) => name);
  return encodeGeoTiff({
    width: LENGTH,
    height: LENGTH,
    bands: planesOfShard(),
    descriptions,
    ...place,
    ...(dateTime && { dateTime }),
  });
}

/** The same with a file for each band, by the band's name. */
export function shardRasters(): { name: string; bytes: Uint8Array }[] {
  return planesOfShard().map((plane, i) => ({
    name: bands[i]!.name,
    bytes: encodeGeoTiff({ width: LENGTH, height: LENGTH, bands: [plane], ...place }),
  }));
}

function planesOfShard(): Uint8Array[] {
  return bands.map((_, band) => {
    const plane = new Uint8Array(LENGTH * LENGTH);
    for (const [chip, { planes: of }] of shardChips.entries())
      for (let row = 0; row < SIDE; row += 1) {
        const at = (Math.floor(chip / ACROSS) * SIDE + row) * LENGTH + (chip % ACROSS) * SIDE;
        plane.set(of[band]!.subarray(row * SIDE, (row + 1) * SIDE), at);
      }
    return plane;
  });
}
