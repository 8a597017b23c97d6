import { type Cell, type Rows, textOf } from './table.ts';

/**
 * Writes rows as CSV by RFC 4180, with a header, but with lines that end as shells expect it. NULL is an empty field, an empty text is two quotes. A text that a
 * spreadsheet would take for a formula is prefixed with an apostrophe, because keys and names come from senders; numbers
 * stay as they are. https://owasp.org/www-community/attacks/CSV_Injection
 */
export async function* csvOf({ columns, rows }: Rows): AsyncGenerator<string> {
  yield lineOf(columns.map(({ name }) => name));
  for await (const some of rows) if (some.length > 0) yield some.map(lineOf).join('');
}

/** Many readers skip an empty line, which NULL alone would be. */
const lineOf = (cells: readonly Cell[]): string => `${cells.map(fieldOf).join(',') || '""'}\n`;

function fieldOf(cell: Cell): string {
  if (cell === null) return '';
  const text = typeof cell === 'string' && isLikeFormula(cell) ? `'${cell}` : textOf(cell);
  return text === '' || SEPARATING.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Returns the text that a field of `csvOf` stands for. */
export const withoutApostrophe = (text: string): string =>
  text.startsWith("'") && isLikeFormula(text) ? text.slice(1) : text;

/** Some spreadsheets separate cells by semicolons or tabs; quoting keeps them from starting a cell. */
const SEPARATING = /[",;\t\r\n]/;

/** Returns whether a text begins like a formula, or like one behind apostrophes, which are to be kept; texts that are numbers, such as very large ones, do not count. */
const isLikeFormula = (text: string): boolean =>
  /^'*[=+\-@\t\r\n＝＋－＠]/.test(text) && !/^'*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text);
