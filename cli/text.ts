import { createRequire } from 'node:module';
import { stripVTControlCharacters, styleText } from 'node:util';

export { printable } from '../core/printable.ts';

type Alignment = 'left' | 'right';

/** Lines of columns, each as wide as its widest cell; the first line is the head. */
export function table(head: string[], rows: string[][], alignment: Alignment[] = []): string {
  const lines = [head.map((cell) => dim(cell)), ...rows];
  const widths = head.map((_, i) => Math.max(...lines.map((line) => width(line[i] ?? ''))));
  return lines.map((line) => aligned(line, widths, alignment)).join('\n');
}

/** One line of columns that are so wide. */
export function aligned(cells: string[], widths: number[], alignment: Alignment[] = []): string {
  return cells
    .map((cell, i) => {
      const space = ' '.repeat(Math.max(0, widths[i]! - width(cell)));
      return alignment[i] === 'right' ? space + cell : cell + space;
    })
    .join('  ')
    .trimEnd();
}

/** Lines of a name and what it stands for. */
export function pairs(lines: [string, string][], indent = '  '): string {
  const longest = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `${indent}${dim(name.padEnd(longest))}  ${value}`).join('\n');
}

/** A text in lines of so many columns at most, broken between words where it can be; what is too much of it ends in an ellipsis. */
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

/** A word that is too long for a line, as a path may be, in pieces. */
function piecesOf(word: string, columns: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const letter of word) {
    if (width(piece + letter) > columns) {
      pieces.push(piece);
      piece = '';
    }
    piece += letter;
  }
  return [...pieces, piece];
}

/** How many rows of a terminal a text takes. */
export function rowsOf(text: string, columns: number): number {
  return text.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(width(line) / columns)), 0);
}

/** How many columns of a terminal a text takes. */
export function width(cell: string): number {
  const shown = stripVTControlCharacters(cell);
  return /^[\x20-\x7e]*$/.test(shown) ? shown.length : widthOfAny(shown);
}

let stringWidth: typeof import('string-width').default | undefined;

/** What knows emoji and wide letters takes longer to load than all else of a short command, so most go without it. */
function widthOfAny(text: string): number {
  stringWidth ??= createRequire(import.meta.url)('string-width').default as typeof import('string-width').default;
  return stringWidth(text);
}

/** The beginning of a text, as much as fits into so many columns of a terminal. */
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

/** Colours a state, of a run or an alarm, or a verdict by what it asks of the reader. */
export function coloured(word: string): string {
  if (/^(FAILED|INVALID|ALARM|drift)/.test(word)) return styled('red', word);
  if (/^(DONE|OK|no drift)/.test(word)) return styled('green', word);
  return styled('yellow', word);
}

/** Text in a style, where stdout shows styles. */
export function styled(style: Parameters<typeof styleText>[0], text: string): string {
  return styleText(style, text, { stream: process.stdout });
}
