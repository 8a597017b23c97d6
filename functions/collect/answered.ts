import { inOrder } from '../../core/base/concurrency/inOrder.ts';
import { InvalidMessage, TransientTrouble } from '../../core/base/errors.ts';
import { inGroups } from '../../core/base/inGroups.ts';
import { modelId, type QueueRecord } from '../../core/base/messages.ts';
import type { BulkFile } from '../../core/batches/manifest.ts';
import type { Answered } from '../../core/doors/answered/answered.ts';
import { answeredId, encodeAnswered, encodeGathered, parseAnswered } from '../../core/doors/answered/answered.ts';
import { predictedRows } from '../../core/doors/answered/predictedRows.ts';
import { noneIfUnusable } from '../../core/releases/models.ts';
import { type Gather, makeDeal, orRefused } from './gather.ts';
import type { RequestsPorts } from './requests.ts';
import { startAnnounced, startWork } from './startWork.ts';

type OnlyOfRequests = 'readResult' | 'inboxBucket' | 'inboxPrefix' | 'chipsPerPart' | 'attemptLimit' | 'replyQueues';
export type AnsweredPorts = Omit<RequestsPorts, 'ledger' | OnlyOfRequests> & {
  ledger: Pick<RequestsPorts['ledger'], 'announceBatch' | 'knownOf'>;
};

type Came = { answered: Answered; messages: string[] };

const AT_ONCE = 16;

/**
 * Counts predictions that were answered over HTTP. The messages of a model version that come together are stored as one object,
 * named by its content, and processed in a batch like small files. Each message is claimed in the ledger by the run that counts
 * it, so a redelivered message may be in several objects but counts in only one.
 *
 *   object ── manifest ── row of the batch ── start ── done
 */
export function makeAnswered(ports: AnsweredPorts): Gather {
  return async (records, log, refused) => {
    const came = new Map<string, Came>();
    const { deal, buried } = makeDeal(ports.requestQueue, refused);
    await Array.fromAsync(
      inOrder(records, AT_ONCE, (record) => deal(record, async () => take(came, record, await readMessage(record)))),
    );
    const files: BulkFile[] = [];
    const messagesOf = new Map<string, string[]>();
    for (const those of gathersOf([...came.values()], ports)) {
      const messages = those.flatMap((one) => one.messages);
      await orRefused(messages, refused, async () => {
        const file = await keep(those);
        files.push(file);
        messagesOf.set(file.line.key, messages);
      });
    }
    await orRefused([...messagesOf.values()].flat(), refused, () =>
      startWork(ports, refused, {
        files,
        messagesOf: ({ key }) => messagesOf.get(key) ?? [],
        startBatch: (batch, scenes) => startAnnounced(ports, batch, scenes),
      }),
    );
    const dead = buried() > 0 && { answeredBuried: buried() };
    Object.assign(log, { answered: came.size, gathers: files.length, ...dead });
  };

  /** @throws InvalidMessage if it can never be counted */
  async function readMessage({ body }: QueueRecord): Promise<Answered> {
    const answered = parseAnswered(body);
    const { name, version } = answered.model;
    const model = await ports.models.load(answered.model).catch(noneIfUnusable);
    if (model === null)
      throw new InvalidMessage(
        `The predictions of the request ${answered.request} cannot be counted: the package of ${name} ${version} is not there, or cannot be used.`,
      );
    const found = predictedRows(answered, model);
    if ('rows' in found) return answered;
    throw new InvalidMessage(`The predictions of the request ${answered.request} cannot be counted: ${found.offence}.`);
  }

  /** Stores messages as one object; gathering the same messages again finds it. */
  async function keep(those: readonly Came[]): Promise<BulkFile> {
    const { key, bytes } = encodeGathered(those.map(({ answered }) => answered));
    await ports.objects.replaceVersion(key, bytes, null);
    const found = await ports.findObject({ bucket: ports.resultsBucket, key, versionId: null });
    if (typeof found === 'string' || found.lastModified === undefined)
      throw new TransientTrouble(`${key} was written, and is not to be found.`);
    const line = { ...found, size: bytes.length };
    return { line, day: found.lastModified.slice(0, 10), model: those[0]!.answered.model };
  }
}

/** @throws InvalidMessage if another message has its id but different predictions */
function take(came: Map<string, Came>, { messageId }: QueueRecord, answered: Answered): void {
  const known = came.get(answeredId(answered));
  if (known === undefined) came.set(answeredId(answered), { answered, messages: [messageId] });
  else if (encodeAnswered(known.answered) === encodeAnswered(answered)) known.messages.push(messageId);
  else
    throw new InvalidMessage(
      `The predictions of the request ${answered.request} cannot be counted: a message came with others for its part ${answered.part}.`,
    );
}

/** Groups messages by model version and by whether a shadow has seen them, in the order of their ids, within the limits of a scene file and a batch. */
function gathersOf(came: readonly Came[], { sceneLimits, bytesPerBatch }: AnsweredPorts): Came[][] {
  const limits = [sceneLimits.maxChips, Math.min(sceneLimits.maxFileBytes, bytesPerBatch)];
  const sizesOf = ({ answered }: Came) => [answered.inputs.length, Buffer.byteLength(encodeAnswered(answered)) + 1];
  const alike = Map.groupBy(came, ({ answered: { model, columns } }) => `${modelId(model)} ${columns.join()}`);
  const inOrder = (those: Came[]) => those.sort((a, b) => (answeredId(a.answered) < answeredId(b.answered) ? -1 : 1));
  return [...alike.values()].flatMap((those) => inGroups(inOrder(those), limits, sizesOf));
}
