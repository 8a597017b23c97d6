import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TransientTrouble } from '../../base/errors.ts';
import { type Answered, makeAnswer, type OnlineRoute, predictionRoute, versionIn } from './answer.ts';
import { type HttpRequest, Problem, TooBusy } from './http.ts';

const requestOf = (method: string, path: string, query = '', more: Partial<HttpRequest> = {}): HttpRequest => ({
  method,
  path,
  query: new URLSearchParams(query),
  headers: {},
  body: new Uint8Array(),
  ...more,
});

/** Answers by one route, and keeps what is said to whoever counts. */
function makeBench(reply: OnlineRoute['reply'], method: OnlineRoute['method'] = 'GET', path = '/v1.0/{name}') {
  const [answered, errors]: [unknown[], unknown[]] = [[], []];
  const answer = makeAnswer(
    [{ method, path, reply }],
    ({ seconds, ...one }) => {
      assert.ok(seconds >= 0 && seconds < 60, `${seconds}`);
      answered.push(one);
    },
    (error) => errors.push(error),
  );
  return { answer, answered, errors };
}
const ok = () => ({ status: 200, headers: { a: 'b' }, body: 'text' });
const bodyOf = ({ body }: { body: string | Uint8Array }) => JSON.parse(String(body));

describe('the version that a request asks for', () => {
  test('is the one that it names, or none', () => {
    assert.equal(versionIn(requestOf('GET', '/')), null);
    assert.equal(versionIn(requestOf('GET', '/', 'version=1.1.0')), '1.1.0');
  });

  for (const [query, detail] of [
    ['verison=1', 'Found the parameters “verison”, allowed is one version.'],
    ['version=1&a=1&b=2&a=3', 'Found the parameters “a, b”, allowed is one version.'],
    ['version=1&version=2', 'Found several versions, allowed is one version.'],
  ] as const)
    test(`is refused with 400: ${query}`, () =>
      assert.throws(() => versionIn(requestOf('GET', '/', query)), { name: 'Problem', status: 400, message: detail }));
});

describe('an answer', () => {
  test('asks for a retry where the stores behind the service throttle', async () => {
    const throttled = new TransientTrouble('SlowDown');
    const { answer, answered, errors } = makeBench(() => Promise.reject(throttled));
    const { status, headers } = await answer(requestOf('GET', '/v1.0/a'));
    assert.deepEqual([status, headers['retry-after'], errors], [503, '1', [throttled]]);
    assert.partialDeepStrictEqual(answered[0], { status: 503, failure: 'internal' });
  });

  test('is that of the route, which gets the decoded parts of its path; a part that cannot be decoded is left as it is', async () => {
    const parts: unknown[] = [];
    const { answer, answered } = makeBench((asked) => {
      parts.push(...asked.parts);
      return ok();
    });
    assert.deepEqual(await answer(requestOf('GET', '/v1.0/a%2Fb')), ok());
    await answer(requestOf('GET', '/v1.0/50%'));
    assert.deepEqual(parts, ['a/b', '50%']);
    const about = { failure: null, model: null, inputs: 0, errors: 0, warnings: 0 };
    assert.deepEqual(answered[0], { route: '/v1.0/{name}', status: 200, ...about });
  });

  test('to HEAD is that to GET without its body', async () => {
    const { answer } = makeBench(ok);
    assert.deepEqual(await answer(requestOf('HEAD', '/v1.0/a')), { ...ok(), body: '' });
  });

  for (const [method, path, status] of [
    ['GET', '/v1.0/a', 503],
    ['POST', '/v1.0/a', 200],
    ['GET', '/metrics', 200],
  ] as const)
    test(`to ${method} ${path} is ${status} where there is no room for it, as is counted: what was posted may have had effects`, async () => {
      const { answer, answered } = makeBench(() => ({ ...ok(), body: 'x'.repeat(5000) }), method, path);
      const hold = () => {
        throw new TooBusy('There is no room.');
      };
      assert.equal((await answer({ ...requestOf(method, path), hold })).status, status);
      assert.equal((answered[0] as Answered).status, status);
    });

  test('is 404 where no route has the path, and 405 where none has the method', async () => {
    const { answer, answered } = makeBench(ok);
    for (const path of ['/v1.0/a/b', '/v1.0/', '/v1x0/a', '/x/v1.0/a', '/v1.0/a/']) {
      const none = await answer(requestOf('GET', path));
      assert.equal(none.status, 404, path);
      assert.equal(bodyOf(none).detail, `There is nothing at “${path}”. There is: GET /v1.0/{name}.`);
    }
    const other = await answer(requestOf('POST', '/v1.0/a'));
    assert.deepEqual([other.status, other.headers['allow']], [405, 'GET']);
    assert.equal(bodyOf(other).detail, 'POST is not allowed at “/v1.0/a”, allowed is GET.');
    assert.partialDeepStrictEqual(answered.at(-1), { route: null, status: 405 });
  });

  test('is the refusal of the transport, whatever the route', async () => {
    const { answer, answered } = makeBench(() => assert.fail());
    const refused = new Problem(413, 'too large', { connection: 'close' });
    const { status, headers, ...rest } = await answer(requestOf('GET', '/v1.0/a', '', { refused }));
    assert.deepEqual(
      [status, headers],
      [413, { 'content-type': 'application/problem+json', 'cache-control': 'no-store', connection: 'close' }],
    );
    const detail = 'too large';
    assert.deepEqual(bodyOf(rest), { type: 'about:blank', title: 'Content Too Large', status: 413, detail });
    assert.partialDeepStrictEqual(answered, [{ route: '/v1.0/{name}', status: 413 }]);
  });

  test('says when to try again where the model is too busy, and nothing of an error that nobody foresaw; the log has whatever is 500', async () => {
    const busy = makeBench(() => Promise.reject(new TooBusy('wait')));
    const late = await busy.answer(requestOf('GET', '/v1.0/a'));
    assert.deepEqual([late.status, late.headers['retry-after'], bodyOf(late).detail], [503, '1', 'wait']);
    assert.deepEqual(busy.errors, []);
    const fault = new TypeError('secret');
    const broken = makeBench(() => Promise.reject(fault));
    const failed = await broken.answer(requestOf('GET', '/v1.0/a'));
    assert.equal(failed.status, 500);
    assert.doesNotMatch(String(failed.body), /secret/);
    assert.deepEqual(broken.errors, [fault]);
    const known = new Problem(500, 'no model');
    const told = makeBench(() => Promise.reject(known));
    assert.equal(bodyOf(await told.answer(requestOf('GET', '/v1.0/a'))).detail, 'no model');
    assert.deepEqual(told.errors, [known], 'for the log');
  });
});

describe('an answer with predictions', () => {
  const model = { name: 'digits', version: '1.0.0' };
  const path = '/v1/models/digits/predictions';
  const one = { id: null, warnings: [] as string[], error: null as string | null };

  async function ask(answers: readonly (typeof one)[], more: Partial<HttpRequest>, query = '') {
    const asked: unknown[] = [];
    const counted: { request: string; given: unknown }[] = [];
    const route = predictionRoute({
      models: { live: async () => [model], find: async (name, version) => ({ name, version: version ?? '1.0.0' }) },
      predictor: async () =>
        ({
          model: { package: true },
          predictInputs: async (...of: unknown[]) => {
            asked.push(...of);
            return { answers, given: ['given'] };
          },
        }) as never,
      seconds: 7,
      count: (answer) => void counted.push(answer as never),
    });
    const { answer, answered } = makeBench(route.reply, route.method, route.path);
    const response = await answer(requestOf('POST', path, query, more));
    return { ...response, answered, asked, counted };
  }

  test('says what was counted of it: inputs, errors and warnings', async () => {
    const isGone = () => false;
    const body = Buffer.from('{"inputs":[1,2,3,4]}');
    const answers = [{ ...one, error: 'bad' }, { ...one, warnings: ['w', 'v'] }, { ...one, warnings: ['w'] }, one];
    const { status, asked, answered, counted, ...rest } = await ask(answers, { body, isGone }, 'version=2');
    const found = bodyOf(rest);
    assert.equal(status, 200);
    assert.deepEqual(asked, [[1, 2, 3, 4], 7, isGone]);
    assert.deepEqual(answered, [
      {
        route: '/v1/models/{model}/predictions',
        status: 200,
        failure: null,
        model: { ...model, version: '2' },
        inputs: 4,
        errors: 1,
        warnings: 2,
      },
    ]);
    assert.deepEqual(found, { request: found.request, model: 'digits', version: '2', predictions: answers });
    assert.deepEqual(counted, [{ request: found.request, model: { package: true }, given: ['given'] }]);
  });

  test('is refused where its body is an image that cannot be read, which is not counted', async () => {
    const image = { body: Uint8Array.of(1), headers: { 'content-type': 'image/png' } };
    const bad = { ...one, error: 'inputs[0].image: found no PNG' };
    const refused = await ask([bad], image);
    assert.deepEqual([refused.status, bodyOf(refused).detail], [422, 'The image: found no PNG']);
    assert.deepEqual(refused.counted, []);
    assert.equal((await ask([bad], { body: Buffer.from('{"inputs":[1]}') })).status, 200);
    assert.equal((await ask([one], image)).status, 200);
  });
});
