import type * as z from 'zod';
import type { Chip } from '../package/chip.ts';
import type { ModelPackage } from '../package/package.ts';
import type { Summed, TaskDatum } from '../package/task.ts';
import type { Verdict } from '../statistics/verdict.ts';

/**
 * What is measured on the chips themselves, independent of the model's predictions. A new measure is a folder beside this
 * file, and a line in the registry: nothing else that counts, stores, judges or publishes knows its name.
 */
export interface Measure<Sum extends Summed = Summed, Judged extends object = object> {
  readonly name: string;
  /** Validates the sums over many chips; drops other fields. */
  readonly schema: z.ZodType<Sum>;
  readonly zero: Sum;
  add(a: Sum, b: Sum): Sum;
  /** Looks at the chips of a file, one by one, including blank ones. */
  look(model: ModelPackage): { at(chip: Chip, isBlank: boolean): void; sum(): Sum };
  /** The fields of a run's row that hold its sums. */
  readonly row: { write(sum: Sum): object; read(row: object): Sum };
  /** For a measure that the package says something of. */
  readonly expected?: Expected<Sum, Judged>;
  datums(sum: Sum & Partial<Judged>): readonly TaskDatum[];
}

/** Compares what was measured with what the package says of it. */
export interface Expected<Sum extends Summed, Judged extends object> {
  /** What a judgement keeps of the comparison; undefined where the package says nothing, or nothing was measured. */
  judge(sum: Sum, model: ModelPackage, limits: VerdictLimits): Judged | undefined;
  verdicts(judged: Partial<Judged>): readonly Verdict[];
  /** The fields of a judgement, of the measure's, that are kept for days alone: for a run they would cost several KB per write. */
  readonly onlyOfDays: readonly string[];
  /** What moved furthest; undefined where nothing can be told. */
  mover(judged: Partial<Judged>, model: ModelPackage): Mover<Sum> | undefined;
}

/** The limits that a verdict depends on: the score above which it is drift, and the least number of chips. */
export type VerdictLimits = { threshold: number; minimum: number };

/** Something that moved a window. */
export type Mover<Sum> = {
  sentence: string;
  /** How far a run moves the window in that direction, by its number of chips and their distance. */
  pull(run: Sum): number;
  /** The run's own number. */
  there(run: Sum): string;
};
