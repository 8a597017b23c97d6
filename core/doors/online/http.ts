import { type Problem, TITLES } from './problem.ts';

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
