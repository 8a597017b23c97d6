import type { PackageFacts } from '../package/facts.ts';
import type { Said } from '../package/task.ts';
import type { Figure } from './shown.ts';

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
