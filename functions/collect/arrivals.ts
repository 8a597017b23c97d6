import { attempt, jsonIn, onError, withoutCitations } from '../../core/base/errors.ts';
import type { Executions } from '../../core/base/executions.ts';
import { isBulk, isCanary, isSceneFile, markedFolder, readsOthers } from '../../core/base/keys.ts';
import * as inputs from '../../core/base/messages.ts';
import { executionName, runId, sceneId, UNASSIGNED } from '../../core/base/messages.ts';
import type { ListedScene, LookUpScenes, WriteObject } from '../../core/base/objectStore.ts';
import type { BatchLimits, BulkFile } from '../../core/batches/manifest.ts';
import { eventsIn, InvalidNotification } from '../../core/doors/notifications/notification.ts';
import { makeAccept } from '../../core/ledger/accept.ts';
import type { Settings } from '../../core/parameters/settings.ts';
import type { Models } from '../../core/releases/contract.ts';
import { type Serving, takersOf } from '../../core/releases/serving.ts';
import type { Gather } from './gather.ts';
import { fitsBatch, startWork } from './startWork.ts';

export type ArrivalsPorts = BatchLimits & {
  models: Pick<Models, 'serving' | 'load'>;
  executions: Pick<Executions, 'start'>;
  lookUpScenes: LookUpScenes;
  writeResult: WriteObject;
} & Pick<Settings, 'inboxBucket' | 'inboxPrefix' | 'bulkPrefix' | 'chipsPerPart'>;

/** Arrivals by scene, with their messages: an event may be delivered twice. */
type Came = { scene: inputs.SceneRef; messages: string[] };

/**
 * Starts files that have arrived, by S3's notifications or events. Small ones go into a manifest, and each batch of it is one
 * execution, named after the batch: gathering the same files again starts nothing twice, and gathering them with others starts
 * a batch that skips those that have ended. Other files get an execution of their own, as without a queue:
 *
 * - a file with more bytes than a prepared part's chips, or than a batch may have. A compressed file may hold more chips than its
 *   size suggests; one that is too much for a batch's worker is finally tried alone: see batches in docs/reliability.md;
 * - a file that batches do not support: a STAC Item or a folder of a scene, whose other files would have to be read, HDF5, and files of a model that makes maps;
 * - a file that no live model takes, or that is gone: the execution records this, and the sweep follows up;
 * - a marker, whose execution is a sweep, and a canary, which tests that events arrive.
 */
export function makeArrivals(ports: ArrivalsPorts): Gather {
  const accept = makeAccept(ports.executions);

  return async (records, log, refused) => {
    const came = { alone: new Map<string, Came>(), file: new Map<string, Came>() };
    const unread = onError(InvalidNotification, ({ message: why }): Arrival[] => [{ kind: 'refused', why }]);
    const readArrivals = (body: string) => eventsIn(jsonIn(body)).flatMap((event) => readEvent(event, ports) ?? []);
    for (const { messageId, body } of records)
      for (const arrival of attempt(() => readArrivals(body), unread)) {
        if (arrival.kind === 'refused') {
          refused.set(messageId, withoutCitations(arrival.why));
          continue;
        }
        const { kind, scene } = arrival;
        const known = came[kind].get(sceneId(scene)) ?? { scene, messages: [] };
        known.messages.push(messageId);
        came[kind].set(sceneId(scene), known);
      }
    const { files, alone } = await sorted(came.file);
    const others = [...came.alone.values(), ...alone];
    const batches = await startWork(ports, refused, {
      files,
      messagesOf: (scene) => came.file.get(sceneId(scene))?.messages ?? [],
      startBatch: (batch) => ports.executions.start(executionName(batch.id, 1), inputs.batchEventInput(batch)),
      alone: others.map(({ scene, messages }) => ({ messages, run: () => startAlone(scene) })),
    });
    Object.assign(log, { files: files.length, batches, alone: others.length });
  };

  /** Starts a canary's execution under a name of its own, by which `swath doctor` finds it. */
  function startAlone(scene: inputs.SceneRef): Promise<unknown> {
    if (!isCanary(scene.key, ports.inboxPrefix)) return accept({ scene });
    return ports.executions.start(`canary-${runId(scene, UNASSIGNED)}`, inputs.sceneInput(scene));
  }

  /** Splits files into those for batches, once for each live model that takes them, and those with executions of their own. */
  async function sorted(came: ReadonlyMap<string, Came>): Promise<{ files: BulkFile[]; alone: Came[] }> {
    if (came.size === 0) return { files: [], alone: [] };
    const [serving, listed] = await Promise.all([
      ports.models.serving(),
      ports.lookUpScenes([...came.values()].map(({ scene }) => scene)),
    ]);
    const shown = new Map(listed.map((scene) => [sceneId(scene), scene]));
    const files: BulkFile[] = [];
    const alone: Came[] = [];
    for (const [id, one] of came) {
      const scene = shown.get(id);
      if (scene !== undefined && !isSceneFile(scene)) continue; // a folder, whose event did not contain its size
      const own = scene === undefined ? null : await filesOf(scene, serving);
      if (own === null) alone.push(one);
      else files.push(...own);
    }
    return { files, alone };
  }

  /** A file's lines of the manifest; null if it is not for a batch. Its day is that of its LastModified, as everywhere. */
  async function filesOf(scene: ListedScene, serving: Serving): Promise<BulkFile[] | null> {
    const { key, size, lastModified } = scene;
    const takers = takersOf(serving, key);
    if (takers.length === 0 || readsOthers(key)) return null;
    if (lastModified === undefined || size === undefined) return null;
    for (const { model } of takers) if (!(await fitsBatch(ports, size, model))) return null;
    return takers.map(({ model }) => ({ line: scene, day: lastModified.slice(0, 10), model }));
  }
}

/** The selection equals that of the first state in stepfunctions/pipeline.yml, for events that start executions. */
type Arrival =
  /** Alone: the marker of a folder of bulk files, or a canary, which gets an execution of its own. */
  { kind: 'file' | 'alone'; scene: inputs.SceneRef } | { kind: 'refused'; why: string };

/** Reads an S3 notification or EventBridge event; null if it is not about a scene file: such an event is ignored. */
function readEvent(event: unknown, { inboxBucket, inboxPrefix, bulkPrefix }: ArrivalsPorts): Arrival | null {
  const read = inputs.sceneEventSchema.safeParse(event);
  if (!read.success) {
    const { path, message } = read.error.issues[0]!;
    const where = path.join('.') || 'the message';
    return { kind: 'refused', why: `It is no event of S3 (${where}: ${message}), as S3 or EventBridge sends it.` };
  }
  const { scene } = read.data;
  const { bucket, key } = scene;
  if (bucket !== inboxBucket)
    return { kind: 'refused', why: `It is of the bucket ${bucket}, allowed is the inbox, ${inboxBucket}.` };
  if (markedFolder(key, bulkPrefix) !== null || isCanary(key, inboxPrefix)) return { kind: 'alone', scene };
  if (!key.startsWith(inboxPrefix))
    return { kind: 'refused', why: `Its key does not begin with ${inboxPrefix}, as the inbox does.` };
  const size = inputs.objectSizeSchema.safeParse(event).data?.detail.object.size;
  return isBulk(key, bulkPrefix) || !isSceneFile({ key, size }) ? null : { kind: 'file', scene };
}
