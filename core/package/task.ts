import type * as z from 'zod';
import type { Plane } from '../arrays/dataTypes.ts';
import type { SampledPixels } from '../statistics/differenceAreas.ts';
import type { KnownPlaces } from '../statistics/stratifiedAreas.ts';
import type { Area } from './area.ts';
import type { Column, Values } from './carry.ts';
import type { ItemFacts, PackageFacts } from './facts.ts';
import type { RuleOfTask } from './gateRules.ts';
import type { Layer } from './layer.ts';
import type { ModelOutput } from './outputLayout.ts';
import type { Check } from './problems.ts';

/**
 * What a model's numbers mean. A new kind of model is a folder beside this file, and a line in the registry. How it is
 * presented (shown.ts) has a registry of its own, so that functions that only classify and judge do not bundle texts.
 */
export interface Task<Sum extends Summed = Summed, Reference = unknown> {
  readonly name: string;

  /** Its names in MLM's `mlm:tasks`. */
  readonly mlmTasks: readonly string[];
  /** Returns whether an output is this task's, for tasks that share an MLM name. */
  takes(
    output: { isOfPixels: boolean; activation: ModelOutput['activation']; isBinary: boolean },
    mlmTask: string,
  ): boolean;
  /** The shape of a model's output for one chip, without the batch dimension. */
  shape(model: Pick<PackageFacts, 'classes' | 'output'>): readonly number[];
  /** What the output must be, in the words of an error. */
  readonly output: { readonly dimensions: string; readonly shape: string; readonly each: string };
  /** Checks what the item says about the output, apart from its shape; `path` is the output's. */
  checkOutput(output: Pick<PackageFacts, 'classes' | 'output'>, path: string, check: Check): void;
  /** Reads `reference.json`, the baseline of drift. Throws `InvalidModelPackage` with a list of all problems. */
  parseReference(json: unknown, model: ItemFacts): Reference;
  readonly truth: Truth;
  /** The column of late truths that scene files cannot state, and whether they are masks, compared with the run's map. If absent, as in scene files. */
  readonly truthLater?: { readonly column: Column; readonly isOfPixels?: true };

  /** The columns of a prediction, which a predictions file has besides each chip's place, file and truth. */
  columns(model: PackageFacts): readonly Column[];
  /**
   * Returns the first output of `chips` chips that the task cannot interpret, with what is allowed, or undefined. Chips
   * without finite numbers are skipped.
   */
  offence(outputs: ArrayLike<number>, chips: number, model: PackageFacts): Offence | undefined;
  /**
   * Decodes a model's outputs for `chips` chips. All columns are null for a chip without a prediction.
   * @param areas of numbers per pixel: the part of its scene's map that each chip has; all of the chip if undefined
   * @returns the values of `columns`, and the planes of `layers`
   */
  decode(scores: ArrayLike<number>, chips: number, model: PackageFacts, areas?: readonly (Area | undefined)[]): Decoded;
  /** The bands of its maps, if its models may have an output per pixel (`output.pixels`). */
  layers?(model: PackageFacts): readonly Layer[];
  /** The columns that every model has, and how to read a chip's prediction from them. */
  readonly said: { readonly columns: readonly Column[]; of(values: Values, chip: number): Said };
  /** Returns a chip's prediction as answered to a request: the fields of docs/requests.md, null without a prediction. */
  answer(values: Values, chip: number, model: PackageFacts): Answered;

  /** The land of each name of the reference, in its order, of tasks whose predictions share the land; undefined if it is not known where any chip lies. */
  hectares?(sum: Sum): readonly number[] | undefined;
  /** The same of a run's chips whose truth is known: of all alike, as the mean of its chips, or of its pixels. Undefined without such chips. */
  knownLand?(sum: Sum): KnownPlaces | SampledPixels | undefined;
  /** If chips may have several names, or none: the number of chips behind the counts, and behind the reference's. */
  readonly labels?: { chips(sum: Sum): number; inReference(model: PackageFacts<Reference>): number };
  /** How far the mean has moved from the reference's, in its standard deviations; null if that is 0. Of predicted numbers. */
  meanShift?(sum: Sum, model: PackageFacts<Reference>): number | null;
  /** The predictions with a known truth, and how many of them are right; null if there are none. Optional. */
  right?(sum: Sum): { n: number; correct: number } | null;
  /** Of predicted numbers: the errors of those with a known truth; undefined if there are none. */
  errors?(sum: Sum): { n: number; sum: number; squares: number } | undefined;
  /** What its models' prediction sets are of; those of chips may have a temperature. Optional. */
  readonly sets?: 'chips' | 'pixels';
  /**
   * Makes a counter of truths.
   * @param mostConfused of a model with more classes, it is not counted which are confused; by default, as many as summaries keep
   */
  countTruths(model: PackageFacts, mostConfused?: number): TruthCounter<Sum>;
  /** The gate rules by which two versions can be compared, besides those on time and on enough data. */
  readonly answers: readonly RuleOfTask[];
  /** What the counts are measured against, under the same names. */
  reference(model: PackageFacts<Reference>): readonly NamedCount[];
  /** Returns the same in the form of `reference.json`, from predictions for data that the model is meant for. */
  referenceOf(sum: Sum, model: PackageFacts<Reference>): { readonly [field: string]: unknown };
  /** Returns what is expected of a mixture, such as of two months, to each of which a share belongs. */
  mix(parts: readonly Part<Reference>[]): Reference;
  /** The values of the task's metrics, published besides drift. Numbers that do not exist are not published. */
  datums(sum: Sum, model: PackageFacts<Reference>): readonly TaskDatum[];
  /** Numbers that follow from a summary, for pages and tables, besides those of every task. Optional. */
  numbers?(sum: Sum): { [name: string]: number | null };

  readonly summary: Summary<Sum, Reference>;
}

/** What a model's numbers say of some chips: the task's columns; of pixels, each chip's layers, row by row. */
export type Decoded = { readonly values: Values; readonly planes: readonly (readonly Plane[])[] | null };

export type Offence = { found: string; allowed: string };

/** The fields of a summary. `task` names its task; a summary without one is of classification. */
export type Summed = {
  /** Predictions counted by the names of the reference, in its order; their sum is the n of the drift score. */
  readonly counts: readonly number[];
  /** Chips whose outputs were not finite. */
  readonly missing: number;
  readonly [field: string]: unknown;
};

export type Part<Reference> = { readonly share: number; readonly reference: Reference };

/** Sums over many predictions, which add up from parts to runs, windows and days. */
export interface Summary<Sum extends Summed, Reference = unknown> {
  /** Validates what is sent between steps and stored; drops other fields. */
  readonly schema: z.ZodType<Sum>;
  zero(model: PackageFacts<Reference>): Sum;
  of(predictions: Values, model: PackageFacts<Reference>): Sum;
  add(a: Sum, b: Sum): Sum;
}

/** The truth that a scene file may state for a chip: an integer, or any number. */
export type Truth = {
  readonly type: 'INT32' | 'DOUBLE';
  /** The name of its column. Each type has its own: readers that take all files as one table expect one type. */
  readonly name: string;
  /** The truths that a model's files may state, also in words, such as `one integer of 0, 1, 2`. */
  allowed(model: PackageFacts): { has(value: number): boolean; words: string };
};

/** A chip's truth: a class's value or a number, or a text with the names of labels or with the comparison of a mask. */
export type TruthValue = number | string;

export type TruthSaid = string | number | readonly string[];

/** A chip's prediction, as a value and in words, its probability, and the chip's truth. */
export type ChipTruth = {
  readonly value: number | null;
  readonly text?: string | null;
  readonly probability?: number | null;
  readonly truth: TruthValue | null;
};

/** Its memory does not grow with the number of chips. */
export type TruthCounter<Sum> = {
  /** Counts a chip, unless its truth or its prediction is missing. */
  add(chip: ChipTruth): void;
  /** The fields of a summary that it counts, which replace those counted before. */
  readonly fields: readonly string[];
  /** Those for what was counted; none if nothing was. */
  counts(): Partial<Sum>;
};

/** A chip's prediction, as far as pages and reports show it; all null if there is none. */
export type Said = {
  /** A class's value, or a number. */
  value: number | null;
  /** The same as people call it. */
  text: string | null;
  /** Its probability, if the model returns one. */
  probability: number | null;
  /** The order in which to look at chips, smallest first. */
  rank: number | null;
  /** The classes that it may be, the most probable first; only of packages with a threshold. */
  set?: string | null;
};

export type Answered = { readonly [field: string]: number | string | null | readonly string[] | NumbersByName };
export type NumbersByName = { readonly [name: string]: number | null };

export type NamedCount = { readonly name: string; readonly count: number };
export type TaskDatum = { metric: string; value: number | null; Class?: string };
