import { InvalidSceneFile } from '../base/errors.ts';
import { isHdf5, isZarr } from '../base/keys.ts';
import type { SceneRef } from '../base/messages.ts';
import { doorOf } from '../ledger/doorOf.ts';
import { type Format, startsAsCube } from '../scenes/formats/format.ts';
import { FORMATS } from '../scenes/formats/formats.ts';
import { notShown } from '../scenes/formats/stacItem/itemChips.ts';
import { answered } from './answered/format.ts';
import { request } from './requests/format.ts';

/** A request is JSON, as a STAC Item is, so it comes before it. */
const OF_FILES: readonly Format[] = [request, ...FORMATS];
const refused = notShown('a Zarr store or an HDF5 file, which is sent by itself, not among bulk files');
/** Zarr and HDF5 for all but the one function that holds their decoders. */
const ELSEWHERE: Format = {
  ...{ name: 'Zarr or HDF5', sniff: startsAsCube, readChip: refused },
  makeReader: () =>
    async function* (scene) {
      yield await refused(scene);
    },
};

/** Returns the formats in which a scene is read. Only what the service stored itself is read as answered predictions. */
export function formatsOf(scene: { readonly key: string }, cubes = ELSEWHERE): readonly Format[] {
  if (doorOf(scene) === 'http') return [answered];
  if (isZarr(scene.key)) return [cubes];
  return isHdf5(scene.key) ? [cubes, ...OF_FILES] : OF_FILES;
}

/** Throws `InvalidSceneFile` for a file under a key that only objects of the results bucket have. */
export function formatsOfCounted(scene: SceneRef, resultsBucket: string, cubes?: Format): readonly Format[] {
  const { bucket, key } = scene;
  if (bucket === resultsBucket || doorOf(scene) === 'file') return formatsOf(scene, cubes);
  throw new InvalidSceneFile(
    `${key}: found in the bucket ${bucket} a key that only requests and answers stored by the service have, in ${resultsBucket}; allowed is any other. Send the file under another key.`,
  );
}
