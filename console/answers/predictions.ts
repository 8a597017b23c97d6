import type { HttpRequest } from '../../core/doors/online/http.ts';
import { type Answer, Refused } from '../answer.ts';
import type { Service } from '../service.ts';

/** Answers what is tried on the page, which counts nowhere. Throws `Refused` with the server's error. */
export const predictionsOf = (tryOut: Service['tryOut'], model: string, body: Uint8Array): Promise<Answer> =>
  ask(tryOut, { method: 'POST', path: `/v1/models/${encodeURIComponent(model)}/predictions`, body });

export const predictingModels = (tryOut: Service['tryOut']): Promise<Answer> =>
  ask(tryOut, { method: 'GET', path: '/v1/models', body: new Uint8Array() });

async function ask(tryOut: Service['tryOut'], asked: Pick<HttpRequest, 'method' | 'path' | 'body'>): Promise<Answer> {
  if (tryOut === null)
    throw new Refused(404, 'This console does not serve predictions: use npm start or npx swath serve.');
  const headers = { 'content-type': 'application/json' };
  const { status, ...answer } = await tryOut({ ...asked, query: new URLSearchParams(), headers });
  if (status === 200) return { status, headers: answer.headers, body: answer.body };
  const { detail } = JSON.parse(String(answer.body)) as { detail: string };
  throw new Refused(status, detail);
}
