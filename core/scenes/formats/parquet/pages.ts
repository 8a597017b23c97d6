import { parquetHeader } from 'hyparquet/src/column.js';
import { InvalidSceneFile } from '../../../base/errors.ts';
import { structEnd } from './thrift.ts';

export type PageHeader = ReturnType<typeof parquetHeader>;

/**
 * Returns the pages of a column with their headers before any is unpacked: together they must hold as many values as the group
 * has rows, and must not exceed the allowed bytes.
 * @throws {InvalidSceneFile} when they do not; the message begins with `where`
 */
export function pagesOf(where: string, bytes: Uint8Array, rows: number, mostBytes: number) {
  const damaged = (what: string) => new InvalidSceneFile(`${where}: is damaged: ${what}`);
  const pages: { header: PageHeader; content: Uint8Array }[] = [];
  let [at, values, unpacked] = [0, 0, 0];
  while (values < rows) {
    if (at >= bytes.length) throw damaged(`found ${values} values of ${rows} rows`);
    if (structEnd(bytes, at) === undefined) throw damaged(`its page at byte ${at} has no header`);
    const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: at };
    const header = parquetHeader(reader);
    // A damaged header may hold a wider number, which is read as a bigint.
    const [packed, size] = [Number(header.compressed_page_size), Number(header.uncompressed_page_size)];
    at = reader.offset + packed;
    if (!(packed >= 0 && size >= 0 && at <= bytes.length)) throw damaged('a page extends beyond its end');
    pages.push({ header, content: bytes.subarray(reader.offset, at) });
    unpacked += size;
    if (unpacked > mostBytes)
      throw new InvalidSceneFile(
        `${where}: found more than ${mostBytes} bytes unpacked, which is the limit (the parameter maxRecordBytes). Write it with smaller row groups.`,
      );
    const { data_page_header: first, data_page_header_v2: second, dictionary_page_header: dictionary } = header;
    const page = first ?? second;
    // A dictionary value takes at least two bytes.
    if (dictionary !== undefined && !(dictionary.num_values >= 0 && dictionary.num_values <= size))
      throw damaged(`a dictionary of ${dictionary.num_values} values in ${size} bytes`);
    if (page !== undefined) {
      const count = Number(page.num_values);
      if (!(count > 0)) throw damaged(`a page of ${count} values`);
      values += count;
    }
  }
  if (values !== rows) throw damaged(`found ${values} values of ${rows} rows`);
  return pages;
}
