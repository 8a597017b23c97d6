import { inOrder } from '../../core/base/concurrency/inOrder.ts';
import type { Executions } from '../../core/base/executions.ts';
import type { BatchRef, ModelRef, SceneRef } from '../../core/base/messages.ts';
import { batchEventInput, executionName } from '../../core/base/messages.ts';
import type { WriteObject } from '../../core/base/objectStore.ts';
import { type BatchLimits, type BulkFile, readLines, writeManifest } from '../../core/batches/manifest.ts';
import type { Ledger } from '../../core/ledger/contract.ts';
import { chipsPerPart } from '../../core/package/bands.ts';
import type { Models } from '../../core/releases/contract.ts';
import { noneIfUnusable } from '../../core/releases/models.ts';
import { orRefused, type Refused } from './gather.ts';

const AT_ONCE = 16;
/** A file of a few tiny chips consists mostly of metadata: this size is small for every model. */
const FEW_BYTES = 64 * 1024;

export type Start = { messages: readonly string[]; run: () => Promise<unknown> };

type Work = {
  files: readonly BulkFile[];
  messagesOf: (scene: SceneRef, model: ModelRef) => readonly string[];
  startBatch: (batch: BatchRef, scenes: readonly SceneRef[]) => Promise<unknown>;
  alone?: readonly Start[];
};

/** Starts batches of files, whose manifest exists before, and others; refuses messages of those that cannot start. */
export async function startWork(
  ports: BatchLimits & { writeResult: WriteObject },
  refused: Refused,
  { files, messagesOf, startBatch, alone = [] }: Work,
): Promise<number> {
  const { bytes, batches } = await writeManifest(ports, files);
  const starts = batches.map((batch): Start => {
    const lines = readLines(bytes.subarray(batch.offset, batch.offset + batch.length));
    return { messages: lines.flatMap((line) => messagesOf(line, batch.model)), run: () => startBatch(batch, lines) };
  });
  const starting = inOrder([...alone, ...starts], AT_ONCE, ({ messages, run }) => orRefused(messages, refused, run));
  await Array.fromAsync(starting);
  return batches.length;
}

type AnnouncePorts = {
  ledger: Pick<Ledger, 'announceBatch' | 'knownOf'>;
  executions: Pick<Executions, 'start' | 'arnOf'>;
  now: () => Date;
  leaseSeconds: number;
};

/** Starts a batch of which the ledger knows before: sweeps do not list what is stored outside of the inbox. */
export async function startAnnounced(ports: AnnouncePorts, batch: BatchRef, scenes: readonly SceneRef[]) {
  if ((await ports.ledger.knownOf(scenes, batch.model)).size === scenes.length) return; // opened again, nobody would close it
  const name = executionName(batch.id, 1);
  await ports.ledger.announceBatch(batch, ports.executions.arnOf(name), ports.now(), ports.leaseSeconds);
  await ports.executions.start(name, batchEventInput(batch));
}

const TEXT_BYTES = 100;

/** Whether a file may be in a batch: it is small, or no larger than a prepared part's chips, and no map is made. */
export async function fitsBatch(
  ports: { models: Pick<Models, 'load'>; bytesPerBatch: number; chipsPerPart: number },
  size: number,
  ref: ModelRef,
): Promise<boolean> {
  const model = await ports.models.load(ref).catch(noneIfUnusable); // the execution of its own records the error
  if (model === null || model.output.pixels !== null) return false;
  const ofBands = model.source.bands.reduce((sum, { bytesPerChip }) => sum + bytesPerChip, 0);
  const chip = model.text === undefined ? ofBands : TEXT_BYTES;
  return size <= Math.min(ports.bytesPerBatch, Math.max(FEW_BYTES, chipsPerPart(model, ports.chipsPerPart) * chip));
}
