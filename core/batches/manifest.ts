import { createHash, hash } from 'node:crypto';
import * as z from 'zod';
import { inGroups } from '../base/inGroups.ts';
import { manifestKey } from '../base/keys.ts';
import { type BatchRef, type ModelRef, modelId, type SceneRef, sceneRefSchema } from '../base/messages.ts';
import { nullIfNotFound, type ReadPiece, type WriteObject } from '../base/objectStore.ts';

/**
 * A manifest lists bulk files, one JSON object per line, and a batch is a range of its lines. Steps pass references to
 * such ranges, so a batch's lines are read with one ranged request.
 */

/** A retried file is listed from its row, which does not know the etag and perhaps not the size. */
const lineSchema = sceneRefSchema.extend({ etag: z.string().nullable(), size: z.int().min(0).nullable() });
type ManifestLine = z.infer<typeof lineSchema>;
type Line = SceneRef & { etag?: string | null | undefined; size?: number | null | undefined };

export type BulkFile = { line: Line; day: string; model: ModelRef };

export type BatchLimits = { filesPerBatch: number; bytesPerBatch: number };

/** Files of one day and version: a batch has no others. */
export const batchGroup = ({ day, model }: BulkFile): string => `${day} ${modelId(model)}`;

/** Lists files by day, model version and key, and cuts them into batches of one day and one version each. */
export function makeManifest(files: readonly BulkFile[], { filesPerBatch, bytesPerBatch }: BatchLimits) {
  const sorted = files
    .toSorted((one, other) => compare(placeOf(one), placeOf(other)))
    .map((file) => ({ ...file, text: Buffer.from(`${JSON.stringify(lineOf(file.line))}\n`) }));
  const bytes = new Uint8Array(Buffer.concat(sorted.map(({ text }) => text)));
  const key = manifestKey(hash('sha256', bytes).slice(0, 32));
  const batches: BatchRef[] = [];
  let offset = 0;
  for (const alike of Map.groupBy(sorted, batchGroup).values())
    for (const batch of inGroups(alike, [filesPerBatch, bytesPerBatch], ({ line }) => [1, line.size ?? 0])) {
      const lines = Buffer.concat(batch.map(({ text }) => text));
      const { day, model } = batch[0]!;
      // The same lines, day and version give the same id, whoever cuts the batch.
      const about = JSON.stringify([day, model.name, model.version]);
      const id = createHash('sha256').update(about).update(lines).digest('hex').slice(0, 32);
      batches.push({ id, manifest: key, offset, length: lines.length, files: batch.length, day, model });
      offset += lines.length;
    }
  return { key, bytes, batches };
}

/** Writes the manifest of files, so that it exists before any of its batches is handed on. */
export async function writeManifest(ports: BatchLimits & { writeResult: WriteObject }, files: readonly BulkFile[]) {
  const manifest = makeManifest(files, ports);
  if (files.length > 0) await ports.writeResult(manifest.key, manifest.bytes);
  return manifest;
}

export function readLines(bytes: Uint8Array): ManifestLine[] {
  const texts = new TextDecoder().decode(bytes).split('\n').slice(0, -1);
  return texts.map((text) => lineSchema.parse(JSON.parse(text)));
}

export async function readBatch(readPiece: ReadPiece, batch: BatchRef): Promise<ManifestLine[] | null> {
  const bytes = await readPiece(batch.manifest, batch.offset, batch.length).catch(nullIfNotFound);
  return bytes && readLines(bytes);
}

/** Returns the fields of the manifest's contract, in its order. */
const lineOf = ({ bucket, key, versionId, etag = null, size = null }: Line) => ({ bucket, key, versionId, etag, size });

const placeOf = ({ line, day, model }: BulkFile): string => [day, modelId(model), line.key, line.versionId].join('\0');

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

export const sceneOf = ({ bucket, key, versionId }: SceneRef): SceneRef => ({ bucket, key, versionId });
