import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { connectQueues } from '../../aws/queues.ts';
import { type DeadLetter, deadLettersOf } from './deadLetters.ts';

/** What is asked of SQS, and what is made of its answers: the real client, with answers in the place of a network. */

const QUEUE = 'https://sqs.eu-central-1.amazonaws.com/123456789012/swath-dev-dead-letters';

type Request = { headers: Record<string, string>; hostname: string; body: string };

function open(answers: unknown[]) {
  const requests: { operation: string; host: string; body: Record<string, unknown> }[] = [];
  const requestHandler = {
    handle: async ({ headers, hostname, body }: Request) => {
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

const text = (StringValue: string) => ({ DataType: 'String', StringValue });

test('a message says which event it is, and why EventBridge gave it up', async () => {
  const attributes = {
    ERROR_CODE: text('NO_PERMISSIONS'),
    ERROR_MESSAGE: text('not authorized'),
    RULE_ARN: text('arn'),
  };
  const { letters, requests } = open([
    { Messages: [message('m1', 'r1', '{"id":"e1"}', attributes), message('m2', 'r2', 'by hand')] },
  ]);
  assert.deepEqual(await letters.receive(), [
    { id: 'm1', body: '{"id":"e1"}', why: 'NO_PERMISSIONS: not authorized', from: null, receipt: 'r1' },
    { id: 'm2', body: 'by hand', why: null, from: null, receipt: 'r2' },
  ]);
  assert.deepEqual(await letters.receive(), [], 'an empty queue has no messages');
  const { body } = requests[0]!;
  assert.deepEqual([body['MaxNumberOfMessages'], body['MessageAttributeNames']], [10, ['All']]);
  assert.ok(Number(body['VisibilityTimeout']) > 0 && Number(body['WaitTimeSeconds']) > 0);
});

describe('whether a message came from the queue of requests is detected', () => {
  const cases: [what: string, attributes: object, failedIn: string, from: DeadLetter['from'], why?: string][] = [
    [
      'by the reason that collect gives of a request that it refuses',
      { reason: text('no JSON'), queue: text('requests') },
      '',
      'requests',
      'no JSON',
    ],
    ['by the queue that it failed in five times', {}, 'swath-dev-requests', 'requests'],
    [
      'by that queue, whatever attributes its sender gave it',
      { reason: text('mine'), ERROR_CODE: text('none') },
      'swath-dev-requests',
      'requests',
      'none: mine',
    ],
    ['of what is counted by what collect says', { queue: text('counts') }, '', 'counts'],
    ['of what is counted by the queue that it failed in', {}, 'swath-dev-counts', 'counts'],
    ['of a result by the queue that it failed in', {}, 'swath-dev-warehouse', 'warehouse'],
    [
      'of a result by the rule that could not deliver it',
      {
        ERROR_CODE: text('NO_PERMISSIONS'),
        RULE_ARN: text('arn:aws:events:eu-central-1:123456789012:rule/swath-dev-warehouse'),
      },
      '',
      'warehouse',
      'NO_PERMISSIONS',
    ],
    ['of a request, whatever its sender says of it', { queue: text('counts') }, 'swath-dev-requests', 'requests'],
    ['not of one of the queue of arrivals', {}, 'swath-dev-arrivals', null],
    [
      "not of one of the queue of arrivals with a reason that is its sender's",
      { reason: text('mine') },
      'swath-dev-arrivals',
      null,
      'mine',
    ],
    [
      'not of one that a rule could not deliver',
      { ERROR_CODE: text('NO_PERMISSIONS'), RULE_ARN: text('arn') },
      '',
      null,
      'NO_PERMISSIONS',
    ],
    ['not of one that somebody put there by hand', {}, '', null],
    ['not of one of a stage whose name is like that of the queue', {}, 'swath-requests-arrivals', null],
  ];
  for (const [what, attributes, failedIn, from, why = null] of cases)
    test(what, async () => {
      const source = `arn:aws:sqs:eu-central-1:123456789012:${failedIn}`;
      const Attributes = failedIn === '' ? {} : { DeadLetterQueueSourceArn: source };
      const { letters, requests } = open([{ Messages: [{ ...message('m', 'r', 'x', attributes), Attributes }] }]);
      assert.deepEqual(await letters.receive(), [{ id: 'm', body: 'x', why, from, receipt: 'r' }]);
      assert.deepEqual(requests[0]?.body['MessageSystemAttributeNames'], ['DeadLetterQueueSourceArn']);
    });
});

test('a message is removed, or shown to others at once, by its receipt', async () => {
  const letter = { id: 'm1', body: '', why: null, from: null, receipt: 'r1' };
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
