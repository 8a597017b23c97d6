import * as z from 'zod';
import type { BatchLimits, BulkFile } from '../../core/batches/manifest.ts';
import { withoutCitations } from '../../core/cited.ts';
import { makeAccept } from '../../core/door.ts';
import { InvalidMessage, ObjectNotFound } from '../../core/errors.ts';
import type { Executions } from '../../core/executions.ts';
import { inOrder } from '../../core/inOrder.ts';
import { batchEventInput, type ModelRef, type QueueRecord, type SceneRef } from '../../core/messages.ts';
import type { Models } from '../../core/models/models.ts';
import type { FindObject, ListedScene, VersionedObjects, WriteObject } from '../../core/objectStore.ts';
import { encodeAnswer } from '../../core/requests/answer.ts';
import { type AnswerPorts, makeAnswerTaken } from '../../core/requests/answerTaken.ts';
import { keepRequest } from '../../core/requests/keepRequest.ts';
import { modelOfRequest } from '../../core/requests/modelOfRequest.ts';
import { assertOwnReply, parseRequest, type Request } from '../../core/requests/request.ts';
import { splitRequest } from '../../core/requests/splitRequest.ts';
import { locateRequest, type Taken, takenSchema } from '../../core/requests/taken.ts';
import { executionName, sceneId } from '../../core/run.ts';
import { isTransient } from '../../core/step.ts';
import { makeFitsBatch } from './fitsBatch.ts';
import type { Gather, Refused } from './gather.ts';
import { writeManifest } from './writeManifest.ts';

/** The queue of requests, and those of whoever waits for an answer. */
export type RequestQueue = {
  /** The URL of the queue that requests come by. */
  readonly url: string;
  /** Puts a message into a queue, where it is hidden for so many seconds. */
  readonly send: (url: string, body: string, delaySeconds: number) => Promise<void>;
  /** Puts a message that can never be dealt with among the dead letters, with its reason. */
  readonly bury: (body: string, reason: string) => Promise<void>;
};

export type RequestsPorts = BatchLimits &
  AnswerPorts & {
    models: Pick<Models, 'serving' | 'promotion' | 'load'>;
    executions: Pick<Executions, 'start'>;
    objects: Pick<VersionedObjects, 'readVersion' | 'replaceVersion'>;
    findObject: FindObject;
    writeResult: WriteObject;
    chipsPerPart: number;
    requestQueue: RequestQueue;
    now: () => Date;
  };

/** Messages that are dealt with at the same time; each asks for a few objects. */
const AT_ONCE = 16;

/** So long it takes at first until it is looked whether a request's runs have ended, and at most, as it doubles. */
const FIRST_LOOK_SECONDS = 5;
const MOST_SECONDS = 300;
/** A run that has failed is tried again by the next sweep, within a day; what has not ended after two, is told as it stands. */
const PATIENCE_MILLISECONDS = 2 * 86_400_000;
/** So often a queue may refuse an answer. */
const MOST_REFUSALS = 5;

/**
 * A note that the function leaves for itself in the queue of requests: an answer is due. It stays there, whatever becomes of the
 * executions, until the answer has gone out.
 */
const noteSchema = z.strictObject({
  answer: takenSchema,
  since: z.iso.datetime(),
  delaySeconds: z.int().min(0).max(MOST_SECONDS),
  /** How often the queue that is to take the answer has refused it. */
  refusals: z.int().min(0),
});
type Note = z.infer<typeof noteSchema>;

type Located = { messageId: string; request: Request; taken: Taken; own: ListedScene | null; files: ListedScene[] };

/**
 * Requests for predictions. Each is kept under its id before anything is done for it; what it asks for goes into batches, as small
 * files do that have arrived, or has an execution of its own. Where an answer is wanted, a note of it is in the queue before the message
 * is done with: so it comes, whatever is killed in between, and at worst comes twice.
 *
 *   keep ── manifest ── start ── note of the answer ── done … look ── all ended? ── answer ── done
 */
export function makeRequests(ports: RequestsPorts): Gather {
  const { requestQueue: queue } = ports;
  const accept = makeAccept(ports.executions);
  const fitsBatch = makeFitsBatch(ports);
  const answerTaken = makeAnswerTaken(ports);

  return async (records, log) => {
    const refused: Refused[] = [];
    const located: Located[] = [];
    const counts = { requests: 0, buried: 0, answered: 0 };

    async function deal(record: QueueRecord): Promise<void> {
      try {
        const note = readNote(record.body);
        if (note === null) {
          located.push(await take(record));
          counts.requests += 1;
        } else if (await answer(note)) counts.answered += 1;
      } catch (error) {
        if (!(error instanceof InvalidMessage)) throw error;
        await queue.bury(record.body, error.message);
        counts.buried += 1;
      }
    }

    const dealt = inOrder(records, AT_ONCE, (record) => orRefused([record.messageId], refused, () => deal(record)));
    for await (const _ of dealt);
    await start(located, refused);
    const again = new Set(refused.map(({ messageId }) => messageId));
    const awaited = located.filter(({ messageId, request }) => request.replyTo !== null && !again.has(messageId));
    const noted = inOrder(awaited, AT_ONCE, ({ messageId, taken }) =>
      orRefused([messageId], refused, () =>
        leave({ answer: taken, since: ports.now().toISOString(), delaySeconds: FIRST_LOOK_SECONDS, refusals: 0 }),
      ),
    );
    for await (const _ of noted);
    Object.assign(log, counts);
    return [...new Map(refused.map((one) => [one.messageId, one])).values()];
  };

  /** Keeps a request, and finds what it means. */
  async function take({ messageId, body }: QueueRecord): Promise<Located> {
    const request = parseRequest(body);
    assertOwnReply(request, queue.url);
    const model = await modelOfRequest(ports.models, request);
    const split = splitRequest(request, { bucket: ports.inboxBucket, prefix: ports.inboxPrefix });
    await keepRequest(ports.objects, request, split);
    const { taken, request: own, files } = await locateRequest(ports, request, split, model);
    return { messageId, request, taken, own, files };
  }

  /** Starts what requests ask for; what cannot be started has the messages come again that ask for it. */
  async function start(located: readonly Located[], refused: Refused[]): Promise<void> {
    const asked = new Map<string, { scene: ListedScene; model: ModelRef; messages: string[]; isOwn: boolean }>();
    for (const { messageId, taken, own, files } of located)
      for (const scene of [...(own === null ? [] : [own]), ...files]) {
        const id = `${sceneId(scene)} ${taken.model.name}/${taken.model.version}`;
        const known = asked.get(id) ?? { scene, model: taken.model, messages: [], isOwn: scene === own };
        asked.set(id, { ...known, messages: [...known.messages, messageId] });
      }
    const files: BulkFile[] = [];
    const alone: { scene: SceneRef; model: ModelRef; messages: string[] }[] = [];
    for (const { scene, model, messages, isOwn } of asked.values()) {
      const line = await lineOf(scene, model, isOwn);
      if (line === null) alone.push({ scene, model, messages });
      else files.push(line);
    }
    const messagesOf =
      ({ name, version }: ModelRef) =>
      (scene: SceneRef) =>
        asked.get(`${sceneId(scene)} ${name}/${version}`)?.messages ?? [];
    const batches = await writeManifest(ports, files);
    const starts = [
      ...alone.map(({ scene, model, messages }) => ({ messages, run: () => accept({ scene: refOf(scene), model }) })),
      ...batches.map(({ batch, scenes }) => ({
        messages: scenes.flatMap(messagesOf(batch.model)),
        run: () => ports.executions.start(executionName(batch.id, 1), batchEventInput(batch)),
      })),
    ];
    const started = inOrder(starts, AT_ONCE, ({ messages, run }) => orRefused(messages, refused, run));
    for await (const _ of started);
  }

  /** A file's line of the manifest; null where it is not for a batch. A request is bounded by itself, and small. */
  async function lineOf(scene: ListedScene, model: ModelRef, isOwn: boolean): Promise<BulkFile | null> {
    const { size, lastModified, etag = null } = scene;
    if (size === undefined || lastModified === undefined) return null;
    if (!(await fitsBatch(isOwn ? 0 : size, model))) return null;
    return { line: { ...refOf(scene), etag, size }, day: lastModified.slice(0, 10), model };
  }

  function leave(note: Note): Promise<void> {
    return queue.send(queue.url, JSON.stringify(note), note.delaySeconds);
  }

  /** Answers a request whose runs have all ended, or looks again later; answers whether it did. */
  async function answer(note: Note): Promise<boolean> {
    const isDue = ports.now().getTime() - Date.parse(note.since) > PATIENCE_MILLISECONDS;
    const made = await answerTaken(note.answer, isDue).catch(asUnanswerable);
    const delaySeconds = Math.min(MOST_SECONDS, 2 * note.delaySeconds);
    if (made === null) {
      await leave({ ...note, delaySeconds });
      return false;
    }
    const { replyTo } = made.request;
    if (replyTo === null) return false;
    try {
      await queue.send(replyTo, encodeAnswer(made.answer), 0);
      return true;
    } catch (error) {
      if (isTransient(error)) throw error;
      const { name, message } = error as Error;
      if (note.refusals + 1 >= MOST_REFUSALS)
        throw new InvalidMessage(
          `The answer to the request ${note.answer.id} was refused ${MOST_REFUSALS} times by ${replyTo}: ${name}: ${message}`,
        );
      await leave({ ...note, delaySeconds, refusals: note.refusals + 1 });
      return false;
    }
  }
}

/** What has been taken away since cannot be told any more, however often one looks. */
function asUnanswerable(error: unknown): never {
  if (!(error instanceof ObjectNotFound)) throw error;
  throw new InvalidMessage(`No answer can be made any more: ${error.message}`, { cause: error });
}

function readNote(body: string): Note | null {
  if (!body.startsWith('{"answer"')) return null;
  try {
    return noteSchema.parse(JSON.parse(body));
  } catch {
    return null;
  }
}

function refOf({ bucket, key, versionId }: SceneRef): SceneRef {
  return { bucket, key, versionId };
}

/** Does something for messages; they come again where that fails. */
async function orRefused(messages: readonly string[], refused: Refused[], run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    const { name, message } = error as Error;
    const why = withoutCitations(`${name}: ${message}`);
    refused.push(...messages.map((messageId) => ({ messageId, why })));
  }
}
