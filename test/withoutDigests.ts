import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet';
import { type BasicType, parquetWriteBuffer } from 'hyparquet-writer';

/** The same file of predictions as releases up to 0.4.0 would have written it: without the column `digest`. */
export async function withoutDigests(bytes: Uint8Array): Promise<Uint8Array> {
  const file = new Uint8Array(bytes).buffer;
  const rows = await parquetReadObjects({ file });
  const columns = parquetSchema(parquetMetadata(file)).children.map(({ element }) => element);
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: columns
        .filter(({ name }) => name !== 'digest')
        .map(({ name, type, converted_type, repetition_type }) => ({
          name,
          type: (converted_type === 'UTF8' ? 'STRING' : type) as BasicType,
          nullable: repetition_type === 'OPTIONAL',
          data: rows.map((row) => row[name]),
        })),
    }),
  );
}
