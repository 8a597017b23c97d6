import { mapKey } from '../keys.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import { MOST_SCENE_LIMITS } from '../limits.ts';
import type { OpenObject } from '../objectStore.ts';
import { openGeoTiff } from '../scenes/formats/geotiff/geotiff.ts';
import { makeRasterValues, type Raster, type RasterWindow } from '../scenes/raster/raster.ts';
import { windowsOf } from '../scenes/raster/windowsOf.ts';
import type { Difference } from '../tasks/difference.ts';
import type { Pair } from './compareVersions.ts';

/** Whether two runs have a map each that can be compared pixel by pixel. */
export function haveMaps(first: LedgerRow, second: LedgerRow): boolean {
  return [first, second].every(({ maps = [] }) => maps.includes('predictions'));
}

/**
 * Compares the maps of two runs of the same raster, window by window.
 *
 * @returns of each pair the share of its chip's pixels in which the maps differ; undefined of a chip that has no place in the raster
 * @throws ObjectNotFound where a map is not in the results bucket any more; RangeError where the maps have other sizes
 */
export async function compareMaps(
  openResult: OpenObject,
  [first, second]: readonly [LedgerRow, LedgerRow],
  addPixels: NonNullable<Difference['addPixels']>,
  pairs: readonly Pair[],
): Promise<(number | undefined)[]> {
  const [one, other] = await Promise.all([openMap(openResult, first), openMap(openResult, second)]);
  if (one.width !== other.width || one.height !== other.height)
    throw new RangeError(
      `${first.scene.key}: found maps of ${one.width} × ${one.height} and of ${other.width} × ${other.height} pixels, allowed are maps of one size`,
    );
  const chips = pairs.map(({ first: { window } }) => ({ window, differing: 0 }));
  for (const window of windowsOf(one)) {
    const pixels = window.width * window.height;
    const [ones, others] = [makeRasterValues(one.type, pixels), makeRasterValues(other.type, pixels)];
    await Promise.all([one.read(window, [0], [ones]), other.read(window, [0], [others])]);
    const differs = new Uint8Array(pixels);
    addPixels(ones as ArrayLike<number>, others as ArrayLike<number>, differs);
    for (const chip of chips) if (chip.window !== null) chip.differing += sumWithin(differs, window, chip.window);
  }
  return chips.map(({ window, differing }) =>
    window === null ? undefined : differing / (window.width * window.height),
  );
}

async function openMap(openResult: OpenObject, { run: id, model, day = '' }: LedgerRow): Promise<Raster> {
  const key = mapKey({ id, model, day }, 'predictions');
  const { size, range } = await openResult(key);
  return openGeoTiff({ key, size, range }, { maxBlockBytes: MOST_SCENE_LIMITS.maxRecordBytes, cacheBytes: 0 });
}

/** Of values of one window, the sum of those that lie within another one. */
function sumWithin(values: Uint8Array, of: RasterWindow, within: RasterWindow): number {
  const [left, right] = [Math.max(of.x, within.x), Math.min(of.x + of.width, within.x + within.width)];
  const [top, bottom] = [Math.max(of.y, within.y), Math.min(of.y + of.height, within.y + within.height)];
  let sum = 0;
  for (let y = top; y < bottom; y += 1) {
    const row = (y - of.y) * of.width - of.x;
    for (let x = left; x < right; x += 1) sum += values[row + x]!;
  }
  return sum;
}
