import type { Chip } from '../../chip.ts';
import type { Format } from '../format.ts';
import { makeChipReader } from './chip.ts';
import { beginsLikeTfRecord, makeRecordCutter, readTfRecord, type TfRecord } from './tfrecord.ts';

/** TFRecord files of `tf.train.Example` records, a chip each. */
export const tfrecord: Format = {
  name: 'TFRecord',
  // One that is damaged at its start has no mark to be known by: what is like nothing else may be one.
  sniff: (head) => (beginsLikeTfRecord(head) ? 'yes' : 'maybe'),

  makeReader(model, { maxRecordBytes }) {
    const readChip = makeChipReader(model);
    function* chipsOf(records: Iterable<TfRecord>): Generator<Chip, void, void> {
      for (const record of records) yield readChip(record);
    }
    return async function* ({ key, chunks }) {
      const cutter = makeRecordCutter(key, maxRecordBytes);
      for await (const chunk of chunks) yield chipsOf(cutter.cut(chunk));
      cutter.end();
    };
  },

  async readChip({ key, range }, { index, ...at }, model) {
    const { offset, length } = at.kind === 'bytes' ? at : { offset: 0, length: 0 };
    return makeChipReader(model)(readTfRecord({ file: key, index, offset }, await range(offset, length)));
  },
};
