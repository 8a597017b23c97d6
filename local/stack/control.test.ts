import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, describe, test } from 'node:test';
import { SceneFileChanged } from '../../core/base/errors.ts';
import { type Answers, askOwner, OwnerGone, startControl } from './control.ts';

const token = '6a1f0c3e-0000-4000-8000-00000000cafe';

const asked: unknown[] = [];
const control = await open({
  echo: async (body: unknown) => {
    asked.push(body);
    return body;
  },
  nothing: async () => undefined,
  page: async () => Array(1000).fill('k'.repeat(2000)),
  change: () => Promise.reject(new SceneFileChanged('a changed while it was read.')),
});
const owner = { port: control.port, token };

describe('a question', () => {
  test('is answered to who knows the token', async () => {
    const body = { key: 'north/"a"\n🛰️', count: 3, none: null };
    assert.deepEqual(await askOwner(owner, 'echo', body), body);
    assert.equal(await askOwner(owner, 'nothing', null), null);
  });

  test('may have a long answer, such as a page of long keys', async () => {
    assert.equal((await askOwner<string[]>(owner, 'page', null)).length, 1000);
  });

  for (const [what, given] of [
    ['no token', undefined],
    ['an empty one', ''],
    ['another one', token.replace('cafe', 'beef')],
    ['one that begins like it', token.slice(0, -1)],
    ['one that goes on after it', `${token}0`],
    ['one of as many letters that take more bytes', token.replace('cafe', 'café')],
  ] as const)
    test(`with ${what} is refused, and the next one is heard`, async () => {
      const before = asked.length;
      assert.equal((await post('/echo', '"secret"', given)).status, 403);
      assert.equal(asked.length, before);
      assert.equal(await askOwner(owner, 'echo', 'still there'), 'still there');
    });

  for (const question of ['delete', '', 'echo/more', 'constructor', 'toString', '__proto__', 'hasOwnProperty'])
    test(`called "${question}" is unknown`, async () => {
      const { status, body } = await post(`/${question}`, '{}', token);
      assert.deepEqual([status, body], [404, { message: 'no such question' }]);
      await assert.rejects(askOwner(owner, question, {}), { message: 'no such question' });
    });

  test('that fails is an error of the same name and message on the other side', async () => {
    const expected = { name: 'SceneFileChanged', message: 'a changed while it was read.' };
    await assert.rejects(askOwner(owner, 'change', {}), expected);
  });

  for (const [what, body, message] of [
    ['no JSON', '{', /JSON/],
    ['more than a megabyte', JSON.stringify('x'.repeat(1 << 20)), /more than 1048576 bytes/],
  ] as const)
    test(`of ${what} is an error, and the next one is heard`, async () => {
      const answer = await post('/echo', body, token).catch(() => undefined); // it may hang up before all was said
      if (answer !== undefined) assert.deepEqual([answer.status, message.test(answer.body.message)], [500, true]);
      assert.equal(await askOwner(owner, 'echo', 'still there'), 'still there');
    });

  test('asked while the owner is still coming up is answered once it is', async () => {
    const early = await startControl(token);
    after(early.close);
    const answer = askOwner({ port: early.port, token }, 'echo', 1);
    early.answer({ echo: async () => 'up' });
    assert.equal(await answer, 'up');
  });
});

test('a caller with the token learns which process has the port', async () => {
  assert.deepEqual((await post('/', '', token, 'GET')).body, { pid: process.pid });
  assert.equal((await post('/', '', 'wrong', 'GET')).status, 403);
});

describe('an owner that is gone', () => {
  test('before the question is named', async () => {
    const gone = await open({});
    await gone.close();
    await assert.rejects(askOwner({ port: gone.port, token }, 'echo', 1), OwnerGone);
  });

  test('in the middle of the question is named too', async () => {
    const heard = Promise.withResolvers<void>();
    const going = await open({
      wait: () => {
        heard.resolve();
        return new Promise(() => {});
      },
    });
    const answer = assert.rejects(askOwner({ port: going.port, token }, 'wait', 1), {
      name: 'OwnerGone',
      message: 'The process that had the data folder is gone.',
    });
    await heard.promise;
    await going.close();
    await answer;
  });
});

async function open(answers: Answers) {
  const opened = await startControl(token);
  opened.answer(answers);
  after(opened.close);
  return opened;
}

/** A question as any program can send it. */
function post(path: string, body: string, given: string | undefined, method = 'POST') {
  return new Promise<{ status: number | undefined; body: { message: string } }>((resolve, reject) => {
    const headers = given === undefined ? {} : { 'x-swath-token': given };
    request({ host: '127.0.0.1', port: control.port, path, method, headers }, async (answer) => {
      let text = '';
      for await (const chunk of answer) text += chunk;
      resolve({ status: answer.statusCode, body: JSON.parse(text) });
    })
      .on('error', reject)
      .end(Buffer.from(body)); // a text would make the headers UTF-8
  });
}
