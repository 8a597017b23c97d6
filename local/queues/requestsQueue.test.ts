import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import type { CollectInput, CollectResult } from '../../core/base/messages.ts';
import { messagesIn } from '../../test/queueFolder.ts';
import { queueUrl, REQUESTS, startRequestsQueue } from './requestsQueue.ts';

describe('the queue of requests on a laptop', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'swath-queue-'));
    mock.timers.enable({ apis: ['setTimeout'] });
  });
  afterEach(() => {
    mock.timers.reset();
    rmSync(folder, { recursive: true });
  });

  /** Of each call, which messages are to come again, by their bodies. */
  function start(again: (body: string) => boolean = () => false) {
    const calls: string[][] = [];
    const deadLetters: number[] = [];
    const collect = async ({ Records }: CollectInput): Promise<CollectResult> => {
      calls.push(Records.map(({ body }) => body));
      const refused = Records.filter(({ body }) => again(body));
      return { batchItemFailures: refused.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    };
    const onDeadLetter = (count: number) => void deadLetters.push(count);
    const queue = startRequestsQueue({ folder, collect, onDeadLetter, againMilliseconds: 1000 });
    const wait = async (milliseconds: number) => {
      mock.timers.tick(milliseconds);
      await new Promise((resolve) => setImmediate(resolve));
    };
    const bodies = (name: string) => messagesIn(folder, name).map(({ body }) => body);
    return { queue, calls, deadLetters, wait, bodies };
  }
  const files = () => readdirSync(join(folder, REQUESTS));

  test('keeps a message until it is done with, and no longer', async () => {
    const { queue, calls, wait } = start();
    queue.send(queueUrl(REQUESTS), 'a');
    queue.send(queueUrl(REQUESTS), 'b');
    assert.deepEqual([calls, files().length], [[], 2]);
    await wait(2000);
    assert.deepEqual([calls, files(), queue.size()], [[['a', 'b']], [], 0]);
  });

  test('hands out the messages from before a stop, the oldest first', async () => {
    const before = start();
    for (const body of ['a', 'b', 'c']) before.queue.send(queueUrl(REQUESTS), body);
    before.queue.stop();
    await before.wait(10_000);
    assert.deepEqual(before.calls, []);
    writeFileSync(join(folder, REQUESTS, '.half.tmp'), 'a message that was being written');
    const { calls, wait } = start();
    await wait(2000);
    assert.deepEqual(
      calls.map((those) => those.toSorted()),
      [['a', 'b', 'c']],
    );
  });

  test('hides a note for as long as is wanted', async () => {
    const { queue, calls, wait } = start();
    queue.send(queueUrl(REQUESTS), 'a note', 5);
    await wait(4999);
    await wait(2000);
    assert.deepEqual(calls, []);
    await wait(1);
    await wait(2000);
    assert.deepEqual(calls, [['a note']]);
  });

  test('hands on no more at once than a worker has room for', async () => {
    const { queue, calls, wait } = start();
    const long = 'x'.repeat(6_000_000);
    for (let i = 0; i < 5; i += 1) queue.send(queueUrl(REQUESTS), long);
    await wait(2000);
    assert.deepEqual(
      calls.map(({ length }) => length),
      [2, 2, 1],
    );
  });

  test('makes a message that is refused five times a dead letter, and removes the others', async () => {
    const { queue, calls, deadLetters, wait, bodies } = start((body) => body === 'bad');
    for (const body of ['bad', 'good']) queue.send(queueUrl(REQUESTS), body);
    for (let i = 0; i < 6; i += 1) {
      await wait(2000);
      await wait(1000);
    }
    assert.deepEqual(calls, [['bad', 'good'], ...Array.from({ length: 4 }, () => ['bad'])]);
    assert.deepEqual([files(), bodies('dead-letters'), deadLetters], [[], ['bad'], [1]]);
    assert.equal(messagesIn(folder, 'dead-letters')[0]?.reason, 'it was refused; swath.log says why');
  });

  test('keeps an answer in a folder of the name of its queue', () => {
    const { queue, bodies } = start();
    queue.send(queueUrl('answers'), 'one');
    assert.deepEqual(bodies('answers'), ['one']);
  });

  for (const url of ['https://sqs.us-east-1.amazonaws.com/123456789012/answers', queueUrl('../inbox'), queueUrl('')])
    test(`does not include queues elsewhere: ${url}`, () => {
      assert.throws(
        () => start().queue.send(url, 'one'),
        /^Error: Found the queue .*, allowed is http:\/\/localhost\//,
      );
    });
});
