import type { ModelPackage } from '../../core/package/package.ts';
import { encodeExample, encodeTfRecord, type FeatureToEncode } from '../tfrecord.ts';
import { editedPackage, PROPERTIES, smallModel } from './packages.ts';

/** For tests: a model of two bands, A and B, of 2 × 2 bytes each, whose files hold a label of 0 to 3. */
export function readSmallModel(): Promise<ModelPackage> {
  const bands = ['A', 'B'].map((name) => ({ name, data_type: 'uint8' }));
  return editedPackage([...smallModel(bands, [2, 2]), [`${PROPERTIES}/swath:truth`, 'label']]);
}

/** A chip of that model: each pixel of A is `value`, each of B one more; a value of 0 makes it blank. */
export type TestChip = { value: number; label?: number };

/** A scene file of such chips. */
export function encodeScene(chips: readonly TestChip[]): Uint8Array {
  return new Uint8Array(Buffer.concat(chips.map((chip) => encodeTfRecord(encodeExample(featuresOf(chip))))));
}

export function featuresOf({ value, label }: TestChip): Map<string, FeatureToEncode> {
  const features = new Map([
    ['A', pixels(value)],
    ['B', pixels(value + 1)],
  ]);
  return label === undefined ? features : features.set('label', { kind: 'int64', values: [BigInt(label)] });
}

export function pixels(value: number, count = 4): FeatureToEncode {
  return { kind: 'bytes', values: [new Uint8Array(count).fill(value)] };
}
