import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { sceneInput } from '../../core/base/messages.ts';
import { sceneOf } from '../scenes.ts';
import type { Stage } from '../stage.ts';
import type { Subject } from './subject.ts';

const SECONDS = 120;
const COUNTS = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;

/** Events of a deployed stage that its queue of arrivals holds more than once. */
export function arrivalsTwice(at: () => { stage: Stage; subject: Subject }): void {
  test('the events of a file that come twice more, by the queue, double nothing', async () => {
    const { stage, subject } = at();
    const sqs = new SQSClient({ ...stage.account, useQueueUrlAsEndpoint: false });
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: `swath-${stage.name}-arrivals` }));
    const row = await subject.run('arrives twice', sceneOf(subject.unique('arrives twice'), 3));
    assert.deepEqual([row.state, row.chips, row.batch === undefined], ['DONE', 3, false]);
    const predictions = await subject.stack.listResults('predictions/');

    const began = new Date();
    const event = { version: '0', id: crypto.randomUUID(), 'detail-type': 'Object Created', ...sceneInput(row.scene) };
    const message = new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(event) });
    await Promise.all([sqs.send(message), sqs.send(message)]);
    await untilIdle(stage, sqs, QueueUrl!, began);
    assert.deepEqual(await subject.stack.ledgerRows(row.scene), [row]);
    assert.deepEqual(await subject.stack.listResults('predictions/'), predictions);
    sqs.destroy();
  });
}

/** Waits until a queue is empty, and what has been started since then at its end. What a former deployment has left is not. */
async function untilIdle(
  { stepFunctions, output }: Stage,
  sqs: SQSClient,
  QueueUrl: string,
  since: Date,
): Promise<void> {
  const running = new ListExecutionsCommand({ stateMachineArn: output('StateMachineArn'), statusFilter: 'RUNNING' });
  let found = '';
  for (const end = Date.now() + SECONDS * 1000; Date.now() < end; await pause(500)) {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...COUNTS] }),
    );
    const { executions = [] } = await stepFunctions.send(running);
    const begun = executions.filter(({ startDate }) => startDate! >= since).map(({ name }) => name);
    if (COUNTS.every((name) => Attributes[name] === '0') && begun.length === 0) return;
    found = JSON.stringify({ ...Attributes, begun });
  }
  throw new Error(`${QueueUrl} was not empty, or what it has started not at its end, within ${SECONDS} s: ${found}`);
}
