import type * as z from 'zod';
import type { Chip, ModelPackage } from '../package/package.ts';
import type { TaskDatum } from '../package/task.ts';

/**
 * What is measured on the chips themselves, independent of the model's predictions. A new measure is a folder beside this
 * file, and a line in the registry: nothing else that counts, stores or publishes knows its name. What the package says of it
 * has a registry of its own (expectedRegistry.ts), so that functions that only count do not bundle the judging.
 */
export interface Measure<Sum extends object = object> {
  /** Validates the sums over many chips; drops other fields. */
  readonly schema: z.ZodType<Sum>;
  readonly zero: Sum;
  add(a: Sum, b: Sum): Sum;
  /** Looks at the chips of a file, one by one, including blank ones. */
  look(model: ModelPackage): { at(chip: Chip, isBlank: boolean): void; sum(): Sum };
  readonly row: { write(sum: Sum): object; read(row: object): Sum };
  datums(sum: Sum): readonly TaskDatum[];
}
