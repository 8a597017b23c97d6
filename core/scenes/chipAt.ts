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
  const heads = new Map<string, Promise<Uint8Array>>();

  function headOf(scene: SceneRef): Promise<Uint8Array> {
    const id = JSON.stringify([scene.bucket, scene.key, scene.versionId]);
    const kept = heads.get(id);
    if (kept !== undefined) return kept;
    const head = readRange(scene, 0, HEAD_BYTES);
    heads.set(id, head);
    head.catch(() => heads.delete(id));
    if (heads.size > KEPT) heads.delete(heads.keys().next().value!); // the oldest
    return head;
  }

  return async (scene, place, model) => {
    const { key, size } = scene;
    const head = await headOf(scene);
    const range = (offset: number, length: number) => readRange(scene, offset, length);
    return formatOf(scene, head, formatsOf(scene)).format.readChip({ key, size, head, range }, placeOf(place), model);
  };
}
