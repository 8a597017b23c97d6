import { makeKept } from '../base/concurrency/keepPromise.ts';
import type { SceneRef } from '../base/messages.ts';
import type { ReadRange } from '../base/objectStore.ts';
import { type Chip, placeOf, type StoredPlace } from '../package/chip.ts';
import type { ModelPackage } from '../package/package.ts';
import { type Format, HEAD_BYTES } from './formats/format.ts';
import { FORMATS, formatOf } from './formats/formats.ts';

/**
 * Reads one chip again. The scene file's size must be known; the file's first bytes are read once and cached. Throws like
 * `ReadRange` and the formats' readers.
 */
export type ChipAt = (scene: SceneRef & { size: number }, place: StoredPlace, model: ModelPackage) => Promise<Chip>;

/** The number of files whose first bytes are cached. */
const KEPT = 100;

export function makeChipAt(
  readRange: ReadRange,
  formatsOf: (scene: SceneRef) => readonly Format[] = () => FORMATS,
): ChipAt {
  const keep = makeKept<Uint8Array>(KEPT);
  return async (scene, place, model) => {
    const { bucket, key, versionId, size } = scene;
    const head = await keep(JSON.stringify([bucket, key, versionId]), () => readRange(scene, 0, HEAD_BYTES));
    const range = (offset: number, length: number) => readRange(scene, offset, length);
    return formatOf(scene, head, formatsOf(scene)).format.readChip({ key, size, head, range }, placeOf(place), model);
  };
}
