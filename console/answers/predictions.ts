import type { HttpRequest, HttpResponse } from '../../core/online/http.ts';
import { type Answer, Refused } from '../answer.ts';
import type { Service } from '../service.ts';

type Answering = NonNullable<Service['answer']>;

/** Answers the page's predictions over HTTP in this process. Throws `Refused` with the server's error. */
export async function predictionsOf(answer: Service['answer'], model: string, body: Uint8Array): Promise<Answer> {
  const path = `/v1/models/${encodeURIComponent(model)}/predictions`;
  return passedOn(await asking(answer)({ ...ASKED, method: 'POST', path, body }));
}

export async function predictingModels(answer: Service['answer']): Promise<Answer> {
  return passedOn(await asking(answer)({ ...ASKED, method: 'GET', path: '/v1/models', body: new Uint8Array() }));
}

const ASKED: Pick<HttpRequest, 'query' | 'headers'> = {
  query: new URLSearchParams(),
  headers: { 'content-type': 'application/json' },
};

function asking(answer: Service['answer']): Answering {
  if (answer !== null) return answer;
  throw new Refused(404, 'This console does not serve predictions: use npm start or npx swath serve.');
}

function passedOn({ status, headers, body }: HttpResponse): Answer {
  if (status === 200) return { status, headers, body };
  const { detail } = JSON.parse(String(body)) as { detail: string };
  throw new Refused(status, detail);
}
