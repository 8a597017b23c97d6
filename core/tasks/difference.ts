import type { ModelPackage } from '../models/package.ts';
import type { Figure } from './shown.ts';
import type { Said } from './task.ts';

/** Starts to compare what two versions of a task have predicted for the same chips. */
export type MakeDifference = (first: ModelPackage, second: ModelPackage) => Difference;

/** Two versions' predictions for the same chips, so that any number of chips takes the room of a table. */
export type Difference = {
  /** Counts a chip for which both have a prediction. Answers how much they differ, 0 where they say the same: to find those that changed most. */
  add(first: Said, second: Said): number;
  /**
   * Of a task of maps: counts the pixels of one window of both versions' maps, of which `differs` is told where they say another: 1, or 0 for
   * the same and where one says nothing.
   */
  addPixels?(first: ArrayLike<number>, second: ArrayLike<number>, differs: Uint8Array): void;
  /** Of at least one chip. */
  summary(): DifferenceSummary;
};

export type DifferenceSummary = {
  /** The numbers that say it, the most telling first. */
  figures: Figure[];
  /** The share of the chips, or of the pixels of maps, of which both say the same; of a task that predicts names, as far as there are any. */
  agreement?: number;
  /** Of a task that predicts values: by how much both differ on average, without the sign, in their unit. */
  meanAbsoluteDifference?: number;
  /** What is counted, and how much of it there is. */
  counted: { of: 'chip' | 'pixel'; n: number };
  /** How many of which each version has predicted, and where one chip or map has several: the overlap of both, by the Jaccard index; … */
  names?: { name: string; first: number; second: number; iou?: number | null }[];
  /** … and how often one was predicted where the other version says another; the most frequent first. */
  changes?: { first: string; second: string; count: number }[];
};
