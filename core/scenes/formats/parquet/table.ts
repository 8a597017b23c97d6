import type { SchemaTree } from 'hyparquet';
import { isFloat, makePlane, type Plane } from '../../../arrays/dataTypes.ts';
import { citedStart, InvalidSceneFile } from '../../../base/errors.ts';
import type { SourceBand } from '../../../package/facts.ts';
import type { Chip, ModelPackage } from '../../../package/package.ts';
import type { RasterSource } from '../../raster/raster.ts';
import { isHeld, orNaN } from '../../table/bandValue.ts';
import { matchColumns } from '../../table/columns.ts';
import { makeRowChip } from '../../table/rowChip.ts';
import { makeTextChip } from '../../table/textChip.ts';
import { decodeColumn, kindOf, type Value } from './columns.ts';
import { type ColumnChunk, columnChunk, readFooter } from './footer.ts';

/** Reads a table's row groups as chips of a model; `range` reads their columns. */
export async function tableOf(source: RasterSource, model: ModelPackage, mostBytes: number, range = source.range) {
  const { key } = source;
  const footer = await readFooter(source);
  const header = footer.columns.map(({ element }) => element.name);
  const columns = matchColumns(key, header, model);
  const textChip = await makeTextChip(model);
  const bands = textChip === undefined ? columns.held : [];
  const rowChip = makeRowChip(model, columns, textChip);
  for (const [band, { name }] of bands.entries())
    assertReadable(key, name, footer.columns[columns.bands[band]!]!, 'numbers: whole ones, floats and booleans');
  const texts = textChip === undefined ? [] : columns.bands;
  const others = [...texts, columns.truth, ...columns.carried].filter((column) => column !== null);
  for (const column of others) assertReadable(key, header[column]!, footer.columns[column]!, 'numbers and texts');

  const counts = footer.metadata.row_groups.map(({ num_rows: rows }) => Number(rows));
  const starts: number[] = [];
  let rows = 0;
  for (const count of counts) {
    starts.push(rows);
    rows += count;
  }
  if (!(rows > 0)) throw new InvalidSceneFile(`${key}: found a table without rows, allowed is at least one`);
  // The bands of all rows, plus one column while it is decoded.
  const bytesPerRow = bands.reduce((sum, { bytesPerChip }) => sum + bytesPerChip, 8);

  async function read(group: number) {
    const count = counts[group]!;
    const first = starts[group]!;
    if (count * bytesPerRow > mostBytes)
      throw new InvalidSceneFile(
        `${key}: found ${count} rows in its group ${group}, which take ${count * bytesPerRow} bytes, allowed are at most ${mostBytes} (the parameter maxRecordBytes). Write it with smaller row groups, such as row_group_size=${Math.max(1, Math.floor(mostBytes / bytesPerRow))}.`,
      );
    const used = count === 0 ? [] : [...new Set([...columns.bands, ...others])];
    // In the order in which they are stored, because the file streams by.
    const chunks = used
      .map((column): [number, ColumnChunk] => [column, columnChunk(source, footer, group, header[column]!)])
      .toSorted(([, a], [, b]) => a.start - b.start);
    const planes: Plane[] = [];
    const kept = new Map<number, readonly Value[]>();
    for (const [column, chunk] of chunks) {
      const where = `${key}: column ${citedStart(chunk.name, 40)}`;
      if (chunk.bytes > mostBytes)
        throw new InvalidSceneFile(
          `${where}: found ${chunk.bytes} bytes in the group of rows ${group}, allowed are at most ${mostBytes} (the parameter maxRecordBytes). Write it with smaller row groups.`,
        );
      const bytes = await range(chunk.start, chunk.bytes);
      const values = decodeColumn(where, footer.columns[column]!, chunk, bytes, mostBytes);
      for (const [band, of] of bands.entries())
        if (columns.bands[band] === column) planes[band] = of.asMeant(planeOf(where, of, values, first));
      if (others.includes(column)) kept.set(column, values);
    }

    function chipAt(index: number): Chip {
      const at = index - first;
      const cellIn = (column: number, as?: 'STRING' | 'DOUBLE') => {
        const cell = kept.get(column)![at]!;
        const isBoolean = cell !== null && footer.columns[column]!.element.type === 'BOOLEAN';
        return isBoolean && as === 'STRING' ? String(cell === 1) : cell;
      };
      const ofRow = () => planes.map((plane) => plane.subarray(at, at + 1));
      return rowChip(index, ofRow, cellIn, () => `${key}: row ${index}`);
    }
    return {
      chipAt,
      *chips(): Generator<Chip, void, void> {
        for (let row = 0; row < count; row += 1) yield chipAt(first + row);
      },
    };
  }

  return {
    rows,
    count: counts.length,
    read,
    /** The group of a row; -1 for a row that no group has. */
    groupOf: (index: number) => starts.findIndex((start, group) => index >= start && index < start + counts[group]!),
  };
}

function assertReadable(key: string, name: string, column: SchemaTree, allowed: string): void {
  const kind = kindOf(column);
  if (kind === 'number' || (kind === 'text' && allowed.includes('texts'))) return;
  throw new InvalidSceneFile(
    `${key}: column ${citedStart(name, 40)}: found ${kind === 'text' ? 'texts' : kind.other}, allowed are ${allowed}`,
  );
}

/** Converts a column's values to the package's type, and checks each. */
function planeOf(where: string, { dataType }: SourceBand, values: readonly Value[], first: number): Plane {
  const plane = makePlane(dataType, values.length);
  for (let i = 0; i < values.length; i += 1) {
    const found = values[i]!;
    if (found === null)
      throw new InvalidSceneFile(
        `${where}: row ${first + i}: found no value, allowed is a value of ${dataType}${orNaN(dataType)}`,
      );
    const value = Number(found);
    plane[i] = value;
    if (
      !isHeld(dataType, value, plane[i]!) ||
      (typeof found === 'bigint' && !isFloat(dataType) && BigInt(value) !== found)
    )
      throw new InvalidSceneFile(`${where}: row ${first + i}: found ${found}, allowed is a value of ${dataType}`);
  }
  return plane;
}
