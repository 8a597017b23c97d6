import { type Answer, Refused } from '../answer.ts';
import type { Service } from '../service.ts';

/** Answers what is tried on the page, which counts nowhere. Throws `Refused` with the server's error. */
export async function tried(tryOut: Service['tryOut'], path: string, body?: Uint8Array): Promise<Answer> {
  if (tryOut === null)
    throw new Refused(404, 'This console does not serve predictions: use npm start or npx swath serve.');
  const asked = { method: body === undefined ? 'GET' : 'POST', path, body: body ?? new Uint8Array() };
  const headers = { 'content-type': 'application/json' };
  const { status, ...answer } = await tryOut({ ...asked, query: new URLSearchParams(), headers });
  if (status === 200) return { status, headers: answer.headers, body: answer.body };
  const { detail } = JSON.parse(String(answer.body)) as { detail: string };
  throw new Refused(status, detail);
}
