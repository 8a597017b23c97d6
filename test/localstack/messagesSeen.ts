import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Message, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { sees } from './differences.ts';
import type { At } from './here.ts';

const SECONDS = 60;

/** The difference that comes between a queue and a function. */
export function messagesSeen(at: At): void {
  test(sees('messagesRewritten'), async () => {
    const { account, output } = at().stage;
    const sqs = new SQSClient({ ...account, useQueueUrlAsEndpoint: false });
    const id = crypto.randomUUID();
    const sent = `{"id":"${id}","inputs":[]}`;
    await sqs.send(new SendMessageCommand({ QueueUrl: output('RequestsQueueUrl'), MessageBody: sent }));
    const QueueUrl = output('DeadLetterQueueUrl');
    const request = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 });
    let found: Message | undefined;
    for (const end = Date.now() + SECONDS * 1000; Date.now() < end && found === undefined; await pause(250)) {
      const { Messages = [] } = await sqs.send(request);
      found = Messages.find(({ Body }) => Body?.includes(id));
    }
    assert.equal(found?.Body, sent.replaceAll(':', ': ').replace(',', ', '));
    sqs.destroy();
  });
}
