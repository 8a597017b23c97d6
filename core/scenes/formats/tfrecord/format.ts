import { InvalidSceneFile } from '../../../base/errors.ts';
import { MOST_SCENE_LIMITS } from '../../../base/limits.ts';
import { type Chip, type ModelPackage, type Place, storedPlace } from '../../../package/package.ts';
import { gunzipped, isGzip, mostUnpacked } from '../../gunzipped.ts';
import { unreadFormat } from '../fileStart.ts';
import { begun, type Format, HEAD_BYTES, piecesOf, type SceneRanges } from '../format.ts';
import { makeChipReader } from './chip.ts';
import { type Patches, readMixer } from './mixer.ts';
import { beginsLikeTfRecord, makeRecordCutter, readTfRecord, type TfRecord } from './tfrecord.ts';

/** TFRecord files of `tf.train.Example` records, one chip per record, plain or gzipped as a whole. */
export const tfrecord: Format = {
  name: 'TFRecord',
  // A file damaged at its start cannot be recognised, so any file that resembles no other format may be one.
  sniff: (head) => (beginsLikeTfRecord(head) ? 'yes' : unreadFormat(head) === undefined ? 'maybe' : 'no'),

  makeReader(model, limits) {
    const readChip = makeChipReader(model);
    function* chipsOf(records: Iterable<TfRecord>, windowAt: WindowAt, isPacked: boolean): Generator<Chip, void, void> {
      for (const record of records) {
        const { index, offset, length } = record;
        // A copy stays valid when the next one comes.
        if (isPacked) yield { ...readChip({ ...record, bytes: record.bytes.slice() }), place: inGzip(index, windowAt) };
        else if (windowAt === null) yield readChip(record);
        else yield { ...readChip(record), place: { index, kind: 'bytes', offset, length, window: windowAt(index) } };
      }
    }
    return async function* (scene) {
      const { key, size, sibling, tell } = scene;
      const patches = sibling === undefined ? null : await readMixer(key, sibling, model);
      const windowAt = patches?.windowAt ?? null;
      // For pixel models, a file described as a raster gets a map.
      if (patches !== null && (windowAt !== null || model.output.pixels === null)) tell?.(patches.info);
      const { start, chunks } = await begun(scene.chunks, HEAD_BYTES);
      const isPacked = isGzip(start);
      const cutter = makeRecordCutter(isPacked ? unpacked(key) : key, limits.maxRecordBytes);
      const pieces = isPacked ? gunzipped({ key, size, chunks }, mostUnpacked(size, limits)) : chunks;
      for await (const piece of pieces) yield chipsOf(cutter.cut(piece), windowAt, isPacked);
      cutter.end();
      if (patches !== null) checkTotal(key, cutter.records(), patches);
    };
  },

  async readChip(scene, place, model) {
    const { key, range, head } = scene;
    const { index, offset, length } = storedPlace(place);
    if (isGzip(head)) return chipInGzip(scene, index, model);
    return makeChipReader(model)(readTfRecord({ file: key, index, offset }, await range(offset, length)));
  },
};

/** How errors name the contents of a gzip file, in which bytes are then counted. */
const unpacked = (key: string) => `${key}: in its gzip`;

type WindowAt = Patches['windowAt'];

/** The place of a gzipped record, which has no byte range in the file. */
const inGzip = (index: number, windowAt: WindowAt): Place =>
  windowAt === null ? { index, kind: 'index' } : { index, kind: 'window', ...windowAt(index) };

/** Checks that a file has no more records than its companion says, and not fewer if the companion is about this file alone. */
function checkTotal(key: string, records: number, { total, areAll }: Patches): void {
  if (records > total || (areAll && records < total))
    throw new InvalidSceneFile(
      `${key}: found ${records} records, but the mixer.json beside it says ${total} patches: it is another export's`,
    );
}

async function chipInGzip(scene: SceneRanges, index: number, model: ModelPackage): Promise<Chip> {
  const { key, size } = scene;
  const chunks = piecesOf(scene);
  const cutter = makeRecordCutter(unpacked(key), MOST_SCENE_LIMITS.maxRecordBytes);
  for await (const piece of gunzipped({ key, size, chunks }, mostUnpacked(size, MOST_SCENE_LIMITS)))
    for (const record of cutter.cut(piece))
      if (record.index === index) return { ...makeChipReader(model)(record), place: { index, kind: 'index' } };
  cutter.end();
  throw new InvalidSceneFile(`${key}: has no chip ${index}, found are ${cutter.records()}`);
}
