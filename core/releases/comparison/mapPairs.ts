import type { Plane, RasterWindow } from '../../arrays/dataTypes.ts';
import { shadowPiecesKey } from '../../base/keys.ts';
import type { OpenObject, ReadObject } from '../../base/objectStore.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import type { ModelPackage } from '../../package/package.ts';
import { drawMap } from '../../results/maps/drawMap.ts';
import { openMap } from '../../results/maps/openMap.ts';
import { decodePieces, type Piece } from '../../results/maps/pieces.ts';
import { makeRasterValues } from '../../scenes/raster/raster.ts';
import { windowsOf } from '../../scenes/raster/windowsOf.ts';
import type { Difference } from '../../tasks/shown.ts';
import type { OfMaps, Pair } from './compareVersions.ts';
import { openMaskPairs, rowsWithin, type Two } from './maskPairs.ts';

/** Whether two runs can be compared pixel by pixel: both have a map, or one is a shadow with pieces. */
export const haveMaps = (first: LedgerRow, second: LedgerRow): boolean =>
  [first, second].some(hasMap) && [first, second].every((row) => hasMap(row) || row.pieces === true);

const hasMap = ({ maps = [] }: LedgerRow): boolean => maps.includes('predictions');

/** Takes a window of two maps; `ones` and `others` are its values, row by row. */
type TakeWindow = (window: RasterWindow, ones: ArrayLike<number>, others: ArrayLike<number>) => void;

/**
 * Compares the maps of two runs of the same raster, window by window; or one map with the pixels that a shadow has kept.
 * @param models the models of the runs
 * @returns what the maps say of each pair's chip; undefined for a chip without a place
 * @throws {ObjectNotFound} when a map is no longer in the results bucket
 * @throws {RangeError} when the maps differ in size
 */
export async function compareMaps(
  ports: { openResult: OpenObject; readResult: ReadObject },
  rows: Two<LedgerRow>,
  models: Two<ModelPackage>,
  addPixels: NonNullable<Difference['addPixels']>,
  pairs: readonly Pair[],
): Promise<(OfMaps | undefined)[]> {
  const masks = await openMaskPairs(ports.readResult, rows[0], models, pairs);
  const chips = pairs.map((pair) => ({ pair, window: pair.first.window, differing: 0 }));
  const take: TakeWindow = (window, ones, others) => {
    const differs = new Uint8Array(window.width * window.height);
    addPixels(ones, others, differs);
    masks?.take(window, [ones, others]);
    for (const chip of chips) if (chip.window !== null) chip.differing += sumWithin(differs, window, chip.window);
  };
  const [first, second] = rows;
  if (!hasMap(first))
    await besideMap([second, first], models[0], (window, ofMap, ofShadow) => take(window, ofShadow, ofMap));
  else if (!hasMap(second)) await besideMap(rows, models[1], take);
  else await ofBothMaps(ports.openResult, rows, take);
  return chips.map(({ pair, window, differing }) =>
    window === null ? undefined : { differing: differing / (window.width * window.height), mask: masks?.of(pair) },
  );

  /** Reads the map of a run, and draws the one that its shadow would have made, in rows of chips from the top. */
  async function besideMap([mapped, { run, parts = 0 }]: Two<LedgerRow>, model: ModelPackage, take: TakeWindow) {
    const map = await openMap(ports.openResult, mapped, 'predictions', CACHE_BYTES);
    const layers = model.task.layers!(model).filter((layer) => layer.map === 'predictions');
    const types = layers.map(({ dataType }) => dataType);
    const pieces = async function* (): AsyncGenerator<Piece> {
      for (let part = 0; part < parts; part += 1)
        yield* decodePieces(await ports.readResult(shadowPiecesKey(run, part)), types);
    };
    let y = 0;
    const addRows = async ([ofShadow]: readonly Plane[], height: number) => {
      const window = { x: 0, y, width: map.width, height };
      const ofMap = makeRasterValues(map.type, window.width * height);
      await map.read(window, [0], [ofMap]);
      take(window, ofMap as ArrayLike<number>, ofShadow as ArrayLike<number>);
      y += height;
    };
    await drawMap(pieces(), map, layers, new Map([['predictions', { addRows }]]));
  }
}

async function ofBothMaps(openResult: OpenObject, [first, second]: Two<LedgerRow>, take: TakeWindow): Promise<void> {
  const mapOf = (row: LedgerRow) => openMap(openResult, row, 'predictions', 0);
  const [one, other] = await Promise.all([mapOf(first), mapOf(second)]);
  if (one.width !== other.width || one.height !== other.height)
    throw new RangeError(
      `${first.scene.key}: found maps of ${one.width} × ${one.height} and of ${other.width} × ${other.height} pixels, allowed are maps of one size`,
    );
  for (const window of windowsOf(one)) {
    const pixels = window.width * window.height;
    const [ones, others] = [makeRasterValues(one.type, pixels), makeRasterValues(other.type, pixels)];
    await Promise.all([one.read(window, [0], [ones]), other.read(window, [0], [others])]);
    take(window, ones as ArrayLike<number>, others as ArrayLike<number>);
  }
}

/** The cache for a map that is read by rows of chips, because its blocks are higher than these. */
const CACHE_BYTES = 64 * 1024 ** 2;

function sumWithin(values: Uint8Array, of: RasterWindow, within: RasterWindow): number {
  let sum = 0;
  for (const { from, width } of rowsWithin(of, within)) for (let i = from; i < from + width; i += 1) sum += values[i]!;
  return sum;
}
