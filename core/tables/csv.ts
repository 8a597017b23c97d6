import { type Rows, textOf } from './rows.ts';
import type { Cell } from './table.ts';

/**
 * Rows as CSV, after RFC 4180, with a head. What is NULL is empty, and a text of nothing is two quotes. A text that a spreadsheet
 * would take for a formula gets an apostrophe in front, as keys and names are their senders' own; numbers stay as they are.
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
export async function* csvOf({ columns, rows }: Rows): AsyncGenerator<string> {
  yield lineOf(columns.map(({ name }) => name));
  for await (const some of rows) if (some.length > 0) yield some.map(lineOf).join('');
}

function lineOf(cells: readonly Cell[]): string {
  return `${cells.map(fieldOf).join(',')}\r\n`;
}

function fieldOf(cell: Cell): string {
  if (cell === null) return '';
  const text = typeof cell === 'string' && isLikeFormula(cell) ? `'${cell}` : textOf(cell);
  return text === '' || SEPARATING.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Some spreadsheets part cells by semicolons or tabs: within quotes, no cell begins behind one. */
const SEPARATING = /[",;\t\r\n]/;

/** What a formula begins with; numbers that are texts, such as those that are too large for others, are none. */
function isLikeFormula(text: string): boolean {
  return /^[=+\-@\t\r\n＝＋－＠]/.test(text) && !/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text);
}
