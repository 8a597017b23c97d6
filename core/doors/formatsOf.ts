import { InvalidSceneFile } from '../base/errors.ts';
import { isZarr } from '../base/keys.ts';
import type { SceneRef } from '../base/messages.ts';
import { doorOf } from '../ledger/doorOf.ts';
import type { Format } from '../scenes/formats/format.ts';
import { FORMATS } from '../scenes/formats/formats.ts';
import { notShown } from '../scenes/formats/stacItem/itemChips.ts';
import { answered } from './answered/format.ts';
import { request } from './requests/format.ts';

/** A request is JSON, as a STAC Item is, so it comes before it. */
const OF_FILES: readonly Format[] = [request, ...FORMATS];
const refused = ({ key }: { key: string }): never => {
  throw notShown(key, 'a Zarr store, which is sent by itself, not among bulk files');
};
/** Zarr for all but the one function that holds its decoders. */
const ZARR_ELSEWHERE: readonly Format[] = [
  { name: 'Zarr', sniff: () => 'yes', makeReader: () => refused, readChip: async (scene) => refused(scene) },
];
const OF_ANSWERED: readonly Format[] = [answered];

/** Returns the formats in which a scene is read. Only what the service stored itself is read as answered predictions. */
export function formatsOf(scene: { readonly key: string }, zarr = ZARR_ELSEWHERE): readonly Format[] {
  if (doorOf(scene) === 'http') return OF_ANSWERED;
  return isZarr(scene.key) ? zarr : OF_FILES;
}

/** Throws `InvalidSceneFile` for a file under a key that only objects of the results bucket have. */
export function formatsOfCounted(scene: SceneRef, resultsBucket: string, zarr?: readonly Format[]): readonly Format[] {
  const { bucket, key } = scene;
  if (bucket === resultsBucket || doorOf(scene) === 'file') return formatsOf(scene, zarr);
  throw new InvalidSceneFile(
    `${key}: found in the bucket ${bucket} a key that only requests and answers stored by the service have, in ${resultsBucket}; allowed is any other. Send the file under another key.`,
  );
}
