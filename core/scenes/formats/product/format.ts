import { posix } from 'node:path';
import { InvalidSceneFile, insteadOf, ObjectNotFound } from '../../../base/errors.ts';
import { type Format, HEAD_BYTES } from '../format.ts';
import { itemChips, notShown, whole } from '../stacItem/itemChips.ts';
import { textOf } from './archived.ts';

const BEGINNING =
  /^(\xEF\xBB\xBF)?\s*(<[\s\S]*\b(Level-[12]\w+_User_Product|LANDSAT_METADATA_FILE|XFDU|GranuleUR>HLS)\b|GROUP = LANDSAT_METADATA_FILE\s)/;

/** The metadata of a scene in a folder, as an agency delivers it: the other files of the folder are the scene's. */
export const product: Format = {
  name: 'metadata of a scene',
  sniff: (head) => (BEGINNING.test(String.fromCharCode(...head.subarray(0, HEAD_BYTES))) ? 'yes' : 'no'),

  makeReader: (model, limits) =>
    async function* ({ key, size, chunks, asset, ...scene }) {
      const own = await textOf({ key, size, range: () => whole(chunks) });
      if (asset === undefined)
        throw new InvalidSceneFile(
          `${key}: found the folder of a scene among bulk files, allowed is one that is sent by itself, or the scene's archive. Put it outside of the folder of bulk files.`,
        );
      const missing = (found: string, cause: Error) =>
        new ObjectNotFound(`${key}: ${found} Send this file last; once the others are there, retry its run.`, {
          cause,
        });
      const { productItem } = await import('../../products/products.ts'); // few scenes need the parser of XML
      const name = posix.basename(key);
      const read = async (path: string) => (path === name ? own : textOf(await asset(path)));
      const item = await productItem(key, [name], read).catch(
        insteadOf(ObjectNotFound, (cause) => missing(`found no file of the metadata: ${cause.message}`, cause)),
      );
      yield* itemChips({ ...scene, key, size, open: asset, missing }, item, model, limits);
    },

  readChip: notShown("a scene's metadata"),
};
