import type { Plane } from '../../../arrays/dataTypes.ts';
import { citedStart, InvalidSceneFile, jsonIn } from '../../../base/errors.ts';
import { MAX_TABLE_COLUMNS } from '../../../base/limits.ts';
import { jsonLine } from '../../../base/text/jsonLine.ts';
import type { Chip, ModelPackage } from '../../../package/package.ts';
import { planeOfValue } from '../../table/bandValue.ts';
import { matchColumns, type TableColumns } from '../../table/columns.ts';
import { type Cell, makeRowChip } from '../../table/rowChip.ts';
import { makeTextChip } from '../../table/textChip.ts';

/** Makes what reads the chip of a row: an object whose members are a table's columns. `InvalidSceneFile` begins with `where`. */
export async function makeReadRow(model: ModelPackage) {
  const textChip = await makeTextChip(model);
  const matched = new Map<string, ReturnType<typeof columnsOf>>();

  function columnsOf(names: readonly string[], where: string) {
    const columns = matchColumns(where, names, model);
    return { columns, rowChip: makeRowChip(model, columns, textChip) };
  }

  function chipOf(row: object, index: number, where: () => string): Chip {
    const names = Object.keys(row);
    const known = JSON.stringify(names);
    const { columns, rowChip } = matched.get(known) ?? columnsOf(names, where());
    if (matched.size < MAX_TABLE_COLUMNS) matched.set(known, { columns, rowChip });
    const cells: unknown[] = Object.values(row);
    const cellIn = (column: number): Cell => {
      const cell = cells[column] ?? null;
      if (cell === null || typeof cell === 'string') return cell;
      if (typeof cell === 'boolean') return String(cell);
      if (typeof cell === 'number' && (Number.isSafeInteger(cell) || !/^-?(\d+|Infinity)$/.test(String(cell))))
        return cell;
      const digits = Number.isFinite(cell) ? String(cell).length : 'more than 308';
      throw new InvalidSceneFile(
        `${where()}: ${citedStart(names[column]!, 40)}: found ${typeof cell === 'number' ? `a whole number of ${digits} digits` : Array.isArray(cell) ? 'a list' : 'an object'}, allowed is a text or a number whose digits JSON keeps, up to 2^53`,
      );
    };
    return rowChip(index, () => planesOf(columns, cells, where), cellIn, where);
  }

  function planesOf({ bands, held }: TableColumns, cells: readonly unknown[], where: () => string): Plane[] {
    return held.map(({ name, dataType, asMeant }, band) => {
      const cell = cells[bands[band]!];
      const isNumber = Number.isFinite(cell) || typeof cell === 'boolean';
      const plane = isNumber ? planeOfValue(dataType, Number(cell)) : null;
      if (plane !== null) return asMeant(plane);
      throw new InvalidSceneFile(
        `${where()}: ${name}: found ${citedStart(typeof cell === 'number' ? String(cell) : jsonLine(cell ?? null), 40)}, allowed is a number of ${dataType}`,
      );
    });
  }

  return chipOf;
}

/** Reads the chips of the rows. Lines may differ in their members; empty ones are none. */
export async function makeTable(key: string, model: ModelPackage) {
  const readRow = await makeReadRow(model);
  let [line, index] = [0, 0];

  function chipOf(text: string): Chip {
    const at = line;
    const where = () => `${key}: line ${at}`;
    const row = jsonIn(text);
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw new InvalidSceneFile(`${where()}: found ${citedStart(text, 40)}, allowed is a JSON object`);
    return readRow(row, index, where);
  }

  return {
    /** @param only the one that is wanted; no other is made */
    *chips(lines: readonly string[], only?: number): Generator<Chip, void, void> {
      for (const text of lines) {
        line += 1;
        if (text.trim() === '') continue;
        if (only === undefined || only === index) yield chipOf(text);
        index += 1;
      }
    },
  };
}
