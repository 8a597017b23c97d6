import { makePlane, type Plane, type RasterWindow } from '../../arrays/dataTypes.ts';
import { masksKey, shadowPiecesKey } from '../../base/keys.ts';
import { nullIfNotFound, type OpenObject, type ReadObject } from '../../base/objectStore.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import type { ModelPackage } from '../../package/package.ts';
import { drawMap } from '../../results/maps/drawMap.ts';
import { openMap } from '../../results/maps/openMap.ts';
import { decodePieces, type Piece } from '../../results/maps/pieces.ts';
import { makeRasterValues } from '../../scenes/raster/raster.ts';
import { windowsOf } from '../../scenes/raster/windowsOf.ts';
import { makeMatchTruth } from '../../tasks/classes.ts';
import { mapTypeOf } from '../../tasks/segmentation/labelPixels.ts';
import { compareMask } from '../../tasks/segmentation/maskTruth.ts';
import type { Difference } from '../../tasks/shown.ts';
import type { MaskPair, OfMaps, Pair } from './compareVersions.ts';

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

type Two<Of> = readonly [Of, Of];

/**
 * Compares two maps with the masks that `swath truth` has stored for the first one's run, so that a truth of the live version
 * judges its shadow, too. A pixel that the second does not predict is wrong. Null if there are no masks.
 */
async function openMaskPairs(
  readResult: ReadObject,
  { run, model, day = '' }: LedgerRow,
  models: Two<ModelPackage>,
  pairs: readonly Pair[],
) {
  const file = await readResult(masksKey({ id: run, model, day })).catch(nullIfNotFound);
  if (file === null) return null;
  const isOwn = ({ first }: Pair) => first.run === run; // what the first leaves out has the second's
  const truths = new Map(pairs.filter(isOwn).map(({ first: { index, truth } }) => [index, truth]));
  const { dataType, nodata } = mapTypeOf(models[0]);
  const masks = [...decodePieces(file, [dataType])]
    .filter(({ told }) => truths.get(told!.index) === told!.truth) // not of chips chosen for being uncertain
    .map((mask) => ({ mask, left: mask.width * mask.height, said: null as Plane[] | null })); // of all at once, it might be too large
  const found = new Map<number, MaskPair>();
  const of = (pair: Pair) => (isOwn(pair) ? found.get(pair.first.index) : undefined);
  return { take, of };

  /** Takes a window of both maps. */
  function take(window: RasterWindow, maps: Two<ArrayLike<number>>): void {
    for (const one of masks)
      for (const { from, to, width } of rowsWithin(window, one.mask)) {
        one.said ??= models.map((model) => makePlane(mapTypeOf(model).dataType, one.left));
        for (const [of, plane] of one.said.entries())
          for (let i = 0; i < width; i += 1) plane[to + i] = maps[of]![from + i]!;
        one.left -= width;
        if (one.left > 0) continue;
        compare(one.mask, one.said);
        one.said = null;
      }
  }

  function compare({ told, planes: [plane] }: Piece, said: readonly Plane[]): void {
    const truth = Array.from(plane as ArrayLike<number>);
    const known = truth.filter((value) => value !== nodata).length;
    const compared = models.map((model, of) => {
      const [says, is] = [said[of] as ArrayLike<number>, truth.map(makeMatchTruth(models[0], model))];
      const wrong = is.filter((value, i) => truth[i] !== nodata && value !== says[i]).length / known;
      return { wrong, text: compareMask(model)(says, is, null) };
    });
    const pair = { truths: compared.map(({ text }) => text), wrong: compared.map(({ wrong }) => wrong) };
    if (known > 0) found.set(told!.index, pair);
  }
}

/** Yields the rows that two windows share: where each begins in the values of the one and of the other. */
function* rowsWithin(of: RasterWindow, within: RasterWindow) {
  const left = Math.max(of.x, within.x);
  const width = Math.min(of.x + of.width, within.x + within.width) - left;
  const [top, bottom] = [Math.max(of.y, within.y), Math.min(of.y + of.height, within.y + within.height)];
  const inWindow = (y: number, window: RasterWindow) => (y - window.y) * window.width + left - window.x;
  if (width > 0) for (let y = top; y < bottom; y += 1) yield { from: inWindow(y, of), to: inWindow(y, within), width };
}
