import type { HttpRequest, HttpResponse } from '../../core/doors/online/http.ts';
import { type Answer, Refused } from '../answer.ts';
import type { Service } from '../service.ts';

type Answering = NonNullable<Service['tryOut']>;

/** Answers what is tried on the page, which counts nowhere. Throws `Refused` with the server's error. */
export async function predictionsOf(tryOut: Service['tryOut'], model: string, body: Uint8Array): Promise<Answer> {
  const path = `/v1/models/${encodeURIComponent(model)}/predictions`;
  return passedOn(await asking(tryOut)({ ...ASKED, method: 'POST', path, body }));
}

export async function predictingModels(tryOut: Service['tryOut']): Promise<Answer> {
  return passedOn(await asking(tryOut)({ ...ASKED, method: 'GET', path: '/v1/models', body: new Uint8Array() }));
}

const ASKED: Pick<HttpRequest, 'query' | 'headers'> = {
  query: new URLSearchParams(),
  headers: { 'content-type': 'application/json' },
};

function asking(tryOut: Service['tryOut']): Answering {
  if (tryOut !== null) return tryOut;
  throw new Refused(404, 'This console does not serve predictions: use npm start or npx swath serve.');
}

function passedOn({ status, headers, body }: HttpResponse): Answer {
  if (status === 200) return { status, headers, body };
  const { detail } = JSON.parse(String(body)) as { detail: string };
  throw new Refused(status, detail);
}
