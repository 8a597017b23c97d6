import { jsonLine } from '../base/text/jsonLine.ts';
import { type Cell, type Rows, textOf } from './table.ts';

/** Writes rows as JSON Lines, one object per line. An integer that JSON readers would round becomes a text. */
export async function* jsonLinesOf({ columns, rows }: Rows): AsyncGenerator<string> {
  const names = columns.map(({ name }) => name);
  const lineOf = (row: readonly Cell[]) =>
    `${jsonLine(Object.fromEntries(row.map((cell, i) => [names[i]!, jsonOf(cell)])))}\n`;
  for await (const some of rows) if (some.length > 0) yield some.map(lineOf).join('');
}

function jsonOf(cell: Cell): string | number | boolean | null {
  if (typeof cell === 'bigint') return Number.isSafeInteger(Number(cell)) ? Number(cell) : String(cell);
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : String(cell);
  return cell instanceof Date || cell instanceof Uint8Array ? textOf(cell) : cell;
}
