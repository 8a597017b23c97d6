import { readFile, writeFile } from 'node:fs/promises';
import {
  errorNamed,
  InvalidMessage,
  InvalidModelPackage,
  insteadOf,
  NotPromotable,
  RefusedByGate,
} from '../../core/base/errors.ts';
import { isDay } from '../../core/base/time/days.ts';
import { SqlMistake } from '../../core/tables/sqlMistake.ts';
import { NoDataFolder } from '../../local/stack/dataFolder.ts';
import { explainAwsError } from './explainAwsError.ts';
import { printable } from './text.ts';

/** The command was called in a way that cannot work: exit code 2. */
export class WrongUse extends errorNamed('WrongUse') {}

/** What is wrong with an option: what was found, and what is allowed, as `is …` or `are …`. */
export const refused = (option: string, found: string | undefined, allowed: string): WrongUse =>
  new WrongUse(`${option}: found ${JSON.stringify(found)}, allowed ${allowed}.`);

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

export const readNamed = (path: string): Promise<Buffer> =>
  readFile(path).catch(wrongFile((code) => `${path}: cannot be read (${code}).`));

export async function writeNamed(option: string, path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(path, content).catch(wrongFile((code) => `${option}: ${path} cannot be written (${code}).`));
}

const wrongFile = (why: (code?: string) => string) =>
  insteadOf(Error, (cause: NodeJS.ErrnoException) => new WrongUse(why(cause.code), { cause }));

/** Whether Ctrl-C has ended a command: what it waited for was called off. */
const isInterruption = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

const WRONG_USES = [WrongUse, SqlMistake, InvalidMessage, NoDataFolder, InvalidModelPackage, NotPromotable];

export function exitCodeOf(error: unknown): number {
  if (isInterruption(error)) return 130;
  if (WRONG_USES.some((one) => error instanceof one)) return 2;
  return error instanceof Error && explainAwsError(error)?.isWrongUse === true ? 2 : 1;
}

/** An error in plain words, safe to print whatever file names it contains. Several problems get a line each. */
export function sentenceOf(error: unknown): string {
  if (error instanceof InvalidModelPackage && error.problems.length > 1) {
    const where = error.message.slice(0, -error.problems.join('; ').length).trimEnd();
    return [where, ...error.problems.map((problem) => `  ${problem}`)].map(printable).join('\n');
  }
  if (error instanceof RefusedByGate)
    return [error.what, ...error.refusals.map((one) => `  ${one}`)].map(printable).join('\n');
  return printable(error instanceof Error ? explained(error) : String(error));
}

function explained(error: Error): string {
  if (isInterruption(error)) return 'interrupted.';
  const { code, port, address } = error as NodeJS.ErrnoException & { port?: number; address?: string };
  if (code === 'EADDRINUSE')
    return `port ${port} on ${address} is in use. Name another one with --port, or leave it out to use a free one.`;
  if (/ENOSPC|EDQUOT|no space left/i.test(`${code} ${error.message}`))
    return `the disk is full (${error.message}). Make room, then run the same command again.`;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return `${error.message}. Choose a folder that you may write to with --data-dir.`;
  return explainAwsError(error)?.sentence ?? error.message;
}
