import { type Rows, textOf } from './rows.ts';
import type { Cell } from './table.ts';

/** Rows as CSV, after RFC 4180, with a head. What is NULL is empty, and a text of nothing is two quotes. */
export async function* csvOf({ columns, rows }: Rows): AsyncGenerator<string> {
  yield lineOf(columns.map(({ name }) => name));
  for await (const some of rows) if (some.length > 0) yield some.map(lineOf).join('');
}

function lineOf(cells: readonly Cell[]): string {
  return `${cells.map(fieldOf).join(',')}\r\n`;
}

function fieldOf(cell: Cell): string {
  if (cell === null) return '';
  const text = textOf(cell);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
