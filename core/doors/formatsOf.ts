import { InvalidSceneFile } from '../base/errors.ts';
import type { SceneRef } from '../base/messages.ts';
import { doorOf } from '../ledger/doorOf.ts';
import type { Format } from '../scenes/formats/format.ts';
import { FORMATS } from '../scenes/formats/formats.ts';
import { answered } from './answered/format.ts';
import { request } from './requests/format.ts';

/** A request is JSON, as a STAC Item is, so it comes before it. */
const OF_FILES: readonly Format[] = [request, ...FORMATS];
const OF_ANSWERED: readonly Format[] = [answered];

/** Returns the formats in which a scene is read. Only what the service stored itself is read as answered predictions. */
export function formatsOf(scene: { readonly key: string }): readonly Format[] {
  return doorOf(scene) === 'http' ? OF_ANSWERED : OF_FILES;
}

/** Throws `InvalidSceneFile` for a file under a key that only objects of the results bucket have. */
export function formatsOfCounted(scene: SceneRef, resultsBucket: string): readonly Format[] {
  const { bucket, key } = scene;
  if (bucket === resultsBucket || doorOf(scene) === 'file') return formatsOf(scene);
  throw new InvalidSceneFile(
    `${key}: found in the bucket ${bucket} a key that only requests and answers stored by the service have, in ${resultsBucket}; allowed is any other. Send the file under another key.`,
  );
}
