import type { Plane } from '../../../arrays/dataTypes.ts';
import { InvalidSceneFile } from '../../../base/errors.ts';
import { MAX_TABLE_COLUMNS } from '../../../base/limits.ts';
import { citedStart } from '../../../base/text/cited.ts';
import { jsonIn } from '../../../base/text/jsonIn.ts';
import type { Chip } from '../../../package/chip.ts';
import type { ModelPackage } from '../../../package/package.ts';
import { planeOfValue } from '../../table/bandValue.ts';
import { matchColumns, type TableColumns } from '../../table/columns.ts';
import { type Cell, makeRowChip } from '../../table/rowChip.ts';
import { makeTextChip } from '../../table/textChip.ts';

/** Reads the chips of the rows. Lines may differ in their members; empty ones are none. */
export async function makeTable(key: string, model: ModelPackage) {
  const textChip = await makeTextChip(model);
  const matched = new Map<string, ReturnType<typeof columnsOf>>();
  let [line, index] = [0, 0];

  function columnsOf(names: readonly string[]) {
    const columns = matchColumns(`${key}: line ${line}`, names, model);
    return { columns, rowChip: makeRowChip(model, columns) };
  }

  function chipOf(text: string): Chip {
    const at = line;
    const where = () => `${key}: line ${at}`;
    const row = jsonIn(text);
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw new InvalidSceneFile(`${where()}: found ${citedStart(text, 40)}, allowed is a JSON object`);
    const names = Object.keys(row);
    const known = JSON.stringify(names);
    const { columns, rowChip } = matched.get(known) ?? columnsOf(names);
    if (matched.size < MAX_TABLE_COLUMNS) matched.set(known, { columns, rowChip });
    const cells: unknown[] = Object.values(row);
    const cellIn = (column: number): Cell => {
      const cell = cells[column] ?? null;
      if (cell === null || typeof cell === 'string' || typeof cell === 'number') return cell;
      if (typeof cell === 'boolean') return Number(cell);
      throw new InvalidSceneFile(
        `${where()}: ${citedStart(names[column]!, 40)}: found ${Array.isArray(cell) ? 'a list' : 'an object'}, allowed is a text or a number`,
      );
    };
    const texts = () => columns.bands.map((column) => String(cellIn(column) ?? ''));
    const from = textChip?.(texts()) ?? { planes: planesOf(columns, cellIn, where) };
    return rowChip(index++, from, columns.truth === null ? null : cellIn(columns.truth), cellIn, where);
  }

  function planesOf({ bands }: TableColumns, cellIn: (column: number) => Cell, where: () => string): Plane[] {
    return model.source.bands.map(({ name, dataType }, band) => {
      const cell = cellIn(bands[band]!);
      const plane = typeof cell === 'number' ? planeOfValue(dataType, cell) : null;
      if (plane !== null) return plane;
      throw new InvalidSceneFile(
        `${where()}: ${name}: found ${cell === null ? 'null' : citedStart(String(cell), 40)}, allowed is a number of ${dataType}`,
      );
    });
  }

  return {
    *chips(lines: readonly string[]): Generator<Chip, void, void> {
      for (const text of lines) {
        line += 1;
        if (text.trim() !== '') yield chipOf(line === 1 ? text.replace(/^\ufeff/, '') : text);
      }
    },
  };
}
