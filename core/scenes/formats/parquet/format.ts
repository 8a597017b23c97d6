import { InvalidSceneFile } from '../../../base/errors.ts';
import { MOST_SCENE_LIMITS } from '../../../base/limits.ts';
import { streamedRanges } from '../../streamedRanges.ts';
import type { Format } from '../format.ts';

/** Columnar tables in row groups, each row of which is one input of a model that takes a row of numbers, or texts. */
export const parquet: Format = {
  name: 'Parquet',
  sniff: (head) => (Buffer.from(head.subarray(0, 4)).toString('latin1') === 'PAR1' ? 'yes' : 'no'),

  makeReader: (model, { maxRecordBytes }) =>
    async function* ({ key, size, chunks, range }) {
      const { tableOf } = await import('./table.ts');
      const streamed = streamedRanges({ size, chunks, range });
      const groups = await tableOf({ key, size, range }, model, maxRecordBytes, streamed.range);
      for (let group = 0; group < groups.count; group += 1) yield (await groups.read(group)).chips();
      await streamed.goTo(size);
    },

  async readChip({ key, size, range }, { index }, model) {
    const { tableOf } = await import('./table.ts');
    const groups = await tableOf({ key, size, range }, model, MOST_SCENE_LIMITS.maxRecordBytes);
    const group = groups.groupOf(index);
    if (group < 0) throw new InvalidSceneFile(`${key}: has no row ${index}, found are ${groups.rows}`);
    return (await groups.read(group)).chipAt(index);
  },
};
