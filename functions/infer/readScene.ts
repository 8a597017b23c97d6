import { createHash } from 'node:crypto';
import { InvalidSceneFile, SceneFileChanged } from '../../core/errors.ts';
import type { SceneLimits } from '../../core/limits.ts';
import type { SceneRef } from '../../core/messages.ts';
import { isBlank } from '../../core/models/bands.ts';
import type { ModelPackage } from '../../core/models/package.ts';
import type { OpenScene } from '../../core/objectStore.ts';
import { type Chip, makeChipReader } from '../../core/scenes/formats/tfrecord/chip.ts';
import { readTfRecords, type TfRecord } from '../../core/scenes/formats/tfrecord/tfrecord.ts';
import { checkSize, tooManyChips } from '../preprocess/preprocess.ts';

/** What one pass over a bulk file found: few bytes, so all of it is in memory. */
export type ReadScene = {
  size: number;
  digest: string;
  /** Records in the file, blank ones counted. */
  chips: number;
  blank: number;
  seen: { record: TfRecord; chip: Chip }[];
};

/** Reads a small scene file whole, and checks it as preprocess checks one of any size: what is said of it is the same. */
export function makeReadScene(openScene: OpenScene, model: ModelPackage, limits: SceneLimits) {
  const readChip = makeChipReader(model);

  return async (scene: SceneRef): Promise<ReadScene> => {
    const opened = await openScene(scene);
    try {
      checkSize(scene.key, opened.size, limits);
      const bytes = await whole(opened.chunks, opened.size);
      const digest = createHash('sha256').update(bytes).digest('hex');
      if (await opened.hasChanged(digest))
        throw new SceneFileChanged(`${scene.key} changed while it was read. Its new content is a run of its own.`);
      const read: ReadScene = { size: bytes.length, digest, chips: 0, blank: 0, seen: [] };
      for await (const record of readTfRecords(scene.key, piecesOf(bytes), limits.maxRecordBytes)) {
        read.chips += 1;
        if (read.chips > limits.maxChips) throw tooManyChips(scene.key, limits);
        const chip = readChip(record);
        if (isBlank(chip.planes, model.blankMax)) read.blank += 1;
        else read.seen.push({ record, chip });
      }
      return read;
    } catch (error) {
      if (error instanceof InvalidSceneFile && (await opened.hasChanged()))
        throw new SceneFileChanged(`${scene.key} changed while it was read. Its new content is a run of its own.`);
      throw error;
    } finally {
      opened.close();
    }
  };
}

/** All of a file in memory of its own: a source may write its next chunk into the buffer of one that it has handed out. */
async function whole(chunks: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let length = 0;
  for await (const chunk of chunks) {
    const buffer = chunk.subarray(0, size - length);
    bytes.set(buffer, length);
    length += buffer.length;
    if (buffer.length < chunk.length) break; // it grew while it was read, so it is another version: its digest says so
  }
  return bytes.subarray(0, length);
}

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  if (bytes.length > 0) yield bytes;
}
