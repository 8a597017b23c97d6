import { InvalidSceneFile, ObjectNotFound } from '../../../base/errors.ts';
import { MAX_SCENE_ITEM_BYTES } from '../../../base/limits.ts';
import { type Format, HEAD_BYTES } from '../format.ts';
import { itemChips, notShown, whole } from './itemChips.ts';

/** STAC Items. Each is a scene whose bands are in several files, which are rasters. */
export const stacItem: Format = {
  name: 'STAC Item',
  // A TFRecord begins with a length, whose upper bytes are 0.
  sniff: (head) =>
    /^(\xef\xbb\xbf)?\{\s*"\w/.test(String.fromCharCode(...head.subarray(0, HEAD_BYTES))) ? 'yes' : 'no',
  makeReader: (model, limits) =>
    async function* ({ key, size, chunks, asset, ...scene }) {
      if (size > MAX_SCENE_ITEM_BYTES)
        throw new InvalidSceneFile(
          `${key}: found a JSON file of ${size} bytes, allowed is a STAC Item of at most ${MAX_SCENE_ITEM_BYTES}`,
        );
      const { parseItem } = await import('./item.ts'); // few scenes need its schema
      const item = parseItem(key, await whole(chunks));
      if (asset === undefined)
        throw new InvalidSceneFile(
          `${key}: found a STAC Item among bulk files, allowed is one that is sent by itself: put it outside of the folder of bulk files`,
        );
      // A missing file may still arrive, so the Item is not invalid for it.
      const missing = (found: string, cause: Error) =>
        new ObjectNotFound(`${key}: ${found} Send the files before the Item; once they are there, retry its run.`, {
          cause,
        });
      yield* itemChips({ ...scene, key, size, open: asset, missing }, item, model, limits);
    },
  readChip: notShown('a STAC Item'),
};
