import { jsonIn } from '../../core/base/errors.ts';
import type { Problem } from '../api.ts';

/** What was asked for is not done; `refusals` are what a gate has against it, where one was asked. */
export class NotDone extends Error {
  readonly refusals: readonly string[];
  constructor(message: string, refusals: readonly string[] = []) {
    super(message);
    this.refusals = refusals;
  }
}

/** The body of the console's answer, as text. Throws a `NotDone` with the server's sentence, or an `Error` with one of ours. */
export async function ask(path: string, init: RequestInit = {}): Promise<string> {
  const headers = { accept: 'application/json', ...init.headers };
  const response = await fetch(path, { ...init, headers }).catch((cause: unknown) => {
    if (init.signal?.aborted) throw cause;
    throw new Error('The console does not answer. Is the command that serves it still running?', { cause });
  });
  const text = await response.text();
  if (response.ok) return text;
  const { message, refusals } = (jsonIn(text) ?? {}) as Partial<Problem>;
  if (typeof message === 'string') throw new NotDone(message, refusals);
  throw new Error(`The console answered with status ${response.status}.`);
}

export const post = (path: string, body: object = {}): Promise<string> =>
  ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
