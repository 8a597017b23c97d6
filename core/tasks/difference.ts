import type { ModelPackage } from '../models/package.ts';
import type { Figure } from './shown.ts';
import type { Said } from './task.ts';

/** Starts to compare what two versions of a task have predicted for the same chips. */
export type MakeDifference = (first: ModelPackage, second: ModelPackage) => Difference;

/** Two versions' predictions for the same chips, so that any number of chips takes the room of a table. */
export type Difference = {
  /** Counts a chip for which both have a prediction. Answers how much they differ, 0 where they say the same: to find those that changed most. */
  add(first: Said, second: Said): number;
  /** Of at least one chip. */
  summary(): DifferenceSummary;
};

export type DifferenceSummary = {
  /** The numbers that say it, the most telling first. */
  figures: Figure[];
  /** Of a task that predicts one of a few names: how many of which each version has predicted, … */
  names?: { name: string; first: number; second: number }[];
  /** … and how often one was predicted where the other version says another; the most frequent first. */
  changes?: { first: string; second: string; count: number }[];
};
