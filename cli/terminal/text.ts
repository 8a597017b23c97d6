import { createRequire } from 'node:module';
import { stripVTControlCharacters, styleText } from 'node:util';
import { jsonLine } from '../../core/base/text/jsonLine.ts';

export { printable } from '../../core/base/text/printable.ts';

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

/** Formats one line of columns of the given widths. */
export const aligned = (cells: string[], widths: number[], alignment = ''): string =>
  cells
    .map((cell, i) => {
      const space = ' '.repeat(Math.max(0, widths[i]! - width(cell)));
      return alignment[i] === 'r' ? space + cell : cell + space;
    })
    .join('  ')
    .trimEnd();

/** Formats names and values, one pair on each line. */
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

/** Cuts a text to the given number of terminal columns. */
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
  if (/^(DONE|OK|no drift)/.test(word)) return styled('green', word);
  return styled('yellow', word);
}

/** Text in a style, where stdout shows styles. */
export const styled = (style: Parameters<typeof styleText>[0], text: string): string =>
  styleText(style, text, { stream: process.stdout });
