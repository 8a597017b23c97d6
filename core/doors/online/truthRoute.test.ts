import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lastDigit as model } from '../../../test/engines/lastDigit.ts';
import { makeAnswer } from './answer.ts';
import { truthRoute } from './truthRoute.ts';

describe('truth over HTTP', () => {
  const { name, version } = model;
  const sent: string[] = [];
  const troubles: unknown[] = [];
  const answer = makeAnswer(
    [
      truthRoute({
        models: { find: async () => ({ name, version }) },
        load: async () => model,
        send: async (message) => void sent.push(message),
        now: () => new Date(0),
      }),
    ],
    undefined,
    (trouble) => troubles.push(trouble),
  );
  const tell = async (body: string) => {
    const path = `/v1/models/${name}/truth`;
    const asked = { method: 'POST', path, query: new URLSearchParams(), headers: {}, body: Buffer.from(body) };
    const { status, body: said } = await answer(asked);
    assert.deepEqual(troubles, []);
    const { detail, ...taken } = JSON.parse(String(said));
    return { status, detail: detail as string, taken };
  };

  test('that is nested as deep as a body may be is refused, and no fault', async () => {
    const deep = '['.repeat(1e6) + ']'.repeat(1e6);
    for (const body of [deep, `{"x":${deep}}`, `{"truths":${deep},"x":1}`]) {
      const { status, detail } = await tell(body);
      assert.equal(status, 413);
      assert.match(detail, /^The body is nested deeper than 32, which is the limit\.$/);
    }
  });

  test('that says two things of one chip is refused, and none of it is taken', async () => {
    const chip = { request: 'r', index: 0 };
    const two = [
      { ...chip, truth: 'c1' },
      { ...chip, index: 1, truth: 'c1' },
      { ...chip, truth: 2 },
    ];
    const { status, detail } = await tell(JSON.stringify({ truths: two }));
    assert.equal(status, 422);
    assert.equal(
      detail,
      'truths[2]: found “2” as the truth of the input 0 of the request r, and truths[0] says “c1”; allowed is one truth for a chip.',
    );
    assert.deepEqual(sent, []);
  });

  test('that is taken is counted for whoever sent it', async () => {
    const truths = [0, 1, 2].map((index) => ({ request: 'counted', index, truth: 2 }));
    assert.deepEqual((await tell(JSON.stringify({ truths }))).taken, { model: name, truths: 3 });
    sent.length = 0;
  });

  test('that says the same twice, in two ways, is taken', async () => {
    const chip = { request: 'r', index: 0 };
    assert.equal(
      (
        await tell(
          JSON.stringify({
            truths: [
              { ...chip, truth: 'c1' },
              { ...chip, truth: 1 },
            ],
          }),
        )
      ).status,
      202,
    );
    assert.equal(sent.length, 1);
  });
});
