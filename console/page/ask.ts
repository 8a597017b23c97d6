import { jsonIn } from '../../core/base/errors.ts';
import type { Problem } from '../api.ts';

/** The body of the console's answer, as text. Throws an `Error` with the server's sentence, and a gate's `refusals`, or with one of ours. */
export async function ask(path: string, init: RequestInit = {}): Promise<string> {
  const headers = { accept: 'application/json', ...init.headers };
  const response = await fetch(path, { ...init, headers }).catch((cause: unknown) => {
    if (init.signal?.aborted) throw cause;
    throw new Error('The console does not answer. Is the command that serves it still running?', { cause });
  });
  const text = await response.text();
  if (response.ok) return text;
  const { message, refusals } = (jsonIn(text) ?? {}) as Partial<Problem>;
  if (typeof message === 'string') throw Object.assign(new Error(message), { refusals });
  throw new Error(`The console answered with status ${response.status}.`);
}

export const post = (path: string, body: object = {}): Promise<string> =>
  ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
