import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet';
import { type BasicType, parquetWriteBuffer } from 'hyparquet-writer';

/** The columns that the predictions of a release did not have yet. */
const LATER = { '0.4.0': ['digest', 'scene', 'run'], '0.5.0': ['scene', 'run'] };

/** The same file of predictions as a release would have written it. */
export async function writtenBy(release: keyof typeof LATER, bytes: Uint8Array): Promise<Uint8Array> {
  const file = new Uint8Array(bytes).buffer;
  const rows = await parquetReadObjects({ file });
  const columns = parquetSchema(parquetMetadata(file)).children.map(({ element }) => element);
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: columns
        .filter(({ name }) => !LATER[release].includes(name))
        .map(({ name, type, converted_type, repetition_type }) => ({
          name,
          type: (converted_type === 'UTF8' ? 'STRING' : type) as BasicType,
          nullable: repetition_type === 'OPTIONAL',
          data: rows.map((row) => row[name]),
        })),
    }),
  );
}
