import type { ModelRef } from '../../core/base/messages.ts';
import { INBOX } from '../../local/buckets/inbox.ts';
import { type Numbers, numbersOf } from './files.ts';
import { BESIDE, MODEL } from './model.ts';

/** Requests of the simulated world, and what must come of each: worked out from what they ask for, by none of the code under test. */

export type SentInput = { json: object } & (
  | { is: 'chip'; value: number }
  /** It cannot be read, or names nothing that is there. */
  | { is: 'refused'; why: RegExp }
  /** A scene file of the inbox. */
  | { is: 'file'; key: string }
);

/** A message as somebody sends it. */
export type SentRequest = {
  body: string;
  /** Null where it is none, and cannot be taken. */
  asks: { id: string; inputs: readonly SentInput[]; model: ModelRef; replyTo: string | null } | null;
  /** Why it is refused, where it is. */
  reason: RegExp;
};

/** What is to be had of the queues that requests and answers go through. */
export type RequestQueues = {
  /** Puts a message into a queue by its URL; it is shown after so many seconds. */
  send: (url: string, body: string, delaySeconds?: number) => void;
  bury: (body: string, reason: string | null, from: 'requests' | 'counts') => void;
  /** What nobody has dealt with. */
  left: () => string[];
  letters: () => readonly { body: string; reason: string | null }[];
  /** How often a message was handed out, by its body. */
  timesHandedOut: (body: string) => number;
};

const OWN = 'https://sqs.r.amazonaws.com/123456789012/';
/** The queue of requests, and the one that answers go to. */
export const QUEUE_URL = `${OWN}swath-test-requests`;
export const COUNTS_URL = `${OWN}swath-test-counts`;
export const REPLY_URL = `${OWN}swath-answers`;

const bytes = (value: number) => Buffer.alloc(4, value).toString('base64');

/** A chip of the model's size, all of whose pixels have that value; 0 is blank. */
export function chip(value: number): SentInput {
  return { is: 'chip', value, json: { id: `chip ${value}`, bands: { A: bytes(value), B: bytes(value) } } };
}

/** The same, its values as numbers. */
export function numbers(value: number): SentInput {
  const rows = [value, value];
  const plane = [rows, rows];
  return { is: 'chip', value, json: { values: [plane, plane] } };
}

/** One that is cut off. */
export const cut: SentInput = {
  is: 'refused',
  why: /bands: band A: found 2 bytes/,
  json: { bands: { A: 'AAA=', B: bytes(1) } },
};

export function file(key: string): SentInput {
  return { is: 'file', key, json: { s3: `s3://${INBOX}/${key}` } };
}

/** A file that nobody has put there. */
export const nowhere: SentInput = { is: 'refused', why: /which is not there/, json: { s3: `s3://${INBOX}/nowhere` } };

type More = { isAnswered?: boolean; model?: ModelRef };

/** A request that is taken, unless another one has its id. */
export function request(
  id: string,
  inputs: readonly SentInput[],
  { isAnswered = false, model }: More = {},
): SentRequest {
  const replyTo = isAnswered ? REPLY_URL : null;
  const named = model && { model: model === BESIDE ? model.name : `${model.name}/${model.version}` };
  const json = { id, ...named, inputs: inputs.map((input) => input.json), ...(replyTo && { replyTo }) };
  return {
    body: JSON.stringify(json),
    asks: { id, inputs, model: model ?? MODEL, replyTo },
    reason: /there is one of this id with other bytes/,
  };
}

/** The same one, as another client writes it. */
export function written(otherwise: SentRequest): SentRequest {
  const { inputs, ...rest } = JSON.parse(otherwise.body);
  return { ...otherwise, body: JSON.stringify({ inputs, ...rest }, null, 1) };
}

export const ofNoModel: SentRequest = {
  body: JSON.stringify({ id: 'of-no-model', model: 'nobody', inputs: [chip(5).json], replyTo: REPLY_URL }),
  asks: null,
  reason: /model: No version of the model nobody is promoted/,
};
export const noRequest: SentRequest = { body: 'hello', asks: null, reason: /found a text that starts with “hello”/ };
export const ofStranger: SentRequest = {
  body: JSON.stringify({
    id: 'of-a-stranger',
    inputs: [chip(5).json],
    replyTo: `${OWN.replace('1234', '9999')}answers`,
  }),
  asks: null,
  reason: /replyTo: .* allowed is a queue under/,
};

/** Whether a request brings anything to be read, however that ends. */
export function hasInline(inputs: readonly SentInput[]): boolean {
  return inputs.some(({ is, json }) => is !== 'file' && !('s3' in json));
}

/** What has to come of what it brings; null where none of it can be read. */
export function numbersOfRequest(inputs: readonly SentInput[]): Numbers | null {
  const places = inputs.map((input) => (input.is === 'chip' ? input.value : null));
  return places.every((value) => value === null) ? null : numbersOf(places);
}
