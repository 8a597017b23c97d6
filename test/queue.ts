import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Account } from './stage.ts';

/** SQS holds a question open for so long at most. */
const LONG_POLL_SECONDS = 20;

export type Queue = Awaited<ReturnType<typeof makeQueue>>;

/**
 * A queue of a test's own, into which a service may put what it has to say.
 *
 * @param sender the service's name, such as `sns`
 */
export async function makeQueue(name: string, sender: string, account: Account) {
  const sqs = new SQSClient(account);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const arn = Attributes!['QueueArn']!;
  const Statement = {
    Effect: 'Allow',
    Principal: { Service: `${sender}.amazonaws.com` },
    Action: 'sqs:SendMessage',
    Resource: arn,
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [Statement] });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));

  /** Waits for a message of which something is true, and answers it; each that comes is asked, and none is taken out. */
  async function saw<Message>(isIt: (message: Message) => boolean, seconds: number): Promise<Message> {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
      const request = { QueueUrl, WaitTimeSeconds: LONG_POLL_SECONDS, MaxNumberOfMessages: 10 };
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(request));
      const [found] = Messages.map(({ Body = '' }) => JSON.parse(Body) as Message).filter(isIt);
      if (found !== undefined) return found;
    }
    throw new Error(`The message that was waited for did not come into ${name} within ${seconds} seconds.`);
  }

  return {
    arn,
    saw,
    close: async (): Promise<void> => {
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
      sqs.destroy();
    },
  };
}
