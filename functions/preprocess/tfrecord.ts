import { InvalidSceneFile } from '../shared/errors.ts';
import { SCENE_LIMITS } from '../shared/limits.ts';
import { maskedCrc32c } from './crc32c.ts';
import { describeStart } from './fileStart.ts';

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
 * The records of a TFRecord file in order, both checksums of each compared. The file comes in `chunks` of any size, of
 * which one is held at a time, with one record. `bytes` is a view of the chunk, or a buffer of its own where the record
 * straddles chunks: it stays valid as long as the source does not write into chunks that it has handed out.
 *
 * @throws InvalidSceneFile where the file is empty, cut short, damaged, no TFRecord file or has a record of more than
 * `maxRecordBytes` of data; the records before that place are handed out first
 */
export async function* readTfRecords(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  maxRecordBytes = SCENE_LIMITS.maxRecordBytes,
): AsyncGenerator<TfRecord, void, void> {
  const source = chunks[Symbol.asyncIterator]();
  const take = taker(source);
  try {
    for (let index = 0, offset = 0; ; index++) {
      const place = { file, index, offset };
      const header = await take(HEADER_BYTES);
      if (header.length === 0 && index > 0) return;
      const dataLength = checkedLength(place, header, maxRecordBytes);
      const bytes = checkedData(place, dataLength, await take(dataLength + FOOTER_BYTES));
      const length = dataLength + FRAME_BYTES;
      yield { file, index, offset, length, bytes };
      offset += length;
    }
  } finally {
    await source.return?.(); // a reader that stops early must not leave the file or the connection open
  }
}

/**
 * The one record whose frame, no more and no less, a ranged read of the file at `place` has brought.
 *
 * @throws InvalidSceneFile like `readTfRecords`, and where the frame has another length than `frame`, which is in memory
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

/** The error for one record: where it stands, and `what` is wrong with it, a sentence without its subject. */
export function invalidRecord({ file, index, offset }: RecordPlace, what: string): InvalidSceneFile {
  return new InvalidSceneFile(`${file}: record ${index} at byte ${offset} ${what}`);
}

/** The most that is set aside for a record on its length's word alone, before its bytes have come. */
const FIRST_ROOM = 1024 * 1024;

/** Takes the next `wanted` bytes off a source of chunks: fewer where it ends, a view where they lie in one chunk. */
function taker(source: AsyncIterator<Uint8Array>): (wanted: number) => Promise<Uint8Array> {
  let chunk: Uint8Array = new Uint8Array();
  const takeFromChunk = (wanted: number): Uint8Array => {
    const taken = chunk.subarray(0, wanted);
    chunk = chunk.subarray(taken.length);
    return taken;
  };
  return async (wanted) => {
    if (chunk.length >= wanted) return takeFromChunk(wanted);
    let joined: Uint8Array = new Uint8Array(Math.min(wanted, FIRST_ROOM));
    let have = 0;
    while (have < wanted) {
      if (chunk.length === 0) {
        const next = await source.next();
        if (next.done) break;
        const { buffer, byteOffset, byteLength } = next.value;
        chunk = new Uint8Array(buffer, byteOffset, byteLength); // a Buffer's slice() would share memory, not copy
      }
      const part = takeFromChunk(wanted - have);
      if (have + part.length > joined.length) joined = enlarged(joined, Math.min(wanted, 2 * (have + part.length)));
      joined.set(part, have);
      have += part.length;
    }
    return joined.subarray(0, have);
  };
}

function enlarged(bytes: Uint8Array, length: number): Uint8Array {
  const larger = new Uint8Array(length);
  larger.set(bytes);
  return larger;
}

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
      `an uncompressed TFRecord file is expected, this one starts with ${describeStart(header)}`,
  );
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
