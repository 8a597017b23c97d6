import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { connectQueues, deadLettersOf } from './deadLetters.ts';

/** What is asked of SQS, and what is made of its answers: the real client, with answers in the place of a network. */

const QUEUE = 'https://sqs.eu-central-1.amazonaws.com/123456789012/swath-dev-dead-letters';

function open(answers: unknown[]) {
  const requests: { operation: string; host: string; body: Record<string, unknown> }[] = [];
  const requestHandler = {
    handle: async ({
      headers,
      hostname,
      body,
    }: {
      headers: Record<string, string>;
      hostname: string;
      body: string;
    }) => {
      const operation = headers['x-amz-target']?.split('.')[1] ?? '';
      requests.push({ operation, host: hostname, body: JSON.parse(String(body)) });
      const answer = Readable.from([Buffer.from(JSON.stringify(answers.shift() ?? {}))]);
      const response = { statusCode: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: answer };
      return { response };
    },
  };
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
  const client = connectQueues({ region: 'eu-central-1', credentials, requestHandler } as never);
  return { letters: deadLettersOf(QUEUE, client), requests };
}

/** The client checks the digest. */
function message(MessageId: string, ReceiptHandle: string, Body: string, MessageAttributes = {}) {
  const MD5OfBody = createHash('md5').update(Body).digest('hex');
  return { MessageId, ReceiptHandle, Body, MD5OfBody, MessageAttributes };
}

test('a message says which event it is, and why EventBridge gave it up', async () => {
  const text = (StringValue: string) => ({ DataType: 'String', StringValue });
  const attributes = {
    ERROR_CODE: text('NO_PERMISSIONS'),
    ERROR_MESSAGE: text('not authorized'),
    RULE_ARN: text('arn'),
  };
  const { letters, requests } = open([
    {
      Messages: [message('m1', 'r1', '{"id":"e1"}', attributes), message('m2', 'r2', 'by hand')],
    },
  ]);
  assert.deepEqual(await letters.receive(), [
    { id: 'm1', body: '{"id":"e1"}', why: 'NO_PERMISSIONS: not authorized', receipt: 'r1' },
    { id: 'm2', body: 'by hand', why: null, receipt: 'r2' },
  ]);
  assert.deepEqual(await letters.receive(), [], 'an empty queue has no messages');
  const { body } = requests[0]!;
  assert.deepEqual([body['MaxNumberOfMessages'], body['MessageAttributeNames']], [10, ['All']]);
  assert.ok(Number(body['VisibilityTimeout']) > 0 && Number(body['WaitTimeSeconds']) > 0);
});

test('a message is removed, or shown to others at once, by its receipt', async () => {
  const letter = { id: 'm1', body: '', why: null, receipt: 'r1' };
  const { letters, requests } = open([]);
  await letters.remove(letter);
  await letters.release(letter);
  assert.deepEqual(
    requests.map(({ operation, body }) => [operation, body]),
    [
      ['DeleteMessage', { QueueUrl: QUEUE, ReceiptHandle: 'r1' }],
      ['ChangeMessageVisibility', { QueueUrl: QUEUE, ReceiptHandle: 'r1', VisibilityTimeout: 0 }],
    ],
  );
});
