import { makeChipReader } from '../../core/scenes/formats/tfrecord/chip.ts';
import { readTfRecord } from '../../core/scenes/formats/tfrecord/tfrecord.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { readBaselineFile } from '../benches/packages.ts';
import { frames } from '../scenes.ts';

const model = await readModelPackage(readBaselineFile);
const readChip = makeChipReader(model);

/** The chips of the bundled shard as values, to be written in other formats. */
export const shardChips = frames.map((frame, index) =>
  readChip(readTfRecord({ file: 'the shard', index, offset: 0 }, frame)),
);

/** What a file of such chips holds. */
export const { height, width, bands } = model.source;
