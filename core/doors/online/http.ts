import { type BatchFailure, FAILURES } from './engine.ts';
import TITLES from './titles.json' with { type: 'json' };

export { TITLES };

type NumberIn<Text> = Text extends `${infer Status extends number}` ? Status : never;
/** Those whose reason phrases, of RFC 9110 and RFC 6585, titles.json has. */
export type Status = NumberIn<keyof typeof TITLES>;

/** What metrics tell failures of whole requests by: the sender's fault, or which of ours. */
export type FailureType = 'sender' | 'busy' | BatchFailure | 'internal';

/** Why a whole request fails, as RFC 9457 problem details. */
export class Problem extends Error {
  override readonly name: string = 'Problem';
  readonly status: Status;
  readonly headers: Readonly<Record<string, string>>;
  readonly type: FailureType;

  constructor(
    status: Status,
    detail: string,
    headers: Readonly<Record<string, string>> = {},
    type: FailureType = status < 500 ? 'sender' : 'internal',
    cause?: unknown,
  ) {
    super(detail, { cause });
    this.type = type;
    this.status = status;
    this.headers = headers;
  }
}

/** There is no room for more, or no time left: a retry in a moment may succeed. */
export class TooBusy extends Problem {
  override readonly name = 'TooBusy';
  constructor(message: string, type: FailureType = 'busy', cause?: unknown) {
    super(503, message, { 'retry-after': '1' }, type, cause);
  }
}

/** Ends what is done for somebody who has gone. Nobody reads it, and it counts as no fault of ours. */
export const nobodyWaits = (): Problem => new Problem(408, 'Nobody waits for the answer any more.');

export const modelFailed = (on: string, { name, message }: Error): Problem =>
  new Problem(500, `The model failed on ${on}: ${message}`, {}, FAILURES[name] ?? 'model');

/** An HTTP request or response, independent of the transport. */
export type HttpRequest = {
  readonly method: string;
  /** Decoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** Set if the transport rejects the request: this is its answer, whatever the route. */
  readonly refused?: Problem;
  /** Whether whoever asked has gone, where that can be known: then no more is done for it. */
  readonly isGone?: () => boolean;
  /** Takes note of an answer's bytes; throws where there is no room for it. */
  readonly hold?: (bytes: number) => void;
};

export type HttpResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
};

export function jsonResponse(body: unknown, status = 200): HttpResponse {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  return { status, headers, body: JSON.stringify(body) };
}

/** Routes of the Open Inference Protocol, whose clients read the member `error`. */
const OPEN_INFERENCE = /^\/(v2\/|invocations$)/;

export function problemResponse({ status, message, headers }: Problem, path = ''): HttpResponse {
  const error = OPEN_INFERENCE.test(path) && { error: message };
  const body = { type: 'about:blank', title: TITLES[status], status, detail: message, ...error };
  const type = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' };
  return { status, headers: { ...type, ...headers }, body: JSON.stringify(body) };
}
