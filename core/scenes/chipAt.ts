import { makeKept } from '../base/concurrency/keepPromise.ts';
import type { SceneRef } from '../base/messages.ts';
import type { ReadRange } from '../base/objectStore.ts';
import { type Chip, type ModelPackage, placeOf, type StoredPlace } from '../package/package.ts';
import { type Format, HEAD_BYTES } from './formats/format.ts';
import { FORMATS, formatOf } from './formats/formats.ts';

/** Reads a chip of a file of known size again; the file's start is read once. Throws as formats' readers do. */
export type ChipAt = (scene: SceneRef & { size: number }, place: StoredPlace, model: ModelPackage) => Promise<Chip>;

const KEPT = 100;

export function makeChipAt(readRange: ReadRange, formatsOf = (_: SceneRef): readonly Format[] => FORMATS): ChipAt {
  const keep = makeKept<{ head: Uint8Array; format: Format }>(KEPT);
  return async (scene, place, model) => {
    const { bucket, key, versionId, size } = scene;
    const { head, format } = await keep(JSON.stringify([bucket, key, versionId]), async () => {
      const head = await readRange(scene, 0, HEAD_BYTES);
      return { head, format: formatOf(scene, head, formatsOf(scene)).format };
    });
    const range = (offset: number, length: number) => readRange(scene, offset, length);
    return format.readChip({ key, size, head, range }, placeOf(place), model);
  };
}
