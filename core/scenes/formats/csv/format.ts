import type { Plane } from '../../../arrays/dataTypes.ts';
import { attempt, citedStart, InvalidSceneFile, insteadOf } from '../../../base/errors.ts';
import type { Chip, ModelPackage } from '../../../package/package.ts';
import { numberIn } from '../../numberIn.ts';
import { orNaN, planeOfValue } from '../../table/bandValue.ts';
import { matchColumns } from '../../table/columns.ts';
import { makeRowChip } from '../../table/rowChip.ts';
import { makeTextChip, type TextChipOf } from '../../table/textChip.ts';
import { type Format, piecesOf } from '../format.ts';
import { beginsLikeTable } from './delimiter.ts';
import type { Row } from './rows.ts';

/** Text tables, each row of which is one input of a model that takes a row of numbers, or texts. */
export const csv: Format = {
  name: 'CSV',
  sniff: (head, _size, key) => beginsLikeTable(head, key),

  makeReader: (model) =>
    async function* ({ key, chunks }) {
      const { rowsIn } = await import('./rows.ts');
      const table = await makeTable(key, model);
      const checked = model.text === undefined ? chunks : utf8Only(key, chunks);
      for await (const rows of rowsIn(key, checked)) yield table.chips(rows);
      table.end();
    },

  /** Describes the columns of numbers, by the first rows. */
  async describe({ key, size, range }) {
    const text = await range(0, PIECE_BYTES);
    const end = text.length < size ? text.lastIndexOf(LINE_END) + 1 : text.length;
    const { rowsIn } = await import('./rows.ts');
    const found: Row[] = [];
    const whole = { size: end, range: async () => text.subarray(0, end) };
    for await (const rows of rowsIn(key, piecesOf(whole, PIECE_BYTES))) found.push(...rows);
    const [header, ...rows] = found;
    const isNumberOrEmpty = (cell: string) => cell.trim() === '' || valueIn(cell) !== null;
    const isOfNumbers = (_: string, i: number) =>
      rows.every(({ cells }) => isNumberOrEmpty(cells[i]!)) && rows.some(({ cells }) => cells[i]!.trim() !== '');
    const names = header?.cells.filter(isOfNumbers) ?? [];
    return names.map((name) => ({ name: name.trim(), type: 'float64', nodata: null }));
  },

  /** A row has no place other than its number, so the table is read up to it. */
  async readChip(scene, { index }, model) {
    const { key } = scene;
    const { rowsIn } = await import('./rows.ts');
    const table = await makeTable(key, model);
    for await (const rows of rowsIn(key, piecesOf(scene, PIECE_BYTES)))
      for (const chip of table.chips(rows, index)) return chip;
    throw new InvalidSceneFile(`${key}: has no row ${index}, found are ${table.rows()}`);
  },
};

/** A band's value in a cell; as of pandas, `nan` is a missing one. Null if the cell holds neither. */
const valueIn = (cell: string): number | null => (/^nan$/i.test(cell.trim()) ? Number.NaN : numberIn(cell));

const LINE_END = 10;

const PIECE_BYTES = 4 * 1024 ** 2;

/** Reads the chips of a table. Its first row is the header. */
async function makeTable(key: string, model: ModelPackage) {
  const textChip = await makeTextChip(model);
  let readRow: ReturnType<typeof makeRowReader> | undefined;
  let index = 0;
  return {
    rows: () => index,
    /** @param only the one that is wanted; no other is made */
    *chips(rows: readonly Row[], only?: number): Generator<Chip, void, void> {
      for (const row of rows) {
        if (readRow === undefined) readRow = makeRowReader(key, row.cells, model, textChip);
        else if (only !== undefined && only !== index) index += 1;
        else yield readRow(row, index++);
      }
    },
    end(): void {
      if (index === 0)
        throw new InvalidSceneFile(
          `${key}: found ${readRow === undefined ? 'no header' : 'a header and no row'}, allowed is a table with a header and at least one row`,
        );
    },
  };
}

function makeRowReader(key: string, header: readonly string[], model: ModelPackage, textChip: TextChipOf | undefined) {
  const names = header.map((name) => name.trim());
  const columns = matchColumns(key, names, model);
  const rowChip = makeRowChip(model, columns, textChip);
  return ({ cells, line }: Row, index: number): Chip => {
    const where = () => `${key}: line ${line}`;
    const cellIn = (column: number, as?: string) => (as === undefined ? cells[column]!.trim() : cells[column]!);
    return rowChip(index, () => planesOf(cells, where), cellIn, where);
  };

  function planesOf(cells: readonly string[], where: () => string): Plane[] {
    return columns.held.map(({ name, dataType, asMeant }, band) => {
      const cell = cells[columns.bands[band]!]!;
      const number = valueIn(cell);
      const plane = number === null ? null : planeOfValue(dataType, number);
      if (plane !== null) return asMeant(plane);
      throw new InvalidSceneFile(
        `${where()}: column ${name}: found ${cell === '' ? 'an empty cell' : citedStart(cell, 40)}, allowed is ${number === null ? `a number${orNaN(dataType)}` : `a value of ${dataType}`}`,
      );
    });
  }
}

/**
 * Hands on the chunks of a text. Whoever decodes them leniently could not tell a sign of another encoding from a U+FFFD that is written there.
 * @throws {InvalidSceneFile} when they are not UTF-8
 */
async function* utf8Only(key: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const message = `${key}: found texts that are not UTF-8, allowed is UTF-8. Save the file in that encoding.`;
  const wrong = insteadOf(Error, (cause) => new InvalidSceneFile(message, { cause }));
  for await (const chunk of chunks) {
    attempt(() => decoder.decode(chunk, { stream: true }), wrong);
    yield chunk;
  }
  attempt(() => decoder.decode(), wrong);
}
