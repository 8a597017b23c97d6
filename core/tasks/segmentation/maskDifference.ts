import type { PackageFacts } from '../../package/facts.ts';
import type { Said } from '../../package/task.ts';
import { agreedIn, changesIn, cohenKappa, countsIn, jaccard, meanOf } from '../confusion.ts';
import { type Difference, type DifferenceSummary, number, share } from '../shown.ts';

/** Compares masks of the same rasters by pixels, where both have a class, by its name; and each chip's most common class. */
export function makeMaskDifference(first: PackageFacts, second: PackageFacts): Difference {
  const names = [...new Set([...first.classes, ...second.classes].map(({ name }) => name))];
  const placeOf = { first: placesOf(first, names), second: placesOf(second, names) };
  const width = names.length;
  const counts = new Float64Array(width * width);
  const chips = { all: 0, same: 0 };
  let pixelsAlone = 0;

  /** Without maps, chips whose most common classes differ rank first, the more confident both are, the higher. */
  function add(one: Said, other: Said): number {
    chips.all += 1;
    if (one.text === other.text) chips.same += 1;
    return one.text === other.text ? 0 : 1 + (one.rank ?? 0) * (other.rank ?? 0);
  }

  function addPixels(ones: ArrayLike<number>, others: ArrayLike<number>, differs: Uint8Array): void {
    for (let i = 0; i < differs.length; i += 1) {
      const [row, column] = [placeOf.first.get(ones[i]!), placeOf.second.get(others[i]!)];
      const isKnown = row !== undefined && column !== undefined;
      if (isKnown) counts[row * width + column]! += 1;
      else if (row !== column) pixelsAlone += 1; // one of them is undefined
      differs[i] = isKnown && row !== column ? 1 : 0;
    }
  }

  function summary(alone = 0): DifferenceSummary {
    const ofAll = `${chips.same.toLocaleString('en')} of ${(chips.all + alone).toLocaleString('en')} chips`;
    const ofChips = share('Agreement on the most common class of a chip', chips.same / (chips.all + alone), ofAll);
    const table = names.map((_, i) => Array.from(counts.subarray(i * width, (i + 1) * width)));
    const n = counts.reduce((all, count) => all + count, 0);
    if (n === 0) return { figures: [ofChips], counted: { of: 'chip', n: chips.all, alone } };
    const agreement = agreedIn(table) / (n + pixelsAlone);
    const iouOf = (i: number, first: number, second: number) => jaccard(table[i]![i]!, first, second);
    const perClass = countsIn(table, names).map((one, i) => ({ ...one, iou: iouOf(i, one.first, one.second) }));
    return {
      figures: [
        share('Agreement of pixels', agreement, `of ${(n + pixelsAlone).toLocaleString('en')}`),
        number('Mean IoU', meanOf(perClass.map(({ iou }) => iou)), 'of the classes that either says'),
        number("Cohen's kappa of pixels", cohenKappa(table)),
        ...(chips.all > 0 ? [ofChips] : []), // versions may cut rasters into other chips
      ],
      agreement,
      counted: { of: 'pixel', n, alone: pixelsAlone },
      names: perClass,
      changes: changesIn(table, names),
    };
  }

  return { add, addPixels, summary };
}

const placesOf = ({ classes }: PackageFacts, names: readonly string[]): ReadonlyMap<number, number> =>
  new Map(classes.map(({ value, name }) => [value, names.indexOf(name)]));
