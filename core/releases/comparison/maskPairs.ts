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
 * Compares two maps with the masks that `swath truth` has stored for one of their runs, so that a truth of the live version
 * judges its shadow, too. A pixel that one version alone predicts is wrong for the other. Null if there are no masks.
 */
export async function openMaskPairs(
  readResult: ReadObject,
  rows: Two<LedgerRow>,
  models: Two<ModelPackage>,
  pairs: readonly Pair[],
) {
  for (const [i, which] of (['first', 'second'] as const).entries()) {
    const { run: id, model, day = '' } = rows[i]!;
    const file = await readResult(masksKey({ id, model, day })).catch(nullIfNotFound);
    if (file === null) continue;
    const chips = pairs.flatMap(({ [which]: chip }) => (chip.run === id ? chip : [])); // the others are the other version's
    const truths = new Map(chips.map(({ index, truth }) => [index, truth]));
    const pieces = [...decodePieces(file, [mapTypeOf(models[i]!).dataType])];
    const counted = pieces.filter(({ told }) => truths.get(told!.index) === told!.truth); // not of chips chosen for being uncertain
    const { take, found } = makeMaskPairs(counted, models[i]!, models);
    const of = ({ [which]: chip }: Pair) => (chip.run === id ? found.get(chip.index) : undefined);
    return { take, of };
  }
  return null;
}

function makeMaskPairs(pieces: readonly Piece[], stated: ModelPackage, models: Two<ModelPackage>) {
  const { nodata } = mapTypeOf(stated);
  const masks = pieces.map((mask) => ({ mask, left: mask.width * mask.height }));
  const begun = new Map<Piece, Plane[]>(); // not of all at once: a mask may be as large as its scene
  const found = new Map<number, MaskPair>();

  /** Takes a window of both maps. */
  function take(window: RasterWindow, maps: Two<ArrayLike<number>>): void {
    for (const one of masks)
      for (const { from, to, width } of rowsWithin(window, one.mask)) {
        const { mask } = one;
        const said = begun.get(mask) ?? models.map((model) => makePlane(mapTypeOf(model).dataType, one.left));
        begun.set(mask, said);
        for (const [of, plane] of said.entries())
          for (let i = 0; i < width; i += 1) plane[to + i] = maps[of]![from + i]!;
        one.left -= width;
        if (one.left > 0) continue;
        begun.delete(mask);
        compare(mask, said as unknown as Two<ArrayLike<number>>);
      }
  }

  function compare({ told, planes: [plane] }: Piece, said: Two<ArrayLike<number>>): void {
    const truth = Array.from(plane as ArrayLike<number>);
    const known = truth.filter((value) => value !== nodata).length;
    const compared = models.map((model, of) => {
      const is = truth.map(makeMatchTruth(stated, model));
      const wrong = is.filter((value, i) => truth[i] !== nodata && value !== said[of]![i]).length / known;
      return { wrong, text: compareMask(model)(said[of]!, is, null) };
    });
    const pair = { truths: compared.map(({ text }) => text), wrong: compared.map(({ wrong }) => wrong) };
    if (known > 0) found.set(told!.index, pair);
  }

  return { take, found };
}

/** Yields the rows that two windows share: where each begins in the values of the one and of the other. */
export function* rowsWithin(of: RasterWindow, within: RasterWindow) {
  const left = Math.max(of.x, within.x);
  const width = Math.min(of.x + of.width, within.x + within.width) - left;
  const [top, bottom] = [Math.max(of.y, within.y), Math.min(of.y + of.height, within.y + within.height)];
  const inWindow = (y: number, window: RasterWindow) => (y - window.y) * window.width + left - window.x;
  if (width > 0) for (let y = top; y < bottom; y += 1) yield { from: inWindow(y, of), to: inWindow(y, within), width };
}
