import type { Calibration } from '../calibration/calibration.ts';
import type { AccuracyEstimate } from '../calibration/estimateAccuracy.ts';
import type { ModelPackage } from '../models/package.ts';
import type { Said, Summed, TruthValue } from './task.ts';

/**
 * How a task is told: its words, the numbers beside the drift, its charts. It is plain knowledge, too; who shows it draws the
 * charts, and says where the words stand.
 */
export interface Shown<Sum extends Summed = Summed, Reference = unknown> {
  readonly name: string;
  readonly words: Words;
  /** Predictions by name, as far as a summary has the names: of classes that rows have not in attributes of their own. */
  named?(sum: Sum): readonly { name: string; count: number }[];
  /** Numbers of a run that need no package to be told. */
  brief(sum: Sum): readonly Figure[];
  /** Numbers that are told beside the drift score. */
  figures(sum: Sum, model: ModelPackage<Reference>): readonly Figure[];
  /** How right the predictions are, as far as files say what is true; null where none does, or it is not a matter of right or wrong. */
  rightness(sum: Sum, model: ModelPackage<Reference>): Rightness | null;
  /** How right a window's predictions are, as far as it is known what is true; null where nobody says it, or the task keeps nothing of it. */
  accuracy(sum: Sum, model: ModelPackage<Reference>): Accuracy | null;
  /** How right the predictions are, estimated without truth; null where the package has nothing to estimate by. Not of every task. */
  estimate?(sum: Sum, model: ModelPackage<Reference>): AccuracyEstimate | null;
  /** How well the probabilities tell how right the predictions are; null where files say nothing that is true. Not of every task. */
  calibration?(sum: Sum): Calibration | null;
  /** What is true of a chip, in words, and whether it was predicted; null where nobody says, or it is not a matter of right or wrong. */
  told(chip: Compared, model: ModelPackage): { truth: string | null; isRight: boolean | null };
  /** Of a task of values: how far a prediction is off, without the sign; null where it or the truth is missing. */
  error?(chip: Compared): number | null;
  /** Starts to compare predictions with what is true. */
  compare(model: ModelPackage): Comparison;
  readonly metrics: Readonly<Record<string, TaskMetric>>;
  readonly panels: readonly TaskPanel[];
}

/** Nouns for what is predicted, and sentences that need more than a noun. */
export type Words = {
  /** `class` */
  one: string;
  /** `classes` */
  many: string;
  /** What to look at when predictions drift. */
  lookAt: string;
  /** How chips are sorted by rank, the smallest first and last. */
  order: { first: string; last: string };
  /** The chips of the smallest ranks, as a report shows them. */
  chips: { title: string; meaning: string };
};

/** A number that is told, with a word on what it is of. */
export type Figure = { name: string; value: number | null; unit: 'share' | 'number'; note?: string };

export type Rightness = {
  /** The share that is right. */
  figure: Figure & { value: number };
  /** Predictions of which it is known what is true. */
  chips: number;
  /** The same in a sentence, beside what a plain guess would be right for. */
  sentence: string;
  /**
   * Whether fewer are right than by that guess, or than the package expects: `surely` by more than chance explains, else `maybe`; null where
   * they are not, or few are known.
   */
  isWorse: 'surely' | 'maybe' | null;
};

export type Compared = Pick<Said, 'value'> &
  Partial<Pick<Said, 'text' | 'probability'>> & {
    truth: TruthValue | null;
  };

/** Predictions against what is true, chip by chip, so that any number of chips takes the room of a table. */
export type Comparison = {
  add(chip: Compared): void;
  /** Null where no chip had a truth. */
  accuracy(): Accuracy | null;
};

/** How right predictions are, over the chips of which it is known what is true. */
export type Accuracy = {
  /** Chips with a truth and a prediction. */
  n: number;
  /** The one number that says it, … */
  figure: Figure;
  /** … its 95 % confidence interval, where there is one, … */
  interval?: readonly [low: number, high: number];
  /** … and what the package expects of it; `isMissed` where the interval lies wholly below. */
  expected?: { value: number; isMissed: boolean };
  /** Other numbers that say it. */
  figures?: Figure[];
  /** The same in sentences. */
  sentence: string;
  /** That the predictions are worse than a plain guess, with what to do; null where they are not. */
  warning: string | null;
  /** How well the probabilities tell it, of a task that has some. */
  calibration?: Calibration;
  /** Whether it is not kept what is taken for what: of chips that may have several names, and of pixels. */
  withoutConfusion?: true;
  /** Of a task that predicts one of a few names, or several: what is known of each of them, … */
  classes?: NameAccuracy[];
  /** … and how often which was taken for which; pairs that never came are left out. */
  confusion?: { truth: string; predicted: string; count: number }[];
  /** Wrong predictions that are in no pair, since a former release has counted them; precision is null then. */
  unplaced?: number;
};

export type NameAccuracy = {
  name: string;
  /** Chips that are of the name, that were predicted to be, and both. */
  truth: number;
  predicted: number;
  correct: number;
  /** correct / truth; null where no chip is of the name. */
  recall: number | null;
  /** correct / predicted; null where none was predicted to be, or it is not known of all. */
  precision: number | null;
  /** 2 × correct / (truth + predicted), where chips may have several names; null where neither says the name. */
  f1?: number | null;
  /** correct / (truth + predicted − correct), of pixels; null likewise. */
  iou?: number | null;
};

export type TaskMetric = { meaning: string; isByClass?: true };

export type TaskPanel = {
  id: string;
  title: string;
  meaning: string;
  unit: 'share' | 'number';
  series: readonly { metric: string; label: string; isReference?: true }[];
};
