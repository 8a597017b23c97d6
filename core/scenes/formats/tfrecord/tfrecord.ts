import { InvalidSceneFile } from '../../../base/errors.ts';
import { describeStart } from '../format.ts';
import { maskedCrc32c } from './crc32c.ts';

/** The position of a record: `index` counts from 0, `offset` is the byte of the file at which the record's frame starts. */
export type RecordPlace = { file: string; index: number; offset: number };

/**
 * One record. `length` is that of the whole frame, so that one ranged read from `offset` fetches the record with its
 * checksums (the convention of TFRecord index files); `bytes` is the data, `FRAME_BYTES` shorter.
 */
export type TfRecord = RecordPlace & { length: number; bytes: Uint8Array };

/** Before the data: its length (uint64, little-endian) and the masked CRC-32C of those eight bytes. */
export const HEADER_BYTES = 12;

/** After the data: its masked CRC-32C. */
const FOOTER_BYTES = 4;

export const FRAME_BYTES = HEADER_BYTES + FOOTER_BYTES;

/**
 * Makes a cutter that splits a file's chunks, of any size, into records, in order, and verifies both checksums of each. It
 * yields the records that a chunk completes, without a promise per record. A record within one chunk is a view of it.
 * Records that straddle chunks are joined in one buffer, so a record is valid until the next, and only one is held.
 * @throws {InvalidSceneFile} when the file is empty, cut short, damaged, not a TFRecord file, or has a record of more than
 *   `maxRecordBytes` of data; the records before that are yielded first
 */
export function makeRecordCutter(file: string, maxRecordBytes: number) {
  let place: RecordPlace = { file, index: 0, offset: 0 };
  /** The length of the record's data, once its header has been read. */
  let dataLength: number | undefined;
  let chunk: Uint8Array = new Uint8Array();
  /** The part of the current piece (a header, or all that follows it) from earlier chunks: the first `have` bytes. */
  let joined: Uint8Array = new Uint8Array();
  let have = 0;

  function take(wanted: number): Uint8Array | undefined {
    if (have === 0 && chunk.length >= wanted) return takeFromChunk(wanted);
    const part = takeFromChunk(wanted - have);
    const needed = have + part.length;
    if (needed > joined.length) {
      const larger = new Uint8Array(Math.min(wanted, Math.max(FIRST_BUFFER_BYTES, 2 * needed)));
      larger.set(joined.subarray(0, have));
      joined = larger;
    }
    joined.set(part, have);
    have = needed;
    if (have < wanted) return undefined;
    have = 0;
    return joined.subarray(0, wanted);
  }

  function takeFromChunk(wanted: number): Uint8Array {
    const taken = chunk.subarray(0, wanted);
    chunk = chunk.subarray(taken.length);
    return taken;
  }

  return {
    /** Yields the records that end in this chunk. All must be consumed before the next chunk is passed. */
    *cut({ buffer, byteOffset, byteLength }: Uint8Array): Generator<TfRecord, void, void> {
      chunk = new Uint8Array(buffer, byteOffset, byteLength); // a Buffer's slice() would share memory instead of copying
      for (;;) {
        if (dataLength === undefined) {
          const header = take(HEADER_BYTES);
          if (header === undefined) return;
          dataLength = checkedLength(place, header, maxRecordBytes);
        }
        const rest = take(dataLength + FOOTER_BYTES);
        if (rest === undefined) return;
        const { index, offset } = place;
        const length = dataLength + FRAME_BYTES;
        const bytes = checkedData(place, dataLength, rest);
        dataLength = undefined;
        place = { file, index: index + 1, offset: offset + length };
        yield { file, index, offset, length, bytes };
      }
    },
    records: () => place.index,
    /** Ends the file; throws if it is empty or its last record is incomplete. */
    end(): void {
      const left = joined.subarray(0, have);
      if (dataLength !== undefined) checkedData(place, dataLength, left);
      else if (have > 0 || place.index === 0) checkedLength(place, left, maxRecordBytes);
    },
  };
}

/**
 * Reads the record whose whole frame, and nothing more, was fetched from `place`.
 * @throws {InvalidSceneFile} like the cutter, and when the frame's length is not that of `frame`. That is in memory
 *   already, so no limit applies
 */
export function readTfRecord(place: RecordPlace, frame: Uint8Array): TfRecord {
  const { file, index, offset } = place;
  const dataLength = checkedLength(place, frame.subarray(0, HEADER_BYTES), Infinity);
  const length = dataLength + FRAME_BYTES;
  const bytes = checkedData(place, dataLength, frame.subarray(HEADER_BYTES, length));
  if (frame.length > length) throw invalidRecord(place, `takes ${length} bytes of the file, not ${frame.length}`);
  return { file, index, offset, length, bytes };
}

/** Returns whether a file with this beginning starts with a valid record header. */
export function beginsLikeTfRecord(head: Uint8Array): boolean {
  if (head.length < HEADER_BYTES) return false;
  const stored = new DataView(head.buffer, head.byteOffset, HEADER_BYTES).getUint32(8, true);
  return checksumMismatch('length', stored, head.subarray(0, 8)) === undefined;
}

/** Returns the error for one record: its position and `what` is wrong with it, a sentence without its subject. */
export const invalidRecord = ({ file, index, offset }: RecordPlace, what: string): InvalidSceneFile =>
  new InvalidSceneFile(`${file}: record ${index} at byte ${offset} ${what}`);

/** The most memory that is allocated for a record on its length alone, before its bytes have arrived. */
const FIRST_BUFFER_BYTES = 1024 * 1024;

/** Returns the length of a record's data from its header, after verifying the header's checksum. */
function checkedLength(place: RecordPlace, header: Uint8Array, maxRecordBytes: number): number {
  const first = place.index === 0;
  if (first && header.length === 0)
    throw new InvalidSceneFile(`${place.file}: is empty (0 bytes); a TFRecord file holds at least one record`);
  if (header.length < HEADER_BYTES) {
    const found = `${header.length} of the ${HEADER_BYTES} bytes of its header are there`;
    throw first ? noTfRecordFile(place, header, found) : invalidRecord(place, `is cut short: ${found}`);
  }
  const fields = new DataView(header.buffer, header.byteOffset, HEADER_BYTES);
  const mismatch = checksumMismatch('length', fields.getUint32(8, true), header.subarray(0, 8));
  if (mismatch) throw first ? noTfRecordFile(place, header, mismatch) : invalidRecord(place, `is damaged: ${mismatch}`);
  const length = fields.getBigUint64(0, true);
  const allowed = `at most ${maxRecordBytes} are allowed (the parameter maxRecordBytes)`;
  if (length > maxRecordBytes) throw invalidRecord(place, `is too long: it has ${length} bytes of data, ${allowed}`);
  return Number(length);
}

/** Returns a record's data from what follows its header: the data and its checksum, or less if the file ends early. */
function checkedData(place: RecordPlace, length: number, rest: Uint8Array): Uint8Array {
  const missing = length + FOOTER_BYTES - rest.length;
  if (missing > FOOTER_BYTES)
    throw invalidRecord(place, `is cut short: ${rest.length} of its ${length} bytes of data are there`);
  const found = `${FOOTER_BYTES - missing} of the ${FOOTER_BYTES} bytes of its checksum are there`;
  if (missing > 0) throw invalidRecord(place, `is cut short: its ${length} bytes of data and ${found}`);
  const data = rest.subarray(0, length);
  const stored = new DataView(rest.buffer, rest.byteOffset, rest.length).getUint32(length, true);
  const mismatch = checksumMismatch('data', stored, data);
  if (mismatch) throw invalidRecord(place, `is damaged: ${mismatch}`);
  return data;
}

function checksumMismatch(what: string, stored: number, bytes: Uint8Array): string | undefined {
  const computed = maskedCrc32c(bytes);
  if (stored === computed) return undefined;
  return `the checksum of its ${what} is ${hex(stored)}, computed it is ${hex(computed)}`;
}

const noTfRecordFile = ({ file }: RecordPlace, header: Uint8Array, found: string): InvalidSceneFile =>
  new InvalidSceneFile(
    `${file}: is in no format that Swath reads: it starts with ${describeStart(header)}. As a TFRecord file, it is damaged at its start: record 0 at byte 0: ${found}`,
  );

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;
