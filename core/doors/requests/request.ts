import * as z from 'zod';
import { attempt, citedStart, InvalidMessage, InvalidSceneFile, insteadOf, onError } from '../../base/errors.ts';
import { companionEnding, isCanary } from '../../base/keys.ts';
import { MAX_QUEUE_MESSAGE_BYTES, MAX_REQUEST_INPUTS } from '../../base/limits.ts';
import { isSafeName, safeNameRule } from '../../base/names.ts';
import type { Refusal } from '../../scenes/refusals.ts';
import { parseJson } from '../queueMessage.ts';
import { type FileInput, inputName, memberOffence, parseInput } from './input.ts';

/** A request for predictions, as in a queue's message: docs/requests.md. Its inputs are validated one by one. */
export type Request = {
  /** Makes it idempotent: of two requests with one id, the second is the same one, or is rejected. */
  readonly id: string;
  /** Without a version, the promoted one; null for the model that takes files without a model of their own. */
  readonly model: { readonly name: string; readonly version: string | null } | null;
  readonly inputs: readonly unknown[];
  readonly replyTo: string | null;
};

const modelRule = `"name" or "name/version", each ${safeNameRule}`;
const replyRule = 'the URL of a standard queue of SQS';
const inputsRule = `a list of 1 to ${MAX_REQUEST_INPUTS}`;

export const inputsSchema = z.array(z.unknown(), inputsRule).min(1, inputsRule).max(MAX_REQUEST_INPUTS, inputsRule);

/** The members of a message. Each error message says what is allowed in its place. */
const members = {
  id: z.string(safeNameRule).refine(isSafeName, safeNameRule),
  model: z
    .string(modelRule)
    .refine((text) => /^[^/]+(\/[^/]+)?$/.test(text) && text.split('/').every(isSafeName), modelRule)
    .nullish(),
  inputs: inputsSchema,
  replyTo: z
    .string(replyRule)
    .max(300, replyRule)
    // A FIFO queue requires a message group, which answers do not have.
    .regex(/^https?:\/\/[^/\s]+\/\d{12}\/[\w-]{1,80}$/, replyRule)
    .nullish(),
};
const requestSchema = z.strictObject(members, 'a JSON object');

/** Throws `InvalidMessage` with what is allowed. Files do not count in `mostBytes`: they have limits of their own. */
export function parseRequest(text: string, mostBytes = MAX_QUEUE_MESSAGE_BYTES): Request {
  const bytes = Buffer.byteLength(text);
  if (bytes > mostBytes)
    throw new InvalidMessage(
      `The request has ${bytes} bytes, allowed are at most ${mostBytes}. Send its inputs in several, or put them into the inbox and name them (s3).`,
    );
  const json = parseJson(text, 'The request cannot be taken', 'id and inputs');
  const parsed = requestSchema.safeParse(json);
  if (!parsed.success) {
    const { id } = Object(json);
    const who = typeof id === 'string' && isSafeName(id) ? `The request ${id}` : 'The request';
    const offences = parsed.error.issues
      .slice(0, MOST_OFFENCES)
      .map((issue) => memberOffence(issue, json, `are ${Object.keys(requestSchema.shape).join(', ')}`));
    throw new InvalidMessage(`${who} cannot be taken: ${offences.join('; ')}.`);
  }
  const { id, model, inputs, replyTo = null } = parsed.data;
  const [name, version = null] = model?.split('/') ?? [];
  return { id, model: name === undefined ? null : { name, version }, inputs, replyTo };
}

const MOST_OFFENCES = 5;

/**
 * Rejects a request whose answer would go to a queue that the parameter replyQueues does not name, to one of another account or
 * region, or to one of the service's own.
 * @param ownQueue the URL of the queue that the request came from
 * @param replyQueues the parameter: ARNs, or the beginning of names and a star
 * @throws {InvalidMessage} with what is allowed
 */
export function assertReply({ id, replyTo }: Pick<Request, 'id' | 'replyTo'>, ownQueue: string, replyQueues: string) {
  if (replyTo === null) return;
  const [own] = parts(ownQueue);
  const [place, name] = parts(replyTo);
  const account = own.split('/').at(-2)!;
  const isNamed = replyQueues.endsWith('*')
    ? name.startsWith(replyQueues.slice(0, -1))
    : replyQueues.split(',').some((arn) => arn.endsWith(`:${account}:${name}`));
  const isOfService = /^swath-.+-(arrivals|requests|counts|dead-letters|warehouse|feed-items)$/.test(name); // of another stage, too
  if (place === own && isNamed && !isOfService) return;
  const named = replyQueues === '' ? 'none, as it is empty' : replyQueues;
  throw new InvalidMessage(
    `The request ${id} cannot be taken: replyTo: found ${citedStart(replyTo, 100)}, allowed is a queue under ${own} that the parameter replyQueues names (${named}), and none of the service's own. Name another, or deploy with its ARN in replyQueues.`,
  );
}

function parts(url: string): [place: string, name: string] {
  const end = url.lastIndexOf('/') + 1;
  return [url.slice(0, end), url.slice(end)];
}

export type Inbox = { readonly bucket: string; readonly prefix: string };

export type SplitRequest = ReturnType<typeof splitRequest>;

export function splitRequest(request: Request, inbox: Inbox) {
  const files: (FileInput & { index: number })[] = [];
  /** Inputs that do not name a scene file of the inbox. Errors of inline inputs are reported when the object is read. */
  const refusals: Refusal[] = [];
  let hasInline = false; // then the stored request itself has to be classified
  for (const [index, input] of request.inputs.entries()) {
    const file = attempt(() => parseInput(input, inputName(index)), unreadable);
    if (file?.kind !== 's3') {
      hasInline = true;
      continue;
    }
    const obstacle = inboxObstacle(file, inbox);
    if (obstacle === undefined) files.push({ ...file, index });
    else refusals.push({ index, name: file.id, message: `${inputName(index)}.s3: ${obstacle}` });
  }
  return { hasInline, files, refusals };
}

/** Whoever reads the stored request says why an input cannot be read. */
const unreadable = onError(InvalidSceneFile, () => null);

/** Returns why an input may not name a scene file; undefined if it may. */
export function inboxObstacle({ bucket, key }: Pick<FileInput, 'bucket' | 'key'>, inbox: Inbox): string | undefined {
  const found = `found ${citedStart(`s3://${bucket}/${key}`, 100)}`;
  if (bucket !== inbox.bucket || !key.startsWith(inbox.prefix))
    return `${found}, allowed are files of the inbox, s3://${inbox.bucket}/${inbox.prefix}…`;
  if (isCanary(key, inbox.prefix)) return `${found}, which lies in the service's own folder and is no scene file`;
  const ending = companionEnding(key);
  return ending === undefined ? undefined : `${found}, which is no scene file, as ${ending} says`;
}

/**
 * Equal requests give equal bytes, whatever their whitespace and member order. Members that tell the format come first.
 * @throws {InvalidMessage} when its inputs are nested too deep to be serialised
 */
export function encodeRequest({ id, model, inputs, replyTo }: Request): Uint8Array {
  const named = model && [model.name, ...(model.version === null ? [] : [model.version])].join('/');
  const first = { id, ...(named && { model: named }), ...(replyTo && { replyTo }) };
  const why = `The request ${id} cannot be taken: inputs: found lists that are nested too deep.`;
  const tooDeep = insteadOf(RangeError, () => new InvalidMessage(why));
  return new TextEncoder().encode(attempt(() => JSON.stringify({ ...first, inputs: inputs.map(inOrder) }), tooDeep));
}

function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value))
    return value.some((one) => typeof one === 'object' && one !== null) ? value.map(inOrder) : value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, inOrder(member)]));
}
