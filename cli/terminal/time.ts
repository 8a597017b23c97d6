import { isDay } from '../../core/base/time/days.ts';
import { refused } from './failure.ts';

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Parses an age such as 12h, or a date, into a point in time; `option` is named in errors. */
export function timeOf(option: string, text: string, now = new Date()): Date {
  const age = /^(\d+)([mhd])$/.exec(text);
  const date = new Date(age ? now.getTime() - Number(age[1]) * UNITS[age[2] as keyof typeof UNITS] : Date.parse(text));
  const [day] = /^\d{4}-\d\d-\d\d/.exec(text) ?? []; // there is no 30 February
  if (Number.isNaN(date.getTime()) || (day !== undefined && !isDay(day)))
    throw refused(option, text, 'is an age such as 90m, 12h or 3d, or a date such as 2026-01-31');
  return date;
}
