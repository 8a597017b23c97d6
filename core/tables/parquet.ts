import { type BasicType, ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { GEOMETRY, geoMetadata } from '../results/geometry.ts';
import type { Cell, Rows } from './table.ts';

/** Rows per row group, which is held in memory until it is written. */
const ROWS_IN_GROUP = 20_000;

/** Writes rows as a Parquet file, one row group in memory at a time. */
export async function* parquetOf({ columns, rows }: Rows): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const sourcesOf = (group: readonly (readonly Cell[])[]) =>
    columns.map(({ name, type }, i) => ({
      name,
      type: type as BasicType,
      nullable: true,
      data: group.map((row) => row[i] ?? null) as unknown[] as number[],
    }));
  const writer = new ByteWriter();
  const isPlaced = columns.some(({ name, type }) => name === GEOMETRY && type === 'BYTE_ARRAY');
  const kvMetadata = isPlaced ? [{ key: 'geo', value: JSON.stringify(geoMetadata([])) }] : []; // [] says that any kind is there
  const schema = schemaFromColumnData({ columnData: sourcesOf([]) });
  const parquet = new ParquetWriter({ writer, schema, kvMetadata });
  const write = (group: readonly (readonly Cell[])[]) =>
    parquet.write({ columnData: sourcesOf(group), rowGroupSize: ROWS_IN_GROUP });

  let group: (readonly Cell[])[] = [];
  for await (const some of rows) {
    for (const row of some) {
      group.push(row);
      if (group.length < ROWS_IN_GROUP) continue;
      await write(group);
      group = [];
      yield taken(writer);
    }
  }
  if (group.length > 0) await write(group);
  await parquet.finish();
  yield taken(writer);
}

/** Returns the bytes written since the last call; file offsets continue. */
function taken(writer: ByteWriter): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(writer.getBuffer());
  writer.index = 0;
  return bytes;
}

/** Writes a few rows as a whole Parquet file. */
export const parquetFile = async (columns: Rows['columns'], rows: readonly (readonly Cell[])[]): Promise<Uint8Array> =>
  new Uint8Array(Buffer.concat(await Array.fromAsync(parquetOf({ columns, rows: [rows] }))));
