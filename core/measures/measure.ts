import type * as z from 'zod';
import type { ModelPackage } from '../models/package.ts';
import type { Chip } from '../scenes/chip.ts';
import type { Summed, TaskDatum } from '../tasks/task.ts';

/**
 * What is told of the chips themselves, whatever a model makes of them. Another measure is a folder beside this file, and a
 * line in the registry. Its summary adds up as a task's does, and stands beside it.
 */
export interface Measure<Sum extends Summed = Summed> {
  readonly name: string;
  /** Of what is kept of many chips. It leaves other fields out. */
  readonly schema: z.ZodType<Sum>;
  readonly zero: Sum;
  add(a: Sum, b: Sum): Sum;
  /** Looks at the chips of a file, one after the other, blank ones too. */
  look(model: ModelPackage): { at(chip: Chip, isBlank: boolean): void; sum(): Sum };
  datums(sum: Sum): readonly TaskDatum[];
}
