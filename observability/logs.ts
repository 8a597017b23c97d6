import * as z from 'zod';
import { jsonIn } from '../core/base/errors.ts';

/** A line that a function has logged, or that Lambda has written about it. */
export type LogLine = {
  id: string;
  time: string;
  function: string;
  /** The event of our own lines, such as `infer.done`; null for any other line. */
  event: string | null;
  fields: Record<string, unknown>;
  /** The text of any other line, such as that the function ran out of time; null for our own. */
  text: string | null;
};

export type LogQuery = {
  from: Date;
  to: Date;
  run?: string;
  functions?: string[];
  /** At most this many lines, the newest. */
  limit: number;
};

/** The functions' log lines, wherever they are kept. */
export type LogReader = {
  /** Lines, the oldest first. */
  read: (query: LogQuery) => Promise<LogLine[]>;
  functions: () => Promise<string[]>;
};

const ownLineSchema = z.looseObject({ time: z.iso.datetime(), event: z.string() });

/** Parses a line; `where` supplies what the line itself may lack. */
export function parseLogLine(text: string, where: Pick<LogLine, 'id' | 'time' | 'function'>): LogLine {
  const own = ownLineSchema.safeParse(jsonIn(text));
  if (!own.success) return { ...where, event: null, fields: {}, text: text.trimEnd() };
  const { time, event, ...fields } = own.data;
  return { ...where, time, event, fields, text: null };
}
