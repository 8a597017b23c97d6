import * as z from 'zod';

/**
 * A parameter of the service. Its default is in serverless.yml, under `params`; what it means is in meanings.json, one
 * sentence without its full stop, for docs/deploy.md.
 */
export type Parameter = {
  type: 'number' | 'text' | 'yes or no';
  /** Parses a value from YAML, or from a command line or environment, where everything is text. */
  schema: z.ZodType<string | number | boolean>;
  /** Completes the sentence "allowed is …", unless allowed.json does. */
  allowed?: string;
  /** Whether alarms, panels and the command line depend on it: a stage then publishes its value. */
  isObserved?: true;
};

/** Rejects empty text, which would otherwise pass as 0. */
const anyNumber = z.union([z.number(), z.string().trim().min(1).pipe(z.coerce.number<string>())]);

export const number = (schema: z.ZodType<number, number>) =>
  ({ type: 'number', schema: anyNumber.pipe(schema) }) as const;

/** An integer within an inclusive range, which allowed.json puts into words. */
export const whole = (least: number, most: number) => number(z.int().min(least).max(most));

/** An integer amount of something, within an inclusive range. */
export const upTo = (most: number, what: string, least = 1) =>
  ({ ...whole(least, most), allowed: `a whole number of ${what} from ${least} to ${most}` }) as const;

/** A hundred years: far more would lead to dates that do not exist. */
export const MOST_DAYS = 36_500;

export const text = (schema: z.ZodType<string>) => ({ type: 'text', schema }) as const;

export const matching = (pattern: RegExp) => text(z.string().regex(pattern));

export const yesOrNo = { type: 'yes or no', schema: z.union([z.boolean(), z.literal(['true', 'false'])]) } as const;

/** One on which alarms, panels and the command line depend. */
export const observed = <One extends object>(parameter: One) => ({ ...parameter, isObserved: true }) as const;
