import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { inspect } from 'node:util';
import { plainMessage } from '../../observability/slackMessage.ts';
import { type Answer, SECRET, startChat } from '../../test/benches/chat.ts';
import { makePost } from './postToWebhook.ts';

const message = plainMessage('A subject', 'A text.');
const post = makePost('the SSM parameter /swath/hook', 60_000);
const postInHaste = makePost('the SSM parameter /swath/hook', 100);

describe('a message to a webhook', () => {
  let chat: Awaited<ReturnType<typeof startChat>>;
  before(async () => {
    chat = await startChat();
  });
  after(() => chat.close());
  beforeEach(() => {
    chat.posted.length = 0;
    chat.answerWith({});
  });

  /** What comes of posting, without a word of where to. */
  async function troubleAt(address: URL, posting = post): Promise<Error> {
    const error: unknown = await posting(address, message).then(
      () => assert.fail('it was taken'),
      (thrown) => thrown,
    );
    assert.ok(error instanceof Error);
    assert.doesNotMatch(inspect(error, { depth: 9 }), new RegExp(SECRET));
    return error;
  }

  test('is JSON, in one request', async () => {
    await post(chat.address, message);
    assert.deepEqual(chat.posted, [{ path: chat.address.pathname, type: 'application/json', message }]);
  });

  test('is accepted with any response body', async () => {
    chat.answerWith({ status: 204, body: '' });
    await post(chat.address, message);
    chat.answerWith({ body: 'x'.repeat(1e6) });
    await post(chat.address, message);
  });

  const another = /Put the address of one that is there into the SSM parameter \/swath\/hook\.$/;
  const cases: [answer: Answer, name: string, said: RegExp, todo?: RegExp][] = [
    [
      { status: 404, body: 'no_service' },
      'InvalidWebhook',
      /^The webhook answers 404 \(no_service\): it was removed/,
      another,
    ],
    [{ status: 410, body: 'channel_is_archived\n' }, 'InvalidWebhook', /410 \(channel_is_archived\)/, another],
    [{ status: 403, body: 'invalid_token' }, 'InvalidWebhook', /403 \(invalid_token\)/, another],
    [{ status: 401, body: '' }, 'InvalidWebhook', /^The webhook answers 401: /, another],
    [{ status: 405 }, 'InvalidWebhook', /405/, another],
    [{ status: 404, body: `Cannot POST /services/T0/B0/${SECRET}` }, 'InvalidWebhook', /^The webhook answers 404: /],
    [{ status: 400, body: 'no_text' }, 'Error', /^The webhook answers 400 \(no_text\): it does not take this/],
    [{ status: 413 }, 'Error', /413/],
    [{ status: 429, body: 'rate_limited' }, 'TransientTrouble', /429 \(rate_limited\)\.$/],
    [{ status: 500 }, 'TransientTrouble', /500/],
    [{ status: 503, body: '<html>' }, 'TransientTrouble', /^The webhook answers 503\.$/],
  ];
  for (const [answer, name, said, todo = said] of cases)
    test(`that is answered by ${JSON.stringify(answer)} ends as ${name}, after one request`, async () => {
      chat.answerWith(answer);
      const error = await troubleAt(chat.address);
      assert.equal(error.name, name);
      assert.match(error.message, said);
      assert.match(error.message, todo);
      assert.equal(chat.posted.length, 1);
    });

  test('that is not answered ends as TransientTrouble, once its time is over', async () => {
    chat.answerWith('nothing');
    const { name, message } = await troubleAt(chat.address, postInHaste);
    assert.deepEqual([name, message], ['TransientTrouble', 'The webhook took longer than 0.1 s.']);
  });

  for (const status of [301, 302, 303, 307, 308])
    test(`goes nowhere else: ${status}`, async () => {
      chat.answerWith({ status, headers: { location: new URL('/elsewhere', chat.address).href } });
      const error = await troubleAt(chat.address);
      assert.equal(error.name, 'InvalidWebhook');
      assert.match(error.message, /leads elsewhere and is not followed/);
      assert.deepEqual(
        chat.posted.map(({ path }) => path),
        [chat.address.pathname],
      );
    });

  test('to an unreachable address, or with a redirect, is a temporary error', async () => {
    const gone = await startChat();
    gone.close();
    assert.deepEqual(
      String(await troubleAt(gone.address)),
      'TransientTrouble: The webhook cannot be reached (ECONNREFUSED).',
    );
    const plain = new URL(chat.address);
    plain.protocol = 'https:';
    assert.match((await troubleAt(plain)).message, /^The webhook cannot be reached \(ERR_SSL_\w+\)\.$/);
  });
});
