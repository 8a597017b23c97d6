import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { clientConfig } from './stack.ts';

/** A message of a dead-letter queue: an event that EventBridge could not deliver, or a request that cannot be taken, and why. */
export type DeadLetter = {
  id: string;
  body: string;
  /** What EventBridge says of it: the error's code and message. */
  why: string | null;
  /** By which this one receipt of it is answered. */
  receipt: string;
};

/** The queue of what the rules could not deliver. */
export type DeadLetters = {
  /** The next few, which nobody else gets for a while; none when there are no more. */
  receive: () => Promise<DeadLetter[]>;
  /** Takes one out for good. */
  remove: (letter: DeadLetter) => Promise<void>;
  /** Lets others have one again at once. */
  release: (letter: DeadLetter) => Promise<void>;
};

const MAX_MESSAGES_PER_RECEIVE = 10; // SQS
/** For whoever received a message and is interrupted, it is there again after so long. */
const HIDDEN_SECONDS = 120;
/** A receive that does not wait asks a few of SQS's servers only, and may find nothing where there is something. */
const WAIT_SECONDS = 2;

/** Puts a message into a queue: for the first time, or back. */
export function sendTo(QueueUrl: string, client: SQSClient): (body: string) => Promise<void> {
  return async (MessageBody) => {
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  };
}

/** A client that takes a queue's URL as its name, and not as where to ask: AWS_ENDPOINT_URL says that, if it is set. */
export function connectQueues(config: ReturnType<typeof clientConfig>): SQSClient {
  return new SQSClient({ ...config, useQueueUrlAsEndpoint: false });
}

export function deadLettersOf(QueueUrl: string, client: SQSClient): DeadLetters {
  return {
    receive: async () => {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: MAX_MESSAGES_PER_RECEIVE,
          VisibilityTimeout: HIDDEN_SECONDS,
          WaitTimeSeconds: WAIT_SECONDS,
          MessageAttributeNames: ['All'],
        }),
      );
      return Messages.map(toLetter);
    },
    remove: async ({ receipt }) => {
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: receipt }));
    },
    release: async ({ receipt }) => {
      await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: receipt, VisibilityTimeout: 0 }));
    },
  };
}

function toLetter({ MessageId = '', Body = '', ReceiptHandle = '', MessageAttributes = {} }: Message): DeadLetter {
  const [code, message] = ['ERROR_CODE', 'ERROR_MESSAGE'].map((name) => MessageAttributes[name]?.StringValue);
  const reason = MessageAttributes['reason']?.StringValue;
  const why = [code, message, reason].filter((part) => part !== undefined).join(': ');
  return { id: MessageId, body: Body, why: why === '' ? null : why, receipt: ReceiptHandle };
}
