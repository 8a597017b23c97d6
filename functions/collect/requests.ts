import { inOrder } from '../../core/base/concurrency/inOrder.ts';
import { keptFor } from '../../core/base/concurrency/keptFor.ts';
import { InvalidMessage, insteadOf, ObjectNotFound } from '../../core/base/errors.ts';
import type { Executions } from '../../core/base/executions.ts';
import { type ModelRef, modelId, type QueueRecord, type SceneRef, sceneId } from '../../core/base/messages.ts';
import type { FindObject, ListedScene, VersionedObjects, WriteObject } from '../../core/base/objectStore.ts';
import { isTransient } from '../../core/base/step.ts';
import { type BatchLimits, type BulkFile, sceneOf } from '../../core/batches/manifest.ts';
import { encodeAnswer } from '../../core/doors/requests/answer.ts';
import { type AnswerPorts, type Made, makeAnswersTaken, type Wanted } from '../../core/doors/requests/answerTaken.ts';
import { withoutFound } from '../../core/doors/requests/input.ts';
import { type LookUp, makeLookUp } from '../../core/doors/requests/lookUp.ts';
import { assertReply, parseRequest, splitRequest } from '../../core/doors/requests/request.ts';
import { keepRequest, locateRequest, modelOfRequest, type Taken } from '../../core/doors/requests/taken.ts';
import type { FeatureSource } from '../../core/features/contract.ts';
import { executionNameOf, makeAccept } from '../../core/ledger/accept.ts';
import type { Ledger } from '../../core/ledger/contract.ts';
import { chipsPerPart } from '../../core/package/bands.ts';
import type { Settings } from '../../core/parameters/settings.ts';
import type { Models } from '../../core/releases/contract.ts';
import { noneIfUnusable } from '../../core/releases/models.ts';
import type { Serving } from '../../core/releases/serving.ts';
import { type Gather, makeDeal, orRefused, type Refused } from './gather.ts';
import { type Due, encodeNote, idOfDue, inNotes, MOST_SECONDS, PATIENCE_MILLISECONDS, readNote } from './notes.ts';
import { fitsBatch, type Start, startAnnounced, startWork } from './startWork.ts';

export type RequestQueue = {
  readonly url: string;
  readonly send: (url: string, body: string, delaySeconds: number) => Promise<void>;
  /** Sends a message that can never be processed to the dead-letter queue, with a reason. */
  readonly bury: (body: string, reason: string) => Promise<void>;
};

export type RequestsPorts = BatchLimits &
  AnswerPorts & {
    models: Pick<Models, 'serving' | 'promotion' | 'load'>;
    executions: Pick<Executions, 'start' | 'arnOf'>;
    ledger: Pick<Ledger, 'rowsOf' | 'knownOf' | 'announceRun' | 'announceBatch'>;
    objects: Pick<VersionedObjects, 'readVersion' | 'replaceVersion'>;
    findObject: FindObject;
    writeResult: WriteObject;
    /** Where inputs that name records find these; if absent, such inputs are refused. */
    features?: FeatureSource | undefined;
    requestQueue: RequestQueue;
    now: () => Date;
  } & Pick<Settings, 'chipsPerPart' | 'leaseSeconds' | 'attemptLimit' | 'replyQueues'>;

/** Messages that are processed concurrently; each needs a few requests to S3. */
const AT_ONCE = 16;

/** The first wait before checking whether a request's runs have ended; it then doubles. */
const FIRST_LOOK_SECONDS = 5;
const MOST_REFUSALS = 5;

type Awaited = Due & { readonly messages: readonly string[] };
/** A request without its inputs, which may be hundreds of images. */
type Located = { messageId: string; isAnswered: boolean; taken: Taken; own: ListedScene | null; files: ListedScene[] };

/**
 * Processes requests for predictions. Each is first stored under its id; its work then goes into batches, like small files that
 * have arrived, or gets an execution of its own. If an answer is wanted, a note of it is in the queue before the message is
 * deleted: whatever is killed in between, the answer is sent, and at worst twice.
 *
 *   keep ── manifest ── row ── start ── note of the answer ── done … look ── all ended? ── answer ── done
 *
 * The ledger has a row (a claim or an open batch) before the execution is started: sweeps do not list stored requests, so
 * nothing else would know of an execution that died before it recorded anything.
 */
export function makeRequests(ports: RequestsPorts): Gather {
  const { requestQueue: queue } = ports;
  const accept = makeAccept(ports.executions);
  const answersTaken = makeAnswersTaken(ports);

  return async (records, log, refused) => {
    const located: Located[] = [];
    let answered = 0;
    const { deal, orBuried, buried } = makeDeal(queue, refused);
    const { load, serving, promotion } = ports.models; // the live models are read once for all requests of a call
    const kept = { load, serving: keptFor<void, Serving>(Infinity, serving), promotion: keptFor(Infinity, promotion) };

    const lookUp = makeLookUp(ports.features, ports.now);
    const read = records.map((record) => ({ record, due: readNote(record.body) }));
    const dealt = inOrder(read, AT_ONCE, async ({ record, due }) => {
      if (due === null) await deal(record, async () => located.push(await take(record, kept, lookUp)));
    });
    await Array.fromAsync(dealt);
    await start(located, refused);
    const first = { since: ports.now().toISOString(), delaySeconds: FIRST_LOOK_SECONDS, refusals: 0 };
    const later = located
      .filter(({ messageId, isAnswered }) => isAnswered && !refused.has(messageId))
      .map(({ messageId, taken }): Awaited => ({ taken, ...first, messages: [messageId] }));
    const awaited = awaitedBy(read.map(({ record, due }) => ({ messageId: record.messageId, due: due ?? [] })));
    const errors: { one: Awaited; error: unknown }[] = [];
    await answersTaken(awaited, async (one, make) => {
      const answering = orBuried(encodeNote([one]), async () => {
        const left = await answer(one, await make().catch(asUnanswerable));
        if (left === null) answered += 1;
        else later.push(left);
      });
      await answering.catch((error: unknown) => errors.push({ one, error }));
    });
    // Redeliver a note of which every answer failed, until it is a dead letter. If some answers were sent, they would be sent twice.
    const inTrouble = new Set(errors.map(({ one }) => one));
    const hasOthers = new Set(awaited.filter((one) => !inTrouble.has(one)).flatMap(({ messages }) => messages));
    for (const { one, error } of errors)
      if (one.messages.some((messageId) => hasOthers.has(messageId))) later.push(one);
      else await orRefused(one.messages, refused, () => Promise.reject(error));
    const idsOf = (those: readonly Awaited[]) => those.flatMap(({ messages }) => messages);
    const left = inOrder(inNotes(later), AT_ONCE, (those) => orRefused(idsOf(those), refused, () => leave(those)));
    await Array.fromAsync(left);
    Object.assign(log, { requests: located.length, buried: buried(), answered });
  };

  async function take({ messageId, body }: QueueRecord, models: RequestsPorts['models'], lookUp: LookUp) {
    const request = parseRequest(body);
    assertReply(request, queue.url, ports.replyQueues);
    const model = await modelOfRequest(models, request);
    const split = splitRequest(request, { bucket: ports.inboxBucket, prefix: ports.inboxPrefix });
    const isNamed = request.inputs.some(withoutFound); // a package that is unusable has the message come again
    const inputs = isNamed ? await lookUp(request.inputs, await models.load(model)) : request.inputs;
    await keepRequest(ports.objects, request, inputs);
    const { taken, request: own, files } = await locateRequest(ports, request, split, model);
    return { messageId, isAnswered: request.replyTo !== null, taken, own, files };
  }

  /** Starts the work of requests; the messages of work that cannot be started are redelivered. */
  async function start(located: readonly Located[], refused: Refused): Promise<void> {
    const idOf = (scene: SceneRef, model: ModelRef) => `${sceneId(scene)} ${modelId(model)}`;
    const asked = new Map<string, { scene: ListedScene; model: ModelRef; messages: string[]; isOwn: boolean }>();
    for (const { messageId, taken, own, files } of located)
      for (const scene of [...(own === null ? [] : [own]), ...files]) {
        const id = idOf(scene, taken.model);
        const known = asked.get(id) ?? { scene, model: taken.model, messages: [], isOwn: scene === own };
        known.messages.push(messageId);
        asked.set(id, known);
      }
    const files: BulkFile[] = [];
    const alone: Start[] = [];
    for (const { scene, model, messages, isOwn } of asked.values()) {
      const file = await fileOf(scene, model, isOwn);
      if (file === null) alone.push({ messages, run: () => startAlone(scene, model) });
      else files.push(file);
    }
    await startWork(ports, refused, {
      files,
      messagesOf: (scene, model) => asked.get(idOf(scene, model))?.messages ?? [],
      startBatch: (batch, scenes) => startAnnounced(ports, batch, scenes),
      alone,
    });
  }

  async function startAlone(listed: ListedScene, model: ModelRef): Promise<void> {
    const scene = sceneOf(listed);
    const loaded = await ports.models.load(model).catch(noneIfUnusable); // its execution records what is wrong with the package
    if (loaded !== null) {
      const { leaseSeconds, attemptLimit } = ports;
      const now = ports.now();
      const day = (listed.lastModified ?? now.toISOString()).slice(0, 10);
      const fixed = { day, chipsPerPart: chipsPerPart(loaded, ports.chipsPerPart) };
      const execution = ports.executions.arnOf(executionNameOf({ scene, model }));
      await ports.ledger.announceRun({ scene, model, execution, now, leaseSeconds, attemptLimit, fixed });
    }
    await accept({ scene, model });
  }

  /** A file's line of the manifest; null if it is not for a batch. Requests are limited in size, and small. */
  async function fileOf(scene: ListedScene, model: ModelRef, isOwn: boolean): Promise<BulkFile | null> {
    const { size, lastModified } = scene;
    if (size === undefined || lastModified === undefined) return null;
    if (!(await fitsBatch(ports, isOwn ? 0 : size, model))) return null;
    return { line: scene, day: lastModified.slice(0, 10), model };
  }

  /** Sends notes of answers that are due together. Duplicate notes become visible at the same times, so that they are merged. */
  function leave(those: readonly Due[]): Promise<void> {
    const { since, delaySeconds } = those[0]!;
    const ahead = delaySeconds - (Math.max(0, (ports.now().getTime() - Date.parse(since)) / 1000) % delaySeconds);
    const seconds = ahead < delaySeconds / 2 ? ahead + delaySeconds : ahead;
    return queue.send(queue.url, encodeNote(those), Math.ceil(seconds));
  }

  /** A killed call may have left a second note of an answer: merging them keeps their number from growing. */
  function awaitedBy(notes: readonly { messageId: string; due: readonly Due[] }[]): (Awaited & Wanted)[] {
    const all = notes.flatMap(({ messageId, due }) => due.map((one) => ({ messageId, one })));
    return [...Map.groupBy(all, ({ one }) => idOfDue(one)).values()].map((same) => {
      const { one } = same.at(-1)!;
      const isDue = ports.now().getTime() - Date.parse(one.since) > PATIENCE_MILLISECONDS;
      return { ...one, isDue, messages: same.map(({ messageId }) => messageId) };
    });
  }

  /** Sends the answer to a request whose runs have all ended; returns what to check later, or null if it was sent. */
  async function answer(due: Awaited, made: Made | null): Promise<Awaited | null> {
    const delaySeconds = Math.min(MOST_SECONDS, 2 * due.delaySeconds);
    if (made === null) return { ...due, delaySeconds };
    const { replyTo } = made.request;
    if (replyTo === null) return null;
    try {
      await queue.send(replyTo, encodeAnswer(made.answer), 0);
      return null;
    } catch (error) {
      if (isTransient(error)) throw error;
      const { name, message } = error as Error;
      if (due.refusals + 1 >= MOST_REFUSALS)
        throw new InvalidMessage(
          `The answer to the request ${due.taken.id} was refused ${MOST_REFUSALS} times by ${replyTo}: ${name}: ${message}`,
        );
      return { ...due, delaySeconds, refusals: due.refusals + 1 };
    }
  }
}

/** Deleted results cannot be answered any more, however often one checks. */
const unanswered = (cause: Error) => new InvalidMessage(`No answer can be made any more: ${cause.message}`, { cause });
const asUnanswerable = insteadOf(ObjectNotFound, unanswered);
