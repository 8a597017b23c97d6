import { InvalidSceneFile } from '../../../errors.ts';
import { describeStart } from '../fileStart.ts';
import { maskedCrc32c } from './crc32c.ts';

/** Where a record stands: `index` counts from 0, `offset` is the byte of the file at which the record's frame starts. */
export type RecordPlace = { file: string; index: number; offset: number };

/**
 * One record. `length` is that of the whole frame, so that one ranged read from `offset` brings the record with its
 * checksums (the convention of TFRecord index files); `bytes` is the data, `FRAME_BYTES` less.
 */
export type TfRecord = RecordPlace & { length: number; bytes: Uint8Array };

/** Before the data: its length (uint64, little-endian) and the masked CRC-32C of those eight bytes. */
export const HEADER_BYTES = 12;

/** After the data: its masked CRC-32C. */
const FOOTER_BYTES = 4;

/** What a record takes in the file besides its data. */
export const FRAME_BYTES = HEADER_BYTES + FOOTER_BYTES;

/**
 * Cuts the chunks of one file, of any size, into its records, in order and both checksums of each compared, without a promise
 * for each: of a chunk, the records that it completes. A record that lies within one chunk is a view of it; those that straddle
 * chunks are joined in one buffer, so that a record is valid until the next. One record is held at a time.
 *
 * @throws InvalidSceneFile where the file is empty, cut short, damaged, no TFRecord file or has a record of more than
 * `maxRecordBytes` of data; the records before that place are handed out first
 */
export function makeRecordCutter(file: string, maxRecordBytes: number) {
  let place: RecordPlace = { file, index: 0, offset: 0 };
  /** Of the record's data, once its header is known. */
  let dataLength: number | undefined;
  let chunk: Uint8Array = new Uint8Array();
  /** What earlier chunks held of the piece at hand, a header or all that follows it: the first `have` bytes. */
  let joined: Uint8Array = new Uint8Array();
  let have = 0;

  /** The next `wanted` bytes, once they are all there. */
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
    /** The records that end in this chunk. The next chunk must not come before they are all taken. */
    *cut({ buffer, byteOffset, byteLength }: Uint8Array): Generator<TfRecord, void, void> {
      chunk = new Uint8Array(buffer, byteOffset, byteLength); // a Buffer's slice() would share memory, not copy
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
    /** How many have been handed out. */
    records: () => place.index,
    /** The file is over: throws where it is empty, or a record of it is not. */
    end(): void {
      const left = joined.subarray(0, have);
      if (dataLength !== undefined) checkedData(place, dataLength, left);
      else if (have > 0 || place.index === 0) checkedLength(place, left, maxRecordBytes);
    },
  };
}

/**
 * The one record whose frame, no more and no less, a ranged read of the file at `place` has brought.
 *
 * @throws InvalidSceneFile like the cutter, and where the frame has another length than `frame`, which is in memory
 * already: so it needs no limit
 */
export function readTfRecord(
  place: RecordPlace,
  frame: Uint8Array,
  maxRecordBytes = Number.POSITIVE_INFINITY,
): TfRecord {
  const { file, index, offset } = place;
  const dataLength = checkedLength(place, frame.subarray(0, HEADER_BYTES), maxRecordBytes);
  const length = dataLength + FRAME_BYTES;
  const bytes = checkedData(place, dataLength, frame.subarray(HEADER_BYTES, length));
  if (frame.length > length) throw invalidRecord(place, `takes ${length} bytes of the file, not ${frame.length}`);
  return { file, index, offset, length, bytes };
}

/** Whether a file that begins so has the header of a record there. */
export function beginsLikeTfRecord(head: Uint8Array): boolean {
  if (head.length < HEADER_BYTES) return false;
  const stored = new DataView(head.buffer, head.byteOffset, HEADER_BYTES).getUint32(8, true);
  return checksumMismatch('length', stored, head.subarray(0, 8)) === undefined;
}

/** The error for one record: where it stands, and `what` is wrong with it, a sentence without its subject. */
export function invalidRecord({ file, index, offset }: RecordPlace, what: string): InvalidSceneFile {
  return new InvalidSceneFile(`${file}: record ${index} at byte ${offset} ${what}`);
}

/** The most that is set aside for a record on its length's word alone, before its bytes have come. */
const FIRST_BUFFER_BYTES = 1024 * 1024;

/** The length of a record's data, from its header. Nothing of it is believed before its checksum has been compared. */
function checkedLength(place: RecordPlace, header: Uint8Array, maxRecordBytes: number): number {
  const first = place.index === 0;
  if (first && header.length === 0) {
    throw new InvalidSceneFile(`${place.file}: is empty (0 bytes); a TFRecord file holds at least one record`);
  }
  if (header.length < HEADER_BYTES) {
    const found = `${header.length} of the ${HEADER_BYTES} bytes of its header are there`;
    throw first ? noTfRecordFile(place, header, found) : invalidRecord(place, `is cut short: ${found}`);
  }
  const fields = new DataView(header.buffer, header.byteOffset, HEADER_BYTES);
  const mismatch = checksumMismatch('length', fields.getUint32(8, true), header.subarray(0, 8));
  if (mismatch) throw first ? noTfRecordFile(place, header, mismatch) : invalidRecord(place, `is damaged: ${mismatch}`);
  const length = fields.getBigUint64(0, true);
  if (length > maxRecordBytes) {
    throw invalidRecord(
      place,
      `is too long: it has ${length} bytes of data, at most ${maxRecordBytes} are allowed (the parameter maxRecordBytes)`,
    );
  }
  return Number(length);
}

/** The data of a record, from what follows its header: the data and its checksum, or less where the file ends. */
function checkedData(place: RecordPlace, length: number, rest: Uint8Array): Uint8Array {
  const missing = length + FOOTER_BYTES - rest.length;
  if (missing > FOOTER_BYTES) {
    throw invalidRecord(place, `is cut short: ${rest.length} of its ${length} bytes of data are there`);
  }
  if (missing > 0) {
    const found = `${FOOTER_BYTES - missing} of the ${FOOTER_BYTES} bytes of its checksum are there`;
    throw invalidRecord(place, `is cut short: its ${length} bytes of data and ${found}`);
  }
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

function noTfRecordFile({ file }: RecordPlace, header: Uint8Array, found: string): InvalidSceneFile {
  return new InvalidSceneFile(
    `${file}: is no TFRecord file, or damaged at its start: record 0 at byte 0: ${found}; ` +
      `a TFRecord file is expected, as it is or in gzip; this one starts with ${describeStart(header)}`,
  );
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
