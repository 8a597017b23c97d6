import type { PredictedChip } from '../core/predictions/predictions.ts';

/** What was right, over the chips whose files say what is true. */
export type Accuracy = {
  /** Chips with a truth and a prediction. */
  n: number;
  correct: number;
  /** correct / n. */
  share: number;
  /** The 95 % confidence interval of that share, after Wilson. */
  interval: [low: number, high: number];
  /** What naming the most common true class every time would get right. */
  mostCommonTruth: { name: string; share: number };
  classes: ClassAccuracy[];
  /** How often a true class was given which class; pairs that never came are left out. */
  confusion: { truth: string; predicted: string; count: number }[];
};

export type ClassAccuracy = {
  name: string;
  /** Chips that are of the class, that were predicted to be, and both. */
  truth: number;
  predicted: number;
  correct: number;
  /** correct / truth; null where no chip is of the class. */
  recall: number | null;
  /** correct / predicted; null where none was predicted to be. */
  precision: number | null;
};

/** Counts true and predicted classes, chip by chip, so that any number of chips takes the room of a table. */
export function makeConfusion(classes: readonly { value: number; name: string }[]) {
  const places = new Map(classes.map(({ value }, i) => [value, i]));
  /** Counts by place of the true class × number of classes + place of the predicted one. */
  const counts = new Map<number, number>();

  /** Counts a chip, unless its truth or its prediction is missing. */
  function add({ truth, label }: Pick<PredictedChip, 'truth' | 'label'>): void {
    const row = truth === null ? undefined : places.get(truth);
    const column = label === null ? undefined : places.get(label);
    if (row === undefined || column === undefined) return;
    const cell = row * classes.length + column;
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }

  /** Null where no chip had a truth. */
  function accuracy(): Accuracy | null {
    const cells = [...counts].map(([cell, count]) => ({
      row: Math.floor(cell / classes.length),
      column: cell % classes.length,
      count,
    }));
    const sumOf = (isMeant: (cell: (typeof cells)[number]) => boolean) =>
      cells.reduce((sum, cell) => sum + (isMeant(cell) ? cell.count : 0), 0);
    const n = sumOf(() => true);
    if (n === 0) return null;
    const ofClasses = classes.map(({ name }, i): ClassAccuracy => {
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
    return {
      n,
      correct,
      share: correct / n,
      interval: wilsonInterval(correct, n),
      mostCommonTruth: { name: mostCommon.name, share: mostCommon.truth / n },
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
