import * as z from 'zod';

/** A parameter of the service. Its default stands in serverless.yml, under `params`. */
export type Parameter = {
  type: 'number' | 'text' | 'yes or no';
  /** Reads a value as YAML has it, or as a command line and an environment do, where everything is text. */
  schema: z.ZodType<string | number | boolean>;
  /** What ends the sentence "allowed is …". */
  allowed: string;
  /** One sentence without its full stop, for docs/deploy.md. */
  meaning: string;
  /** Whether alarms, panels and the command line depend on it: a stage then says it of itself. */
  isObserved?: true;
  /** The value in a stage of a release before this one, which says nothing of it. */
  formerly?: string | number | boolean;
};

/** Never an empty text, which would pass as 0. */
const anyNumber = z.union([z.number(), z.string().trim().min(1).pipe(z.coerce.number<string>())]);

export const number = (schema: z.ZodType<number, number>, allowed: string) =>
  ({ type: 'number', schema: anyNumber.pipe(schema), allowed }) as const;

/** A whole number from the least to the most, both included. */
export const whole = (least: number, most = Number.MAX_SAFE_INTEGER, allowed = `a whole number from ${least} on`) =>
  number(z.int().min(least).max(most), allowed);

/** A whole number of something, from the least to the most of it. */
export const upTo = (most: number, what: string, least = 1) =>
  whole(least, most, `a whole number of ${what} from ${least} to ${most}`);

export const text = (schema: z.ZodType<string>, allowed: string) => ({ type: 'text', schema, allowed }) as const;
