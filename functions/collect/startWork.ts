import { inOrder } from '../../core/base/concurrency/inOrder.ts';
import { errorForLog, InvalidMessage, onError } from '../../core/base/errors.ts';
import type { Executions } from '../../core/base/executions.ts';
import type { BatchRef, ModelRef, QueueRecord, SceneRef } from '../../core/base/messages.ts';
import { batchEventInput, executionName } from '../../core/base/messages.ts';
import type { WriteObject } from '../../core/base/objectStore.ts';
import type { LogFields } from '../../core/base/step.ts';
import { type BatchLimits, type BulkFile, readLines, writeManifest } from '../../core/batches/manifest.ts';
import type { Ledger } from '../../core/ledger/contract.ts';
import { chipsPerPart } from '../../core/package/bands.ts';
import type { Models } from '../../core/releases/contract.ts';
import { noneIfUnusable } from '../../core/releases/models.ts';

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

/** Processes messages of one queue, and notes those to be redelivered. Throws if all of them are. */
export type Gather = (records: readonly QueueRecord[], log: LogFields, refused: Refused) => Promise<void>;

/** The ids of messages to be redelivered, and why; in the end, they become dead letters. */
export type Refused = Map<string, string>;

/** How many refused messages are logged with their reason; the others most likely fail for the same reason. */
export const MOST_TOLD = 20;

/** Makes what deals with messages of a queue one by one: a message becomes a dead letter if it can never be processed, and is redelivered after any other failure. */
export function makeDeal(queue: { bury: (body: string, reason: string) => Promise<void> }, refused: Refused) {
  let buried = 0;
  const bury = async (body: string, reason: string): Promise<void> => {
    await queue.bury(body, reason);
    buried += 1;
  };
  const orBuried = (body: string, run: () => Promise<unknown>): Promise<unknown> =>
    run().catch(onError(InvalidMessage, ({ message }) => bury(body, message)));
  return {
    bury,
    buried: () => buried,
    orBuried,
    deal: ({ messageId, body }: Pick<QueueRecord, 'messageId' | 'body'>, run: () => Promise<unknown>) =>
      orRefused([messageId], refused, () => orBuried(body, run)),
  };
}

/** Runs work for messages, which are redelivered if it fails. */
export async function orRefused(messages: readonly string[], refused: Refused, run: () => Promise<unknown>) {
  try {
    await run();
  } catch (error) {
    for (const messageId of messages) refused.set(messageId, errorForLog(error));
  }
}
