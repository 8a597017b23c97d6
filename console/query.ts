import * as z from 'zod';
import { dayOf, daysBefore } from '../core/base/time/days.ts';
import { Refused } from './answer.ts';
import { type Period, periodProblem } from './period.ts';

/** Parsers for query strings. A schema's message says what is allowed. */

export const wholeNumber = (from: number, to: number) => {
  const allowed = `a whole number from ${from} to ${to}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, allowed)
    .transform(Number)
    .refine((value) => value >= from && value <= to, allowed);
};

export const oneOf = <const All extends readonly string[]>(words: All) => z.enum(words, `one of ${words.join(', ')}`);

/** Parses a query; a name without a value counts as absent, an unknown one is ignored. Throws `Refused` with 400. */
export function readQuery<Schema extends z.ZodType>(schema: Schema, query: URLSearchParams): z.output<Schema> {
  const { success, data, error } = schema.safeParse(Object.fromEntries([...query].filter(([, value]) => value !== '')));
  if (success) return data;
  const problems = error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    return `${name}: found ${JSON.stringify(query.get(name))}, allowed is ${message}.`;
  });
  throw new Refused(400, problems.join(' '));
}

/** A page of a list. Pages count from 1; an empty list has one; numbers beyond the last page give the last one. */
export function pageOf<Item>(items: readonly Item[], page: number, size: number) {
  const pages = Math.max(1, Math.ceil(items.length / size));
  const shown = Math.min(page, pages);
  return { items: items.slice((shown - 1) * size, shown * size), page: shown, pages };
}

const day = z.string().optional();
const periodQuery = z.object({ days: wholeNumber(1, 90).optional(), from: day, to: day });

/** The period of a query: today and the `days` UTC days before it, or `from` to `to`, both included. Throws `Refused` with 400. */
export function readPeriod(query: URLSearchParams, usual: number, now: Date): Period {
  const { days, from = '', to = '' } = readQuery(periodQuery, query);
  const today = dayOf(now);
  if (from === '' && to === '') return { from: daysBefore(days ?? usual, now), to: today };
  if (days !== undefined)
    throw new Refused(400, `days: found "${days}" beside from or to, allowed is one or the other.`);
  const problem = periodProblem({ from, to }, today);
  if (problem !== null) throw new Refused(400, problem);
  return { from, to };
}
