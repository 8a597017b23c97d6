import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lastDigit as model } from '../../../test/engines/lastDigit.ts';
import { parseTruths } from '../truth/truth.ts';
import { makeAnswer } from './answer.ts';
import { truthRoute } from './truthRoute.ts';

describe('truth over HTTP', () => {
  const { name, version } = model;
  const sent: string[] = [];
  const troubles: unknown[] = [];
  const ports = { models: { find: async () => ({ name, version }) }, load: async () => model, now: () => new Date(0) };
  const route = truthRoute({ ...ports, send: async (message) => void sent.push(message) });
  const answer = makeAnswer([route], undefined, (trouble) => troubles.push(trouble));
  const requestOf = (body: string, query = '') => {
    const path = `/v1/models/${name}/truth`;
    return { method: 'POST', path, query: new URLSearchParams(query), headers: {}, body: Buffer.from(body) };
  };
  const post = async (body: string | object) => {
    const response = await answer(requestOf(typeof body === 'string' ? body : JSON.stringify(body)));
    assert.deepEqual(troubles, []);
    const { detail, ...accepted } = JSON.parse(String(response.body));
    return { status: response.status, detail: detail as string, accepted };
  };

  test('that is nested too deep is refused with 422, and is not a server error', async () => {
    const deep = '['.repeat(1e6) + ']'.repeat(1e6);
    for (const body of [deep, `{"x":${deep}}`, `{"truths":${deep},"x":1}`, `{"truths":[${deep}]}`])
      assert.equal((await post(body)).status, 422);
  });

  test('that contradicts itself about a chip is refused, and none of it is stored', async () => {
    const chip = { request: 'r', index: 0 };
    const other = { ...chip, index: 1, truth: 'c1' };
    const { status, detail } = await post({ truths: [{ ...chip, truth: 'c1' }, other, { ...chip, truth: 2 }] });
    assert.equal(status, 422);
    assert.equal(
      detail,
      'truths[2]: found “2” as the truth of the input 0 of the request r, and truths[0] says “c1”; allowed is one truth for a chip.',
    );
    assert.deepEqual(sent, []);
  });

  test('that is accepted is counted in the response', async () => {
    const truths = [0, 1, 2].map((index) => ({ request: 'counted', index, truth: 2 }));
    assert.deepEqual((await post({ truths })).accepted, { model: name, truths: 3 });
    sent.length = 0;
  });

  test('is joined to what the model has predicted, or the version that the address names', async () => {
    for (const query of ['', `version=${version}`])
      await answer(requestOf('{"truths":[{"request":"r","index":0,"truth":2}]}', query));
    assert.deepEqual(
      sent.splice(0).map((message) => parseTruths(message).model),
      [name, `${name}/${version}`],
    );
  });

  test('that cannot be sent is to be sent again', async () => {
    const errors: unknown[] = [];
    const away = new Error('no queue');
    const send = () => Promise.reject(away);
    const failing = truthRoute({ ...ports, send, onError: (error) => errors.push(error) });
    const request = requestOf('{"truths":[{"request":"r","index":0,"truth":2}]}');
    const { status, headers } = await makeAnswer([failing])(request);
    assert.deepEqual([status, headers['retry-after'], errors], [503, '1', [away]]);
  });

  test('that repeats the truth of a chip in another form is accepted', async () => {
    const chip = { request: 'r', index: 0 };
    const { status } = await post({ truths: ['c1', 1].map((truth) => ({ ...chip, truth })) });
    assert.deepEqual([status, sent.length], [202, 1]);
  });

  test('that is none is refused with the start of what came', async () => {
    for (const body of ['{"truths":[]}', '{"truth":[1]}', `{"truths":"${'ü'.repeat(100)}"}`]) {
      const { status, detail } = await post(body);
      const start = JSON.stringify(body.slice(0, 60)).slice(1, -1);
      assert.equal(status, 422);
      assert.ok(detail.startsWith(`The body cannot be taken: found “${start}”, allowed is {"truths": […]}`), detail);
    }
  });
});
