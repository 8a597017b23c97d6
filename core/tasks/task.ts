import type * as z from 'zod';
import type { Area } from '../maps/area.ts';
import type { CogBand, CogSpec } from '../maps/cog/cogSpec.ts';
import type { MapClass } from '../maps/mapClasses.ts';
import type { DataType, Plane } from '../models/dataTypes.ts';
import type { RuleOfTask } from '../models/gateRules.ts';
import type { ModelOutput } from '../models/outputLayout.ts';
import type { ModelPackage, PackageContent } from '../models/package.ts';
import type { Check } from '../models/problems.ts';
import type { Column, Values } from '../predictions/column.ts';

/**
 * What a model's numbers mean. Another kind of model is a folder beside this file, and a line in the registry; how it is told
 * (shown.ts) has a registry of its own, so that what classifies and judges brings no words along.
 */
export interface Task<Sum extends Summed = Summed, Reference = unknown> {
  readonly name: string;

  /** The names that MLM has for it, in `mlm:tasks`. */
  readonly mlmTasks: readonly string[];
  /** Where its models may give each pixel something (`output.pixels`), rather than each chip as a whole: what a map of them is. */
  readonly pixels?: PixelTask;
  /** Of tasks that MLM has one name for: whether it is this one's output. */
  takes(output: { isOfPixels: boolean; activation: ModelOutput['activation'] }): boolean;
  /** The shape of a model's output for one chip; the whole output has the batch in front of it. */
  shape(model: Pick<ModelPackage, 'classes' | 'output'>): readonly number[];
  /** What the output must be, in the words of an error. */
  readonly output: {
    readonly dimensions: string;
    readonly shape: string;
    readonly each: string;
  };
  /** Checks what the item says of the output, beside its shape; `path` is the output's. */
  checkOutput(output: Pick<ModelPackage, 'classes' | 'output'>, path: string, check: Check): void;
  /**
   * Reads `reference.json`, what drift is measured against.
   * @throws {InvalidModelPackage} that lists each problem
   */
  parseReference(json: unknown, model: PackageContent): Reference;
  readonly truth: Truth;
  /** What somebody may say later is true of a chip, of a task whose files of scenes cannot say it; else the same as theirs. */
  readonly truthLater?: TruthLater;

  /** What a prediction consists of, and a file of predictions beside each chip's place, file and truth. */
  columns(model: ModelPackage): readonly Column[];
  /**
   * The first thing that a model has put out for one of so many chips and that the task cannot mean, with what is allowed, or
   * undefined. Chips for which the model has no finite numbers are passed over.
   */
  offence(outputs: ArrayLike<number>, chips: number, model: ModelPackage): Offence | undefined;
  /**
   * Makes predictions of what a model has put out for so many chips, one after the other; null throughout where there is
   * none for a chip.
   *
   * @returns the values of `columns`
   */
  decode(outputs: ArrayLike<number>, chips: number, model: ModelPackage): Values;
  /** Those of the columns that every model has, and what they say of a chip. */
  readonly said: { readonly columns: readonly Column[]; of(values: Values, chip: number): Said };
  /** What whoever asked for a chip's prediction is answered: the fields of docs/requests.md, null where there is none. */
  answer(values: Values, chip: number, model: ModelPackage): Answered;

  /** Predictions counted by the names of the reference, in its order; together they are the n of the drift score. */
  counts(sum: Sum): readonly number[];
  /** Of a task whose chips may have several of the names, or none: of how many chips the counts are, and the reference's. */
  readonly labels?: { chips(sum: Sum): number; inReference(model: ModelPackage<Reference>): number };
  /** Chips whose outputs were not finite. */
  missing(sum: Sum): number;
  /** The share of predictions that are right, of those whose files say what is true; null where none does. Not of every task. */
  accuracy?(sum: Sum): number | null;
  /** Whether its models' probabilities may be calibrated by a temperature. Not of every task. */
  readonly takesTemperature?: true;
  /**
   * How far the 95 % interval of that share lies below what the package expects of it (`swath:expected_accuracy`), from its upper
   * end: above 0 where chance does not explain it. Null where nobody says what is true, or the package expects nothing.
   */
  shortfall?(sum: Sum, model: ModelPackage<Reference>): number | null;
  /**
   * A run's summary with what is true of its chips by now, in the place of what its files said. Of all of them that were
   * predicted, what was and what is true, null where nobody says it.
   */
  withTruths(sum: Sum, chips: Iterable<ChipTruth>, model: ModelPackage): Sum;
  /** The rules of a gate that two versions of it can be judged by, beside those of time and of enough data. */
  readonly answers: readonly RuleOfTask[];
  /** What the counts are measured against, under the same names. */
  reference(model: ModelPackage<Reference>): readonly NamedCount[];
  /** The same as `reference.json` would have it, of predictions on data that the model is meant for. */
  referenceOf(sum: Sum, model: ModelPackage<Reference>): { readonly [field: string]: unknown };
  /** What is published beside drift: values of the task's metrics. A number that there is none of is not published. */
  datums(sum: Sum, model: ModelPackage<Reference>): readonly TaskDatum[];
  /** How rows of tables keep it, of the task whose rows former releases wrote; of all others, in one attribute. */
  readonly stored?: Stored<Sum>;

  readonly summary: Summary<Sum, Reference>;
}

/** What a task makes of a model's numbers for pixels. `decode` of the task says of each chip what comes to it as a whole. */
export interface PixelTask {
  /** The planes that a map has, in the order of `decode`. */
  layers(model: ModelPackage): readonly Layer[];
  /** Makes of what a model has put out for so many chips their columns and their planes, of the pixels of each chip's area. */
  decode(outputs: Plane, model: ModelPackage, areas: readonly Area[]): DecodedPixels;
}

/** The task's columns; and of each chip each layer's values, row by row. */
export type DecodedPixels = { readonly values: Values; readonly planes: readonly (readonly Plane[])[] };

/** A band of a map. */
export type Layer = CogBand & {
  /** Which of a run's maps it is in; all of one map have one type, nodata and resampling. */
  readonly map: MapName;
  readonly dataType: DataType;
  /** Stands for pixels without data, and those for which the model had no finite number. */
  readonly nodata: number;
  readonly resampling: CogSpec['resampling'];
  /** What the values stand for, where they are names. */
  readonly classes?: readonly MapClass[];
};
export type MapName = 'predictions' | 'probabilities';

export type Offence = { found: string; allowed: string };

/**
 * The fields of a summary. `task` says which task's it is; one without is classification's, which was the only one up to
 * release 0.5.0.
 */
export type Summed = { readonly [field: string]: unknown };

/** What is kept of many predictions together: of a part, and by addition of a run, a window, a day. */
export interface Summary<Sum extends Summed, Reference = unknown> {
  /** Of what is sent between steps, and kept. It leaves other fields out. */
  readonly schema: z.ZodType<Sum>;
  zero(model: ModelPackage<Reference>): Sum;
  of(predictions: Values, model: ModelPackage<Reference>): Sum;
  add(a: Sum, b: Sum): Sum;
}

/** What a scene file may say is true of a chip: whole numbers, or any. */
export type Truth = {
  readonly type: 'INT32' | 'DOUBLE';
  /** What its column is called. Each type has a name of its own: who reads the files of all models as one table knows a column by one type. */
  readonly name: string;
  /** Which of them a model's files may have; and the same in words, such as `one integer of 0, 1, 2`. */
  allowed(model: ModelPackage): { has(value: number): boolean; words: string };
};

/** What is true of a chip: a class's value, or a number; or in a text the names of labels, or how a mask's pixels compare with the map's. */
export type TruthValue = number | string;

/** What somebody says later is true of a chip, in whichever form it comes. */
export type TruthSaid = string | number | readonly string[];

/** Where it is kept in the table of what was said later, and whether it is a mask, which is told beside its run's own map. */
export type TruthLater = { readonly column: Column; readonly isOfPixels?: true };

/** What was predicted for a chip, as a value and in words, how probable it is, and what is true of the chip. */
export type ChipTruth = {
  readonly value: number | null;
  readonly text?: string | null;
  readonly probability?: number | null;
  readonly truth: TruthValue | null;
};

/** What was predicted for a chip, as far as a page or a report tells it; null throughout where there is none. */
export type Said = {
  /** A class's value, or a number. */
  value: number | null;
  /** The same as people call it. */
  text: string | null;
  /** How probable it is, where the model says so. */
  probability: number | null;
  /** Chips are looked at in this order, the smallest first. */
  rank: number | null;
};

export type Answered = { readonly [field: string]: number | string | null | readonly string[] | NumbersByName };
/** A number for each class, or null where there is none. */
export type NumbersByName = { readonly [name: string]: number | null };

export type NamedCount = { readonly name: string; readonly count: number };
export type TaskDatum = { metric: string; value: number | null; Class?: string };

/** The attributes that a run's row has of a summary, and a window's row of the numbers that follow from it. */
export interface Stored<Sum> {
  inRow(sum: Sum, model: ModelPackage): StoredCounts;
  ofRow(row: StoredCounts): Sum;
  /** Beside those of every task. */
  numbers(sum: Sum): { [name: string]: number | null };
}

/** Attributes that the index by day has: of a deployed table it cannot be changed what an index holds. */
export type StoredCounts = { classes: StoredCount[]; missing: number; probabilitySum: number };
/** With the summary as JSON, where a task has no attributes of its own. */
export type StoredCount = {
  name: string;
  count: number;
  summary?: string | undefined;
  /** What the run keeps of its source bands' values, in the first entry. */
  bands?: string | undefined;
  /** Predicted chips that are of the class by what their files say, and those of them that were predicted to be; 0 is left out. */
  truth?: number | undefined;
  right?: number | undefined;
  /** Predicted to be of the class, and of another one by what is true; 0 is left out, as it is in rows of former releases. */
  wrong?: number | undefined;
  /** Which other classes those that are of the class were predicted to be, by their places in the package, and how many of each. */
  taken?: [predicted: number, count: number][] | undefined;
  /** How probable predictions were beside how many are right, of all classes, in the first entry. */
  reliability?: string | undefined;
};
