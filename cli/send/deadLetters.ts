import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { ChangeMessageVisibilityCommand, DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';

/** A message of the dead-letter queue: an event that could not be delivered or processed, or a request that could not be processed. */
export type DeadLetter = {
  id: string;
  body: string;
  /** Why it was given up: EventBridge's error code and message for an event, collect's reason for a request. */
  why: string | null;
  /** The queue that it is from: of requests and notes of answers, of predictions to count and truths, or of results to load; null for an event about a scene, or the sweep. */
  from: 'requests' | 'counts' | 'warehouse' | null;
  receipt: string;
};

/** SQS's attribute for the queue from which a redrive policy moved a message. */
const GIVEN_UP_BY = 'DeadLetterQueueSourceArn';

export type DeadLetters = ReturnType<typeof deadLettersOf>;

export const deadLettersOf = (QueueUrl: string, client: SQSClient) => ({
  /** Receives the next few messages, which stay hidden from others for a while; none when there are no more. */
  receive: async () => {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10, // the most that SQS allows
        VisibilityTimeout: 120, // seconds: after an interruption, they are visible again after this time
        WaitTimeSeconds: 2, // a receive that does not wait asks only some of SQS's servers, and may miss messages
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: [GIVEN_UP_BY],
      }),
    );
    return Messages.map(toLetter);
  },
  remove: async ({ receipt }: DeadLetter) => {
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: receipt }));
  },
  release: async ({ receipt }: DeadLetter) => {
    await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: receipt, VisibilityTimeout: 0 }));
  },
});

function toLetter(message: Message): DeadLetter {
  const { MessageId: id = '', Body: body = '', ReceiptHandle: receipt = '', MessageAttributes = {} } = message;
  const [code, error, reason, told, rule] = ['ERROR_CODE', 'ERROR_MESSAGE', 'reason', 'queue', 'RULE_ARN'].map(
    (name) => MessageAttributes[name]?.StringValue,
  );
  const why = [code, error, reason].filter((part) => part !== undefined).join(': ');
  const queue = message.Attributes?.[GIVEN_UP_BY];
  // A message that no redrive policy moved was sent here by collect, which says by which queue it came, or by EventBridge, which says by which rule. Attributes of a moved
  // message were set by its sender, and are ignored: a request must not get to where predictions are counted.
  const from = (['requests', 'counts', 'warehouse'] as const).find((one) =>
    queue === undefined ? told === one || rule?.endsWith(`-${one}`) : queue.endsWith(`-${one}`),
  );
  return { id, body, why: why === '' ? null : why, from: from ?? null, receipt };
}
