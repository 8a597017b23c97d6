import { randomUUID } from 'node:crypto';
import {
  DeleteRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Account } from './stage.ts';

const TARGET = 'witness';
/** SQS holds a question open for so long at most. */
const LONG_POLL_SECONDS = 20;

export type Witness = Awaited<ReturnType<typeof makeWitness>>;

/**
 * Sees the events of a pattern go by on the default bus: a rule of a test's own with a queue behind it. Whoever must know
 * that an event has come, though nothing was to happen, waits for it here.
 */
export async function makeWitness(stage: string, pattern: string, account: Account) {
  const events = new EventBridgeClient(account);
  const sqs = new SQSClient(account);
  const Name = `swath-${stage}-witness-${randomUUID().slice(0, 8)}`;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: Name }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const queueArn = Attributes?.['QueueArn'];
  const { RuleArn } = await events.send(new PutRuleCommand({ Name, EventPattern: pattern }));
  const Statement = {
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: queueArn,
    Condition: { ArnEquals: { 'aws:SourceArn': RuleArn } },
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [Statement] });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  await events.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: TARGET, Arn: queueArn }] }));

  /** Waits for an event of which something is true, and answers it; what comes before it is forgotten. */
  async function saw<Event>(isIt: (event: Event) => boolean): Promise<Event> {
    for (;;) {
      const request = new ReceiveMessageCommand({
        QueueUrl,
        WaitTimeSeconds: LONG_POLL_SECONDS,
        MaxNumberOfMessages: 10,
      });
      const { Messages = [] } = await sqs.send(request);
      const found = Messages.map(({ Body = '' }) => JSON.parse(Body) as Event).find(isIt);
      if (found !== undefined) return found;
    }
  }

  return {
    saw,
    close: async (): Promise<void> => {
      await events.send(new RemoveTargetsCommand({ Rule: Name, Ids: [TARGET] }));
      await events.send(new DeleteRuleCommand({ Name }));
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
      events.destroy();
      sqs.destroy();
    },
  };
}
