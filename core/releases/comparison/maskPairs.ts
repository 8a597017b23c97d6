import { makePlane, type Plane, type RasterWindow } from '../../arrays/dataTypes.ts';
import { masksKey } from '../../base/keys.ts';
import { nullIfNotFound, type ReadObject } from '../../base/objectStore.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import type { ModelPackage } from '../../package/package.ts';
import { decodePieces, type Piece } from '../../results/maps/pieces.ts';
import { makeMatchTruth } from '../../tasks/classes.ts';
import { mapTypeOf } from '../../tasks/segmentation/labelPixels.ts';
import { compareMask } from '../../tasks/segmentation/maskTruth.ts';
import type { MaskPair, Pair } from './compareVersions.ts';

export type Two<Of> = readonly [Of, Of];

/**
 * Compares two maps with the masks that `swath truth` has stored for the first one's run, so that a truth of the live version
 * judges its shadow, too. A pixel that the second does not predict is wrong. Null if there are no masks.
 */
export async function openMaskPairs(
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
export function* rowsWithin(of: RasterWindow, within: RasterWindow) {
  const left = Math.max(of.x, within.x);
  const width = Math.min(of.x + of.width, within.x + within.width) - left;
  const [top, bottom] = [Math.max(of.y, within.y), Math.min(of.y + of.height, within.y + within.height)];
  const inWindow = (y: number, window: RasterWindow) => (y - window.y) * window.width + left - window.x;
  if (width > 0) for (let y = top; y < bottom; y += 1) yield { from: inWindow(y, of), to: inWindow(y, within), width };
}
