import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { stripVTControlCharacters, styleText } from 'node:util';
import {
  errorNamed,
  InvalidMessage,
  InvalidModelPackage,
  insteadOf,
  NotPromotable,
  RefusedByGate,
} from '../../core/base/errors.ts';
import { jsonLine } from '../../core/base/text/jsonLine.ts';
import { printable } from '../../core/base/text/printable.ts';
import { isDay } from '../../core/base/time/days.ts';
import { instantIn } from '../../core/base/time/instant.ts';
import { SqlMistake } from '../../core/tables/sqlMistake.ts';
import { NoDataFolder } from '../../local/stack/dataFolder.ts';
import { explainAwsError } from './explainAwsError.ts';

export { printable };

/** Prints a result on stdout: for scripts as JSON, or in words. */
export const print = (asJson: boolean | undefined, result: unknown, words: () => string): void =>
  console.log(asJson === true ? jsonLine(result) : words());

/** The default width of a terminal; longer lines, such as paths, take several rows. */
export const COLUMNS = 80;

/** Formats a table below its head, each column as wide as its widest cell, and aligned by a letter such as in `lrr`. */
export function table(head: string[], rows: string[][], alignment = ''): string {
  const lines = [head.map((cell) => dim(cell)), ...rows];
  const widths = head.map((_, i) => Math.max(...lines.map((line) => width(line[i] ?? ''))));
  return lines.map((line) => aligned(line, widths, alignment)).join('\n');
}

export const aligned = (cells: string[], widths: number[], alignment = ''): string =>
  cells
    .map((cell, i) => {
      const space = ' '.repeat(Math.max(0, widths[i]! - width(cell)));
      return alignment[i] === 'r' ? space + cell : cell + space;
    })
    .join('  ')
    .trimEnd();

export function pairs(lines: [string, string][], indent = '  '): string {
  const longest = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `${indent}${dim(name.padEnd(longest))}  ${value}`).join('\n');
}

/** Wraps a text to the given columns, between words where possible; the rest is cut with an ellipsis. */
export function wrapped(text: string, columns: number, mostLines = Number.POSITIVE_INFINITY): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ +/).flatMap((one) => piecesOf(one, columns))) {
    if (line !== '' && width(line) + 1 + width(word) > columns) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  if (lines.length <= mostLines) return lines;
  const last = lines[mostLines - 1]!;
  return [...lines.slice(0, mostLines - 1), `${width(last) < columns ? last : last.slice(0, -1)}…`];
}

/** Splits a word that is too long for a line, such as a path. */
function piecesOf(word: string, columns: number): string[] {
  const first = width(word) <= columns ? word : fitting(word, columns);
  return first === word ? [word] : [first, ...piecesOf(word.slice(first.length), columns)];
}

/** How many terminal columns a text takes. */
export function width(cell: string): number {
  const shown = stripVTControlCharacters(cell);
  if (/^[\x20-\x7e]*$/.test(shown)) return shown.length;
  stringWidth ??= createRequire(import.meta.url)('string-width').default as typeof import('string-width').default;
  return stringWidth(shown);
}

/** Loaded on demand: the library for wide characters takes longer to load than the rest of a short command. */
let stringWidth: typeof import('string-width').default | undefined;

export function fitting(text: string, columns: number): string {
  let used = 0;
  let end = 0;
  for (const { segment, index } of new Intl.Segmenter().segment(text)) {
    used += width(segment);
    if (used > columns) break;
    end = index + segment.length;
  }
  return text.slice(0, end);
}

export const dim = (text: string): string => styled('dim', text);
export const bold = (text: string): string => styled('bold', text);

/** Colours the state of a run or an alarm, or a verdict, by its urgency. */
export function coloured(word: string): string {
  if (/^(FAILED|INVALID|ALARM|drift)/.test(word)) return styled('red', word);
  return /^(DONE|OK|no drift)/.test(word) ? styled('green', word) : styled('yellow', word);
}

/** Text in a style, where stdout shows styles. */
export const styled = (style: Parameters<typeof styleText>[0], text: string): string =>
  styleText(style, text, { stream: process.stdout });

/** The command was called in a way that cannot work: exit code 2. */
export class WrongUse extends errorNamed('WrongUse') {}

/** What is wrong with an option: what was found, and what is allowed, as `is …` or `are …`. */
export const refused = (option: string, found: string | undefined, allowed: string): WrongUse =>
  new WrongUse(`${option}: found ${JSON.stringify(found)}, allowed ${allowed}.`);

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Parses an age such as 12h, or a date, into a point in time; `option` is named in errors. */
export function timeOf(option: string, text: string, now = new Date()): Date {
  const age = /^(\d+)([mhd])$/.exec(text);
  const stated = isDay(text) ? text : instantIn(text, Infinity); // of a day also 1970-01-01, since which all is
  const passed = age ? Number(age[1]) * UNITS[age[2] as keyof typeof UNITS] : Number.NaN;
  const date = new Date(stated ?? now.getTime() - passed);
  if (Number.isNaN(date.getTime()))
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

const NONE = { end: () => {}, above: (print: () => void) => print() };
let line = NONE;

/** Removes the line that is shown, if there is one: whoever is interrupted says how to go on in its place. */
export const endProgress = (): void => line.end();

/** Prints above the line that is shown, if there is one, and counts anew. */
export const aboveProgress = (print: () => void): void => line.above(print);

/** Shows a line of progress on stderr, if a terminal. Calling or disposing removes it. */
export function showProgress(describe: () => string) {
  const isShown = process.stderr.isTTY === true && process.env['TERM'] !== 'dumb';
  let started = Date.now();
  const draw = () => {
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    // Cut after making it printable: a line that is too long would wrap, and its first part would not be erased.
    const text = fitting(printable(`${describe()}  ${seconds} s`), (process.stderr.columns ?? COLUMNS) - 1);
    process.stderr.write(`\r\u001b[2K${dim(text)}`);
  };
  const erase = () => {
    if (isShown) process.stderr.write('\r\u001b[2K');
  };
  const timer = isShown ? setInterval(draw, 200) : undefined;
  if (isShown) draw();
  const end = () => {
    clearInterval(timer);
    erase();
    line = NONE;
  };
  const above = (print: () => void) => {
    erase();
    print();
    started = Date.now();
    if (isShown) draw();
  };
  line = { end, above };
  return Object.assign(end, { [Symbol.dispose]: end });
}
