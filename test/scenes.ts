import { readFileSync } from 'node:fs';
import { type Feature, parseExample } from '../core/scenes/formats/tfrecord/example.ts';
import { encodeExample, encodeTfRecord, type FeatureToEncode } from './tfrecord.ts';

/** Scene files for tests, made of real records. */

/** The bundled shard of 81 chips, as it is. */
export const shard = readFileSync(new URL('../samples/droughtwatch/part-r-00012', import.meta.url));

/** The frames of a TFRecord file, found by their lengths alone. */
export function framesOf(file: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < file.length; ) {
    const length = 16 + Number(file.readBigUInt64LE(at));
    frames.push(file.subarray(at, at + length));
    at += length;
  }
  return frames;
}

/** The shard's frames. */
export const frames = framesOf(shard);
/** Those of its chips on which there is nothing. */
export const blankFrames = frames.filter(isBlank);

/** A frame with another record in it: the features of the one that is there, after `change` has been at them. */
export function edited(frame: Uint8Array, change: (features: Map<string, FeatureToEncode>) => void): Uint8Array {
  const features = featuresOf(frame);
  change(features);
  return encodeTfRecord(encodeExample(features));
}

/** The same chip in other bytes, for files that must be like no other file: what `name` says travels along unread. */
export function named(frame: Uint8Array, name: string): Uint8Array {
  return edited(frame, (features) => features.set('name', { kind: 'bytes', values: [Buffer.from(name)] }));
}

/** A file of `count` chips of the shard from `first` on, over and over, that is like no other of another name. */
export function sceneOf(name: string, count: number, first = 0, of = frames): Uint8Array {
  const chips: Uint8Array[] = Array.from({ length: count }, (_, i) => of[(first + i) % of.length]!);
  return Buffer.concat(chips.with(0, named(chips[0]!, name)));
}

/** The shard's frames whose label is `truth`. */
export function framesWithTruth(truth: number): Buffer[] {
  return frames.filter((frame) => Number(featuresOf(frame).get('label')?.values[0]) === truth);
}

/** The bands of a frame's record as a request brings them, in base64. */
export function bandsOf(frame: Uint8Array): Record<string, string> {
  const bands = [...featuresOf(frame)].flatMap(([name, { kind, values }]) =>
    kind === 'bytes' && /^B\d/.test(name) ? [[name, Buffer.from(values[0]!).toString('base64')]] : [],
  );
  return Object.fromEntries(bands);
}

function isBlank(frame: Uint8Array): boolean {
  return [...featuresOf(frame)].every(
    ([name, { kind, values }]) => !/^B\d+$/.test(name) || (kind === 'bytes' && values[0]!.every((value) => value <= 1)),
  );
}

function featuresOf(frame: Uint8Array) {
  const record = { file: 'a test', index: 0, offset: 0, length: frame.length, bytes: frame.subarray(12, -4) };
  return parseExample(record) as Map<string, Extract<Feature, { values: unknown }>>;
}
