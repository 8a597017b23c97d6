import { crc32 } from 'node:zlib';
import type { SchemaElement, SchemaTree } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { citedStart, InvalidSceneFile } from '../../../base/errors.ts';
import { unpack } from './codecs.ts';
import { deltas, hybrid, joinedStreams, type Reader, readerOf, take } from './encodings.ts';
import type { ColumnChunk } from './footer.ts';
import { structEnd } from './thrift.ts';

export type Value = number | bigint | string | null;

/**
 * Decodes one column of one row group from its bytes.
 * @param most the bytes of its values, unpacked
 * @throws {InvalidSceneFile} when they are damaged or encoded in an unsupported way; the message begins with `where`
 */
export function decodeColumn(where: string, column: SchemaTree, chunk: ColumnChunk, bytes: Uint8Array, most: number) {
  const { element } = column;
  const { codec, rows } = chunk;
  const pages = pagesOf(where, bytes, rows, most);
  const values: Value[] = [];
  let dictionary: Value[] = [];
  try {
    for (const { header, content } of pages) addPage(header, content);
  } catch (cause) {
    if (cause instanceof InvalidSceneFile) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidSceneFile(`${where}: is damaged (${citedStart(why, 200)})`, { cause });
  }
  return values;

  function addPage(header: PageHeader, content: Uint8Array): void {
    const { type, uncompressed_page_size: size, data_page_header: first, data_page_header_v2: second } = header;
    const { dictionary_page_header: words } = header;
    if (type === 'DICTIONARY_PAGE' && words !== undefined)
      dictionary = plain(readerOf(unpack(codec, content, size)), element, words.num_values);
    else if (type === 'DATA_PAGE' && first !== undefined)
      addValues(readerOf(unpack(codec, content, size)), null, first);
    else if (type === 'DATA_PAGE_V2' && second !== undefined) {
      const { definition_levels_byte_length: length, is_compressed: isPacked } = second;
      if (second.repetition_levels_byte_length > 0) throw new RangeError('a page of lists');
      const levels = readerOf(take(readerOf(content), length));
      const rest = content.subarray(length);
      addValues(readerOf(isPacked === false ? rest : unpack(codec, rest, size - length)), levels, second);
    }
  }

  function addValues(reader: Reader, levels: Reader | null, { num_values: count, encoding }: DataHeader): void {
    const isThere = element.repetition_type === 'REQUIRED' ? null : hybrid(levels ?? sized(reader), 1, count);
    const present = isThere === null ? count : isThere.reduce((sum, level) => sum + level, 0);
    const found = encoded(reader, element, present, encoding, dictionary);
    if (found === undefined)
      throw new InvalidSceneFile(`${where}: found the encoding ${encoding}, allowed are ${ALLOWED}`);
    for (let i = 0, next = 0; i < count; i += 1)
      values.push(isThere === null || isThere[i] === 1 ? found[next++]! : null);
  }
}

const ALLOWED = 'PLAIN, RLE, dictionaries, BYTE_STREAM_SPLIT, DELTA_BINARY_PACKED and DELTA_LENGTH_BYTE_ARRAY';

/** Returns the part of a page whose length precedes it. */
function sized(reader: Reader): Reader {
  const [length] = [readerOf(take(reader, 4)).view.getUint32(0, true)];
  return readerOf(take(reader, length));
}

/** Decodes `count` values; undefined for an unsupported encoding. */
function encoded(reader: Reader, element: SchemaElement, count: number, encoding: string, dictionary: Value[]) {
  const { type } = element;
  if (encoding === 'PLAIN') return plain(reader, element, count);
  if (encoding === 'RLE_DICTIONARY' || encoding === 'PLAIN_DICTIONARY') {
    if (count === 0) return [];
    return Array.from(hybrid(reader, take(reader, 1)[0]!, count), (index) => {
      const value = dictionary[index];
      if (value === undefined) throw new RangeError(`a dictionary has no value ${index}`);
      return value;
    });
  }
  if (encoding === 'RLE' && type === 'BOOLEAN') return Array.from(hybrid(sized(reader), 1, count));
  if (encoding === 'BYTE_STREAM_SPLIT' && type !== 'BOOLEAN' && type !== 'BYTE_ARRAY')
    return plain(joinedStreams(reader, sizeOf(element), count), element, count);
  if (encoding === 'DELTA_BINARY_PACKED' && (type === 'INT32' || type === 'INT64'))
    return deltas(reader, type === 'INT32' ? 32 : 64, count).map((value) => wholeOf(element, value));
  if (encoding === 'DELTA_LENGTH_BYTE_ARRAY' && type === 'BYTE_ARRAY')
    return deltas(reader, 32, count).map((length) => utf8.decode(take(reader, Number(length))));
  return undefined;
}

const utf8 = new TextDecoder();

const sizeOf = ({ type }: SchemaElement): number =>
  type === 'INT64' || type === 'DOUBLE' ? 8 : type === 'FIXED_LEN_BYTE_ARRAY' ? 2 : 4;

function plain(reader: Reader, element: SchemaElement, count: number): Value[] {
  const { type } = element;
  if (type === 'BOOLEAN') {
    const bits = take(reader, Math.ceil(count / 8));
    return Array.from({ length: count }, (_, i) => (bits[i >> 3]! >> (i & 7)) & 1);
  }
  if (type === 'BYTE_ARRAY')
    return Array.from({ length: checked(reader, 4, count) }, () => utf8.decode(sized(reader).bytes));
  const size = sizeOf(element);
  const { view } = readerOf(take(reader, size * count));
  return Array.from({ length: count }, (_, i) => {
    const at = i * size;
    if (type === 'FLOAT') return view.getFloat32(at, true);
    if (type === 'DOUBLE') return view.getFloat64(at, true);
    if (type === 'FIXED_LEN_BYTE_ARRAY') return view.getFloat16(at, true);
    return wholeOf(element, type === 'INT64' ? view.getBigInt64(at, true) : BigInt(view.getInt32(at, true)));
  });
}

/** Returns the count if that many values of at least `least` bytes can follow; checked before an array is allocated. */
function checked({ bytes, at }: Reader, least: number, count: number): number {
  if (count * least > bytes.length - at) throw new RangeError('a page ends too soon');
  return count;
}

/** Returns integers of up to 32 bits as numbers; unsigned ones are stored as signed. */
function wholeOf({ type, logical_type: said, converted_type: converted }: SchemaElement, value: bigint): Value {
  const isUnsigned = (said?.type === 'INTEGER' && !said.isSigned) || converted?.startsWith('UINT_') === true;
  if (type === 'INT64') return isUnsigned ? BigInt.asUintN(64, value) : value;
  return Number(isUnsigned ? BigInt.asUintN(32, value) : value);
}

/** Returns what a supported column holds; `other` names an unsupported type. */
export function kindOf({ element, children }: SchemaTree): 'number' | 'text' | { other: string } {
  if (children.length > 0 || element.repetition_type === 'REPEATED') return { other: 'values within one another' };
  const said = element.logical_type?.type ?? element.converted_type;
  if (element.type === 'BYTE_ARRAY') return TEXTS.includes(said) ? 'text' : { other: said ?? 'raw bytes' };
  if (said !== undefined && !NUMBERS.test(said)) return { other: said };
  return isPlainNumber(element) ? 'number' : { other: element.type ?? 'nothing' };
}

const TEXTS: readonly (string | undefined)[] = ['STRING', 'UTF8', 'ENUM'];
/** pyarrow gives a column without any value the type NULL: no value of it is ever read. */
const NUMBERS = /^(INTEGER|U?INT_\d+|FLOAT16|NULL)$/;

function isPlainNumber({ type, logical_type: said, type_length: length }: SchemaElement): boolean {
  if (type === 'FIXED_LEN_BYTE_ARRAY') return said?.type === 'FLOAT16' && length === 2;
  return ['BOOLEAN', 'INT32', 'INT64', 'FLOAT', 'DOUBLE'].includes(type ?? '') && said?.type !== 'FLOAT16';
}

type PageHeader = ReturnType<typeof parquetHeader>;
type DataHeader = Pick<NonNullable<PageHeader['data_page_header']>, 'num_values' | 'encoding'>;

/**
 * Returns the pages of a column with their headers before any is unpacked: together they must hold as many values as the group
 * has rows, and must not exceed the allowed bytes.
 * @throws {InvalidSceneFile} when they do not; the message begins with `where`
 */
function pagesOf(where: string, bytes: Uint8Array, rows: number, mostBytes: number) {
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
    const content = bytes.subarray(reader.offset, at);
    if (header.crc !== undefined && header.crc >>> 0 !== crc32(content))
      throw damaged('the checksum of a page does not match');
    pages.push({ header, content });
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
