import { type ColumnMetaData, type FileMetaData, parquetMetadata, parquetSchema, type SchemaTree } from 'hyparquet';
import { citedStart, InvalidSceneFile } from '../../../base/errors.ts';
import { MAX_PARQUET_FOOTER_BYTES } from '../../../base/limits.ts';
import type { RasterSource } from '../../raster/raster.ts';
import { isKnownCodec } from './codecs.ts';
import { structEnd } from './thrift.ts';

export type Footer = { readonly metadata: FileMetaData; readonly columns: readonly SchemaTree[] };

/** The footer's length and the magic bytes at a file's end; the magic bytes are also at its start. */
const TAIL_BYTES = 8;
const MARK_BYTES = 4;
/** Most footers fit into the first request. */
const USUAL_BYTES = 64 * 1024;

/**
 * Reads a file's footer. https://parquet.apache.org/docs/file-format/
 * @throws {InvalidSceneFile} when the footer is invalid, or larger than allowed
 */
export async function readFooter({ key, size, range }: RasterSource): Promise<Footer> {
  const damaged = (what: string) => new InvalidSceneFile(`${key}: is not a complete Parquet file: ${what}`);
  const first = Math.min(size, USUAL_BYTES);
  let end = await range(size - first, first);
  const mark = Buffer.from(end.subarray(-MARK_BYTES)).toString('latin1');
  if (size < MARK_BYTES + TAIL_BYTES || end.length < TAIL_BYTES || mark !== 'PAR1')
    throw damaged(`it ends with ${citedStart(mark, 4)}, allowed is PAR1. It was cut short, or is still being written`);
  const bytes = new DataView(end.buffer, end.byteOffset, end.length).getUint32(end.length - TAIL_BYTES, true);
  if (bytes > size - TAIL_BYTES - MARK_BYTES)
    throw damaged(`its footer is said to take ${bytes} bytes, and there are ${size}`);
  if (bytes > MAX_PARQUET_FOOTER_BYTES)
    throw new InvalidSceneFile(
      `${key}: found a footer of ${bytes} bytes, allowed are at most ${MAX_PARQUET_FOOTER_BYTES}. Write it with larger row groups.`,
    );
  const wanted = bytes + TAIL_BYTES;
  if (wanted > end.length) end = await range(size - wanted, wanted);
  const footer = end.slice(-wanted);
  if (structEnd(footer.subarray(0, bytes), 0) === undefined) throw damaged('its footer is damaged');
  try {
    const metadata = parquetMetadata(footer, { geoparquet: false });
    const columns = parquetSchema(metadata).children;
    if (columns.every(({ element }) => typeof element.name === 'string')) return { metadata, columns };
    throw new RangeError('a column without a name');
  } catch (cause) {
    throw new InvalidSceneFile(`${key}: is not a complete Parquet file: its footer is damaged`, { cause });
  }
}

export type ColumnChunk = ReturnType<typeof columnChunk>;

/** @throws {InvalidSceneFile} when the column is not in the file, or its compression is not supported */
export function columnChunk({ key, size }: RasterSource, { metadata }: Footer, group: number, name: string) {
  const where = `${key}: column ${citedStart(name, 40)}: group of rows ${group}`;
  const { columns, num_rows: rowCount } = metadata.row_groups[group]!;
  const found = columns.find(({ meta_data: about }) => about?.path_in_schema?.[0] === name);
  const about: ColumnMetaData | undefined = found?.meta_data;
  if (found === undefined || about === undefined || found.file_path)
    throw new InvalidSceneFile(`${where}: is not in the file, allowed are files that hold all of their columns`);
  if (!isKnownCodec(about.codec))
    throw new InvalidSceneFile(
      `${where}: found the compression ${about.codec}, allowed are none, Snappy, gzip, Zstandard and Brotli`,
    );
  const [rows, bytes] = [Number(rowCount), Number(about.total_compressed_size)];
  const places = [about.dictionary_page_offset, about.data_page_offset].map(Number);
  const start = Math.min(...places.filter((place) => place > 0));
  if (!(start >= MARK_BYTES && bytes > 0 && start + bytes <= size))
    throw new InvalidSceneFile(`${where}: is damaged: it is said to take ${bytes} bytes from byte ${start} on`);
  if (!(rows >= 0) || Number(about.num_values) !== rows)
    throw new InvalidSceneFile(`${where}: is damaged: found ${about.num_values} values of ${rows} rows`);
  return { codec: about.codec, name, start, bytes, rows };
}
