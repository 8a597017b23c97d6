import type { PackageFacts } from '../package/facts.ts';
import type { ChipTruth, Said, Summed } from '../package/task.ts';
import type { Calibration } from '../statistics/calibration/calibration.ts';
import type { AccuracyEstimate } from '../statistics/calibration/estimateAccuracy.ts';

/** How a task is presented, as data: its words, its figures besides drift, and its charts. */
export interface Shown<Sum extends Summed = Summed, Reference = unknown> {
  readonly name: string;
  readonly words: Words;
  /** A run's figures that can be computed without its package. */
  brief(sum: Sum): readonly Figure[];
  /** Figures shown besides the drift score. */
  figures(sum: Sum, model: PackageFacts<Reference>): readonly Figure[];
  /** The accuracy of a window; null if there are no truths, or the task does not keep them. */
  accuracy(sum: Partial<Sum>, model: PackageFacts<Reference>): Accuracy | null;
  /** The accuracy estimated without truths; null if the package has nothing to base an estimate on. Optional. */
  estimate?(sum: Sum, model: PackageFacts<Reference>): AccuracyEstimate | null;
  /** A chip's truth in words, and whether it was predicted; null if unknown, or where nothing is right or wrong. */
  told(chip: ChipTruth, model: PackageFacts): { truth: string | null; isRight: boolean | null };
  /** For tasks with values: the absolute error of a prediction; null if it or the truth is missing. */
  error?(chip: ChipTruth): number | null;
  /** Whether there is one value of it for each window, or for each class in one. */
  readonly metrics: Readonly<Record<string, 'window' | 'class'>>;
  readonly panels: readonly TaskPanel[];
}

/** All of it that is not computed: a task's shown.json. */
export type ShownData = Pick<Shown, 'words' | 'metrics' | 'panels'>;

/** Nouns for what is predicted, and sentences that need more than a noun. */
export type Words = {
  /** `class` */
  one: string;
  /** `classes` */
  many: string;
  /** Whether the counts are sums of shares, of which each chip has 1 in all, rather than numbers of chips. */
  isOfShares?: boolean;
  lookAt: string;
  /** The names of the two sort orders: the smallest ranks first, and last. */
  order: { first: string; last: string };
  /** The chips of the smallest ranks, as a report shows them. */
  chips: { title: string; meaning: string };
};

/** A number to show, with a note on what it covers. */
export type Figure = { name: string; value: number | null; unit: 'share' | 'number'; note?: string };
function inUnit(unit: Figure['unit']) {
  return (name: string, value: number | null, note?: string): Figure =>
    note === undefined ? { name, value, unit } : { name, value, unit, note };
}
export const share = inUnit('share');
export const number = inUnit('number');

export type Accuracy = {
  /** Chips with a truth and a prediction. */
  n: number;
  /** The main figure, … */
  figure: Figure;
  /** … its 95 % confidence interval, if any, … */
  interval?: readonly [low: number, high: number];
  /** … and the package's expectation; `isMissed` if the whole interval lies below it. */
  expected?: { value: number; isMissed: boolean };
  figures?: Figure[];
  sentence: string;
  /** Says that the predictions are worse than a plain guess, and what to do; null if they are not. */
  warning: string | null;
  /**
   * Whether the share of right predictions is below that guess, or below what the package expects: `surely` by more than
   * chance explains, else `maybe`; null if not, or if few truths are known. Absent where nothing is right or wrong.
   */
  isWorse?: 'surely' | 'maybe' | null;
  /** How well the probabilities are calibrated, for tasks that have some. */
  calibration?: Calibration;
  /** For tasks that predict one of a few names, or several: the numbers of each, … */
  classes?: NameAccuracy[];
  /** … and how often each was confused with which, in chips or pixels; absent for several labels and many classes. Pairs that never occurred are omitted. */
  confusion?: { truth: string; predicted: string; count: number }[];
};

export type NameAccuracy = {
  name: string;
  /** Chips of the name, chips predicted to be, and chips for which both hold. */
  truth: number;
  predicted: number;
  correct: number;
  /** correct / truth; null if no chip has the name. */
  recall: number | null;
  /** correct / predicted; null if none was predicted to have it. */
  precision: number | null;
  /** 2 × correct / (truth + predicted), if chips may have several names; null if the name does not occur. */
  f1?: number | null;
  /** correct / (truth + predicted − correct), for pixels; null likewise. */
  iou?: number | null;
};

export type TaskPanel = {
  id: string;
  title: string;
  meaning: string;
  unit: 'share' | 'number';
  series: readonly { metric: string; label: string; isReference?: true }[];
};

export type MakeDifference = (first: PackageFacts, second: PackageFacts) => Difference;

/** Compares two versions' predictions for the same chips. Its memory does not grow with the number of chips. */
export type Difference = {
  /** Counts a chip that both have predicted. Returns how much they differ, to find the chips that changed most. */
  add(first: Said, second: Said): number;
  /**
   * For tasks with maps: counts the pixels of one window of both versions' maps. Writes to `differs` 1 where they differ,
   * and 0 where they agree or one has no prediction.
   */
  addPixels?(first: ArrayLike<number>, second: ArrayLike<number>, differs: Uint8Array): void;
  /** Requires at least one chip. On chips that one version alone has predicted, both do not agree. */
  summary(alone?: number): DifferenceSummary;
};

export type DifferenceSummary = {
  /** The figures, most informative first. */
  figures: Figure[];
  /** The share of chips, or of map pixels, that one or both have predicted on which both agree; only for tasks that predict names. */
  agreement?: number;
  /** For tasks that predict values: the mean absolute difference, in their unit. */
  meanAbsoluteDifference?: number;
  /** How many both have predicted, and how many one alone. */
  counted: { of: 'chip' | 'pixel'; n: number; alone: number };
  /** How often each version predicted each name and, if a chip or map may have several, their Jaccard index; … */
  names?: { name: string; first: number; second: number; iou?: number | null }[];
  /** … and how often the versions differed, for each pair of names, most frequent first. */
  changes?: { first: string; second: string; count: number }[];
};
