import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { SQSClient } from '@aws-sdk/client-sqs';
import { buryIn, sendAnsweredTo, sendTo } from './queues.ts';

const QUEUE = 'https://sqs.us-east-1.amazonaws.com/123456789012/swath-dev-requests';

/** A real client, which keeps what it would have sent. */
function makeClient() {
  const sent: Record<string, unknown>[] = [];
  const client = new SQSClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    requestHandler: {
      handle: async ({ body }: { body: string }) => {
        sent.push(JSON.parse(body));
        return { response: { statusCode: 200, headers: {}, body: Readable.from(['{}']) } };
      },
    } as never,
    md5: false, // of what was sent, which an answer would have
  });
  return { client, sent };
}

describe('a message', () => {
  test('is put into the queue of its URL, hidden for as long as is wanted', async () => {
    const { client, sent } = makeClient();
    await sendTo(client)(QUEUE, 'a note', 5);
    assert.deepEqual(sent, [{ QueueUrl: QUEUE, MessageBody: 'a note', DelaySeconds: 5 }]);
  });

  for (const [what, reason, kept] of [
    ['a sentence', 'found “a”,\n\tallowed is b', 'found “a”,\n\tallowed is b'],
    ['what is no character of XML', 'a\0b\x07c\ufffed\uffff', 'a b c d '],
    ['half of a surrogate pair', 'a\ud800', 'a\ufffd'],
    ['more than a thousand characters', 'x'.repeat(1001), 'x'.repeat(1000)],
    ['a thousand that end within a pair', `${'x'.repeat(999)}😀`, `${'x'.repeat(999)}\ufffd`],
  ] as const)
    test(`is a dead letter with its reason: ${what}`, async () => {
      const { client, sent } = makeClient();
      await buryIn(QUEUE, 'counts', client)('a request', reason);
      const text = (StringValue: string) => ({ DataType: 'String', StringValue });
      const MessageAttributes = { reason: text(kept), queue: text('counts') };
      assert.deepEqual(sent, [{ QueueUrl: QUEUE, MessageBody: 'a request', MessageAttributes }]);
    });

  for (const [at, delay] of [
    ['12:00:00.000', 60],
    ['12:00:00.001', 60],
    ['12:00:59.000', 1],
    ['12:00:59.999', 1],
    ['12:01:30.000', 30],
  ] as const)
    test(`of predictions that were given at ${at} is shown with those of the same minute`, async () => {
      const { client, sent } = makeClient();
      await sendAnsweredTo(QUEUE, { client, now: () => Date.parse(`2026-03-01T${at}Z`) })('predictions');
      assert.deepEqual(sent, [{ QueueUrl: QUEUE, MessageBody: 'predictions', DelaySeconds: delay }]);
    });

  test('of predictions is given up after so many seconds', async () => {
    const requestHandler = {
      handle: (_request: unknown, { abortSignal }: { abortSignal: AbortSignal }) =>
        new Promise((_resolve, reject) => {
          abortSignal.addEventListener('abort', () => reject(abortSignal.reason));
        }),
    };
    const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
    const client = new SQSClient({ region: 'us-east-1', credentials, requestHandler: requestHandler as never });
    await assert.rejects(sendAnsweredTo(QUEUE, { client, seconds: 0.05 })('predictions'), /timeout|aborted/i);
  });
});
