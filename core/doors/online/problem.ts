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
