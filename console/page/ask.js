/** The server has answered that it cannot; the message is its own. */
export class Refused extends Error {
  name = 'Refused';
}
/**
 * The body of the console's answer, as text. Throws `Refused` with the server's sentence, or an `Error` with one of ours
 * where there was no answer.
 */
export async function ask(path, init = {}) {
  let response;
  try {
    response = await fetch(path, { ...init, headers: { accept: 'application/json', ...init.headers } });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Error('The console does not answer. Is the command that serves it still running?', { cause: error });
  }
  const text = await response.text();
  if (!response.ok) throw new Refused(problemIn(text) ?? `The console answered with status ${response.status}.`);
  return text;
}
/** Asks for something to be done. */
export function post(path) {
  return ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
}
function problemIn(text) {
  try {
    const { message } = JSON.parse(text);
    return typeof message === 'string' ? message : null;
  } catch {
    return null;
  }
}
