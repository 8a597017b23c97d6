import { constants, gunzipSync } from 'node:zlib';
import { orElse } from '../../../base/errors.ts';
import { MOST_SCENE_LIMITS } from '../../../base/limits.ts';
import { gunzipped, isGzip, mostUnpacked } from '../../gunzipped.ts';
import { streamedRanges } from '../../streamedRanges.ts';
import { begun, type Format, piecesOf } from '../format.ts';
import { chipIn, chipsOf, type Tar } from '../tar/format.ts';
import { beginsLikeTar } from '../tar/header.ts';
import { tfrecord } from '../tfrecord/format.ts';

/** Files gzipped as a whole. The unpacked beginning decides: a tar, or else TFRecord, which handles gzip itself. */
export const gzip: Format = {
  name: 'gzip of tar or TFRecord',
  sniff: (head) => (isGzip(head) ? 'yes' : 'no'),

  makeReader(model, limits) {
    return async function* (scene) {
      const { key, size } = scene;
      const { start, chunks } = await begun(scene.chunks, START_BYTES);
      if (!holdsTar(start)) yield* tfrecord.makeReader(model, limits)({ ...scene, chunks });
      else {
        await using pieces = gunzipped({ key, size, chunks }, mostUnpacked(size, limits));
        yield* chipsOf(tarIn(key, pieces), model, limits.maxRecordBytes);
      }
    };
  },

  async readChip(scene, place, model) {
    const { key, size, range } = scene;
    if (!holdsTar(await range(0, START_BYTES))) return tfrecord.readChip(scene, place, model);
    await using pieces = gunzipped({ key, size, chunks: piecesOf(scene) }, mostUnpacked(size, MOST_SCENE_LIMITS));
    return await chipIn(tarIn(key, pieces), place.index, model);
  },
};

/** Enough bytes of a gzip file to unpack its first 512, unless its header has a long comment. */
const START_BYTES = 4096;

/** Returns a tar that streams by, none of whose bytes can be read again. */
function tarIn(key: string, pieces: AsyncIterable<Uint8Array>): Tar {
  const range = () => Promise.reject(new Error('bytes of a tar in gzip that have gone by'));
  return { key: `${key}: in its gzip`, bytes: streamedRanges({ size: Infinity, chunks: pieces, range }).range };
}

function holdsTar(start: Uint8Array): boolean {
  // Up to 4 MB, because deflate packs up to a thousand bytes into one. Without the checksum at a small file's end: the
  // reader verifies it, and says where it is damaged.
  const beginning = start.subarray(0, Math.min(START_BYTES, start.length - 8));
  return orElse(false, () => beginsLikeTar(gunzipSync(beginning, { finishFlush: constants.Z_SYNC_FLUSH })));
}
