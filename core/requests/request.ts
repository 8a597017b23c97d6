import * as z from 'zod';
import { citedStart } from '../cited.ts';
import { InvalidMessage } from '../errors.ts';
import { MAX_QUEUE_MESSAGE_BYTES, MAX_REQUEST_INPUTS } from '../limits.ts';
import { isSafeName, safeNameRule } from '../models/names.ts';
import { shown } from './input.ts';

/** A request for predictions, as a queue's message has it: docs/requests.md. Its inputs are looked at one by one. */
export type Request = {
  /** Makes it idempotent: two requests of one id are the same one, or the second is refused. */
  readonly id: string;
  /** Without a version, the promoted one; null for the model that takes files under no name of their own. */
  readonly model: { readonly name: string; readonly version: string | null } | null;
  readonly inputs: readonly unknown[];
  /** The queue that the answer goes to; null where nobody wants one. */
  readonly replyTo: string | null;
};

const modelRule = `"name" or "name/version", each ${safeNameRule}`;
const replyRule = 'the URL of a standard queue of SQS';
const inputsRule = `a list of 1 to ${MAX_REQUEST_INPUTS}`;

/** The schema of a message. Each of its messages says what is allowed in its place. */
export const requestSchema = z.strictObject(
  {
    id: z.string(safeNameRule).refine(isSafeName, safeNameRule),
    model: z
      .string(modelRule)
      .refine((text) => /^[^/]+(\/[^/]+)?$/.test(text) && text.split('/').every(isSafeName), modelRule)
      .nullish(),
    inputs: z.array(z.unknown(), inputsRule).min(1, inputsRule).max(MAX_REQUEST_INPUTS, inputsRule),
    replyTo: z
      .string(replyRule)
      .max(300, replyRule)
      // A queue that keeps the order of its messages asks for a group of each, which an answer has not.
      .regex(/^https?:\/\/[^/\s]+\/\d{12}\/[\w-]{1,80}$/, replyRule)
      .nullish(),
  },
  'a JSON object',
);

/**
 * Reads a request.
 *
 * @param mostBytes none of a file's, which has limits of its own
 * @throws InvalidMessage that says what was found and what is allowed
 */
export function parseRequest(text: string, mostBytes = MAX_QUEUE_MESSAGE_BYTES): Request {
  const bytes = Buffer.byteLength(text);
  if (bytes > mostBytes)
    throw new InvalidMessage(
      `The request has ${bytes} bytes, allowed are at most ${mostBytes}. Send its inputs in several, or put them into the inbox and name them (s3).`,
    );
  const json = readJson(text);
  const parsed = requestSchema.safeParse(json);
  if (!parsed.success) {
    const { id } = Object(json);
    const who = typeof id === 'string' && isSafeName(id) ? `The request ${id}` : 'The request';
    const offences = parsed.error.issues.slice(0, MOST_OFFENCES).map((issue) => offence(issue, json));
    throw new InvalidMessage(`${who} cannot be taken: ${offences.join('; ')}.`);
  }
  const { id, model, inputs, replyTo } = parsed.data;
  const [name, version] = model?.split('/') ?? [];
  return {
    id,
    model: name === undefined ? null : { name, version: version ?? null },
    inputs,
    replyTo: replyTo ?? null,
  };
}

/** Whoever mends so many looks again. */
const MOST_OFFENCES = 5;

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidMessage(
      `The request cannot be taken: found a text that starts with ${citedStart(text, 40)} and is no JSON, allowed is a JSON object with id and inputs.`,
    );
  }
}

function offence(issue: z.core.$ZodIssue, json: unknown): string {
  if (issue.code === 'unrecognized_keys')
    return `found the members ${citedStart(issue.keys.join(', '), 100)}, allowed are ${Object.keys(requestSchema.shape).join(', ')}`;
  const [member] = issue.path;
  const found = member === undefined ? json : Object(json)[member];
  return `${member === undefined ? '' : `${String(member)}: `}found ${shown(found)}, allowed is ${issue.message}`;
}

/**
 * Refuses a request whose answer would go to a queue of somebody else's, or to another region's: it begins with the
 * same address and account as the service's own, so whoever runs the queues says what that is.
 *
 * @param ownQueue the URL of the queue that the request came by
 * @throws InvalidMessage
 */
export function assertOwnReply({ id, replyTo }: Pick<Request, 'id' | 'replyTo'>, ownQueue: string): void {
  const own = ownQueue.slice(0, ownQueue.lastIndexOf('/') + 1);
  if (replyTo === null || replyTo.slice(0, replyTo.lastIndexOf('/') + 1) === own) return;
  throw new InvalidMessage(
    `The request ${id} cannot be taken: replyTo: found ${citedStart(replyTo, 100)}, allowed is a queue of the same account and region: ${own}…`,
  );
}
