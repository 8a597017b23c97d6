import { calibrationOf } from '../../calibration/calibration.ts';
import { countChip, noReliabilityBins } from '../../calibration/reliabilityBins.ts';
import type { ModelPackage } from '../../models/package.ts';
import { percent } from '../../percent.ts';
import type { Accuracy, Compared, NameAccuracy, Rightness } from '../shown.ts';
import type { ClassCounts } from './classCounts.ts';
import { rightOf } from './numbers.ts';

/** What was right, over the chips whose files say what is true. */
export type ClassAccuracy = Accuracy & {
  correct: number;
  /** correct / n. */
  share: number;
  /** The 95 % confidence interval of that share, after Wilson. */
  interval: [low: number, high: number];
  /** What naming the most common true class every time would get right. */
  mostCommonTruth: { name: string; share: number };
  classes: NameAccuracy[];
  confusion: { truth: string; predicted: string; count: number }[];
};

/** Counts true and predicted classes, chip by chip, so that any number of chips takes the room of a table. */
export function makeConfusion(classes: readonly { value: number; name: string }[]) {
  const places = new Map(classes.map(({ value }, i) => [value, i]));
  /** Counts by place of the true class × number of classes + place of the predicted one. */
  const counts = new Map<number, number>();
  const reliability = noReliabilityBins();

  /** Counts a chip, unless its truth or its prediction is missing. */
  function add({ truth, value, probability = null }: Compared): void {
    const row = truth === null ? undefined : places.get(truth);
    const column = value === null ? undefined : places.get(value);
    if (row === undefined || column === undefined) return;
    const cell = row * classes.length + column;
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
    if (probability !== null) countChip(reliability, probability, row === column);
  }

  /** Null where no chip had a truth. */
  function accuracy(): ClassAccuracy | null {
    const cells = [...counts].map(([cell, count]) => ({
      row: Math.floor(cell / classes.length),
      column: cell % classes.length,
      count,
    }));
    const sumOf = (isMeant: (cell: (typeof cells)[number]) => boolean) =>
      cells.reduce((sum, cell) => sum + (isMeant(cell) ? cell.count : 0), 0);
    const n = sumOf(() => true);
    if (n === 0) return null;
    const ofClasses = classes.map(({ name }, i): NameAccuracy => {
      const truth = sumOf(({ row }) => row === i);
      const predicted = sumOf(({ column }) => column === i);
      const correct = sumOf(({ row, column }) => row === i && column === i);
      return {
        name,
        truth,
        predicted,
        correct,
        recall: shareOf(correct, truth),
        precision: shareOf(correct, predicted),
      };
    });
    const mostCommon = ofClasses.reduce((most, one) => (one.truth > most.truth ? one : most));
    const correct = sumOf(({ row, column }) => row === column);
    const right = {
      ...{ n, correct, share: correct / n, interval: wilsonInterval(correct, n) },
      mostCommonTruth: { name: mostCommon.name, share: mostCommon.truth / n },
    };
    const calibration = calibrationOf(reliability);
    return {
      ...right,
      ...inWords(right),
      ...(calibration && { calibration }),
      classes: ofClasses,
      confusion: cells
        .toSorted((a, b) => a.row - b.row || a.column - b.column)
        .map(({ row, column, count }) => ({
          truth: classes[row]!.name,
          predicted: classes[column]!.name,
          count,
        })),
    };
  }

  return { add, accuracy };
}

function inWords(right: Pick<ClassAccuracy, 'n' | 'correct' | 'share' | 'interval' | 'mostCommonTruth'>) {
  const { n, share, interval, mostCommonTruth: truth } = right;
  const predictions = `${n.toLocaleString('en')} prediction${n === 1 ? '' : 's'} with a known truth`;
  const [low, high] = interval.map(percent);
  return {
    figure: { name: 'Accuracy', value: share, unit: 'share' } as const,
    sentence: `${percent(share)} of ${predictions} were right (95\u00a0% interval: ${low} to ${high}). Naming ${truth.name} every time would be right in ${percent(truth.share)}.`,
    warning: isSurelyBelow(right.correct, n, truth.share)
      ? `Only ${percent(share)} of ${predictions} were right, fewer than if each had been ${truth.name} (${percent(truth.share)}). Look at the confusion matrix before you use the predictions.`
      : null,
  };
}

/** With fewer labelled chips, being worse than a guess says nothing. */
const ENOUGH = 30;

/** How right the predictions of a window are, by its counts. */
export function rightness(sum: Pick<ClassCounts, 'truths' | 'right'>, { classes }: ModelPackage): Rightness | null {
  const found = rightOf(sum);
  if (found === null) return null;
  const { n, correct, share } = found;
  const most = Math.max(...sum.truths!);
  const { name } = classes[sum.truths!.indexOf(most)]!;
  const chips = `${n.toLocaleString('en')} labelled chip${n === 1 ? '' : 's'}`;
  return {
    figure: { name: 'Accuracy', value: share, unit: 'share', note: `of ${chips}` },
    chips: n,
    sentence: `${percent(share)} of ${chips} ${n === 1 ? 'is' : 'are'} right; always naming ${name} would be right for ${percent(most / n)}.`,
    isWorse: isSurelyBelow(correct, n, most / n) ? 'surely' : n >= ENOUGH && correct < most ? 'maybe' : null,
  };
}

/** Whether so many right ones of n are fewer than a guess would have, and by more than chance explains. */
function isSurelyBelow(correct: number, n: number, guess: number): boolean {
  return wilsonInterval(correct, n)[1] < guess;
}

/** The 97.5th percentile of the standard normal distribution. */
const Z = 1.959963984540054;

/**
 * Wilson's score interval of a share at 95 % (E. B. Wilson, JASA 22 (1927) 209), which holds for small n and for shares
 * near 0 and 1 as well; equal to statsmodels' `proportion_confint(correct, n, method='wilson')`.
 *
 * @example wilsonInterval(8, 10) // [0.4902, 0.9433]
 */
export function wilsonInterval(correct: number, n: number): [low: number, high: number] {
  const share = correct / n;
  const middle = (share + Z ** 2 / (2 * n)) / (1 + Z ** 2 / n);
  const half = (Z / (1 + Z ** 2 / n)) * Math.sqrt((share * (1 - share)) / n + Z ** 2 / (4 * n ** 2));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
