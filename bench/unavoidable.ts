import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { encodePredictions } from '../core/results/encodePredictions.ts';
import { placed } from '../core/results/predictionColumns.ts';
import { crc32c } from '../core/scenes/formats/tfrecord/crc32c.ts';
import { readTfRecord } from '../core/scenes/formats/tfrecord/tfrecord.ts';
import { model } from './bundledModel.ts';
import { sha256 } from './memoryPorts.ts';
import { FRAMES } from './sceneFiles.ts';

/**
 * What no pipeline of this model gets around, whatever its code: to read a file once, to compare its checksums, to know
 * its content by a digest, and to write predictions. Each alone, in its plainest form.
 */

const BLOCK_BYTES = 1 << 20;
const block = Buffer.alloc(BLOCK_BYTES);

/** Reads a file into one buffer, over and over. */
export function plainRead(path: string): void {
  const file = openSync(path, 'r');
  try {
    while (readSync(file, block, 0, BLOCK_BYTES, null) > 0);
  } finally {
    closeSync(file);
  }
}

/** SHA-256 of so many bytes, a block at a time. */
export function digestAlone(bytes: number): void {
  const hash = createHash('sha256');
  for (let done = 0; done < bytes; done += BLOCK_BYTES) hash.update(block);
  hash.digest('hex');
}

const records = FRAMES.map((frame) => frame.subarray(12, -4));

/** Our CRC-32C of so many bytes of records, which lie in memory. */
export function checksumAlone(bytes: number): void {
  for (let done = 0, i = 0; done < bytes; i += 1) {
    const record = records[i % records.length]!;
    crc32c(record);
    done += record.length;
  }
}

const ORIGIN = { run: sha256('a run').slice(0, 32), digest: sha256('a digest like any other'), scene: 'part-r-00012' };
const PART_CHIPS = 512;

/** The places of a part's chips in their file, and what a model might say of them. */
const places = {
  chips: PART_CHIPS,
  index: Int32Array.from({ length: PART_CHIPS }, (_, chip) => chip),
  offset: BigInt64Array.from({ length: PART_CHIPS }, (_, chip) => BigInt(chip * FRAMES[0]!.length)),
  length: Int32Array.from({ length: PART_CHIPS }, () => FRAMES[0]!.length),
  truth: Array.from({ length: PART_CHIPS }, (_, chip) => chip % model.classes.length),
  bands: [],
};
const rows = Float32Array.from({ length: PART_CHIPS * model.classes.length }, (_, i) => 0.1 + ((i * 7919) % 97) / 500);

/** Counts the predictions of so many chips, whole parts of them, and writes each part as Parquet. */
export function parquetAlone(chips: number): void {
  const { decode, summary } = model.task;
  for (let part = 0; part < chips / PART_CHIPS; part += 1) {
    const predictions = placed(places, decode(rows, PART_CHIPS, model).values, model, () => ORIGIN);
    summary.of(predictions, model);
    encodePredictions(model, predictions);
  }
}

/** The bytes of a record's frame, on average. */
export const FRAME_BYTES = FRAMES.reduce((sum, { length }) => sum + length, 0) / FRAMES.length;

/** The shard's records, as the reader hands them out. */
export const RECORDS = FRAMES.map((frame, index) => readTfRecord({ file: 'the shard', index, offset: 0 }, frame));
