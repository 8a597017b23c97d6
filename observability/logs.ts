import * as z from 'zod';

/** A line that a function has logged, or that Lambda itself has written about it. */
export type LogLine = {
  /** The same whenever the line is read, and no other's. */
  id: string;
  time: string;
  function: string;
  /** What our own lines are about, such as `infer.done`; null for any other line. */
  event: string | null;
  /** All else that one of our own lines says. */
  fields: Record<string, unknown>;
  /** What any other line says, such as that the function ran out of time; null for one of our own. */
  text: string | null;
};

export type LogQuery = {
  from: Date;
  to: Date;
  /** Only lines that name this run. */
  run?: string;
  /** Only lines of these functions; default: of all. */
  functions?: string[];
  /** So many of the newest lines at most. */
  limit: number;
};

/** The functions' log lines, wherever they are kept. */
export type LogReader = {
  /** The oldest first. */
  read: (query: LogQuery) => Promise<LogLine[]>;
  /** The names of the functions that have a log. */
  functions: () => Promise<string[]>;
};

const ownLineSchema = z.looseObject({ time: z.iso.datetime(), event: z.string() });

/** A line by what it says; `where` tells what the line itself may not. */
export function parseLogLine(text: string, where: Pick<LogLine, 'id' | 'time' | 'function'>): LogLine {
  const own = ownLineSchema.safeParse(jsonOrNothing(text));
  if (!own.success) return { ...where, event: null, fields: {}, text: text.trimEnd() };
  const { time, event, ...fields } = own.data;
  return { ...where, time, event, fields, text: null };
}

/** What a text says in JSON; undefined where it is none. */
export function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
