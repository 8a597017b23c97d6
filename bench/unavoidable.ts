import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { makePredictions } from '../functions/infer/predictions.ts';
import { crc32c } from '../functions/preprocess/crc32c.ts';
import { readTfRecord } from '../functions/preprocess/tfrecord.ts';
import { model } from './bundledModel.ts';
import { sha256 } from './memoryPorts.ts';
import { FRAMES } from './sceneFiles.ts';

/**
 * What no pipeline of this model gets around, whatever its code: to read a file once, to compare its checksums, to know
 * its content by a digest, and to write predictions. Each alone, in its plainest form.
 */

const BLOCK_BYTES = 1 << 20;
const block = Buffer.alloc(BLOCK_BYTES);

/** Reads a file into one buffer, over and over; answers the milliseconds, and the bytes. */
export function plainRead(path: string): { milliseconds: number; bytes: number } {
  const file = openSync(path, 'r');
  const started = performance.now();
  let bytes = 0;
  try {
    for (;;) {
      const read = readSync(file, block, 0, BLOCK_BYTES, null);
      if (read === 0) return { milliseconds: performance.now() - started, bytes };
      bytes += read;
    }
  } finally {
    closeSync(file);
  }
}

/** SHA-256 of so many bytes, a block at a time. */
export function digestAlone(bytes: number): number {
  const hash = createHash('sha256');
  const started = performance.now();
  for (let done = 0; done < bytes; done += BLOCK_BYTES) hash.update(block);
  hash.digest('hex');
  return performance.now() - started;
}

const records = FRAMES.map((frame) => frame.subarray(12, -4));

/** Our CRC-32C of so many bytes of records, which lie in memory. */
export function checksumAlone(bytes: number): number {
  const started = performance.now();
  for (let done = 0, i = 0; done < bytes; i += 1) {
    const record = records[i % records.length]!;
    crc32c(record);
    done += record.length;
  }
  return performance.now() - started;
}

const DIGEST = sha256('a digest like any other');
const PART_CHIPS = 512;

/** The places of a part's chips in their file, and what a model might say of them. */
export const places = {
  chips: PART_CHIPS,
  index: Int32Array.from({ length: PART_CHIPS }, (_, chip) => chip),
  offset: BigInt64Array.from({ length: PART_CHIPS }, (_, chip) => BigInt(chip * FRAMES[0]!.length)),
  length: Int32Array.from({ length: PART_CHIPS }, () => FRAMES[0]!.length),
  truth: Array.from({ length: PART_CHIPS }, (_, chip) => chip % model.classes.length),
  bands: [],
};
const rows = Float32Array.from({ length: PART_CHIPS * model.classes.length }, (_, i) => 0.1 + ((i * 7919) % 97) / 500);

/** Counts a part's predictions and writes them as Parquet, as often as so many chips need; answers milliseconds and bytes. */
export function parquetAlone(chips: number): { milliseconds: number; chips: number; bytes: number } {
  const parts = Math.max(1, Math.round(chips / PART_CHIPS));
  const started = performance.now();
  let bytes = 0;
  for (let part = 0; part < parts; part += 1) {
    const predictions = makePredictions(model.classes, PART_CHIPS);
    predictions.add(0, rows);
    bytes += predictions.toParquet(DIGEST, places).length;
  }
  return { milliseconds: performance.now() - started, chips: parts * PART_CHIPS, bytes };
}

/** The bytes of a record's frame, on average. */
export const FRAME_BYTES = FRAMES.reduce((sum, { length }) => sum + length, 0) / FRAMES.length;

/** The shard's records, as the reader hands them out. */
export const RECORDS = FRAMES.map((frame, index) => readTfRecord({ file: 'the shard', index, offset: 0 }, frame));
