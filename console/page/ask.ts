import type { Problem } from '../api.ts';

/** The body of the console's answer, as text. Throws an `Error` with the server's sentence, or with one of ours. */
export async function ask(path: string, init: RequestInit = {}): Promise<string> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers: { accept: 'application/json', ...init.headers } });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Error('The console does not answer. Is the command that serves it still running?', { cause: error });
  }
  const text = await response.text();
  if (!response.ok) throw new Error(problemIn(text) ?? `The console answered with status ${response.status}.`);
  return text;
}

/** Asks for something to be done. */
export function post(path: string): Promise<string> {
  return ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
}

function problemIn(text: string): string | null {
  try {
    const { message } = JSON.parse(text) as Partial<Problem>;
    return typeof message === 'string' ? message : null;
  } catch {
    return null;
  }
}
