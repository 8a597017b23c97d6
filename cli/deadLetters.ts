import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { clientConfig } from './stack.ts';

/** A message of the dead-letter queue: an event that could not be delivered or taken, or a request that could not be taken. */
export type DeadLetter = {
  id: string;
  body: string;
  /** What EventBridge says of an event, its error's code and message, or collect of a request. */
  why: string | null;
  /** Whether it is from the queue of requests, which also brings notes of answers, predictions to count and truths. */
  isRequest: boolean;
  /** By which this one receipt of it is answered. */
  receipt: string;
};

/** The queue of all that is given up. */
export type DeadLetters = {
  /** The next few, which nobody else gets for a while; none when there are no more. */
  receive: () => Promise<DeadLetter[]>;
  /** Takes one out for good. */
  remove: (letter: DeadLetter) => Promise<void>;
  /** Lets others have one again at once. */
  release: (letter: DeadLetter) => Promise<void>;
};

/** SQS's word for the queue whose redrive policy has moved a message. */
const GIVEN_UP_BY = 'DeadLetterQueueSourceArn';
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
          MessageSystemAttributeNames: [GIVEN_UP_BY],
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

function toLetter(message: Message): DeadLetter {
  const { MessageId: id = '', Body: body = '', ReceiptHandle: receipt = '', MessageAttributes = {} } = message;
  const [code, error, reason] = ['ERROR_CODE', 'ERROR_MESSAGE', 'reason'].map(
    (name) => MessageAttributes[name]?.StringValue,
  );
  const why = [code, error, reason].filter((part) => part !== undefined).join(': ');
  const queue = message.Attributes?.[GIVEN_UP_BY];
  // Where no queue has moved it, somebody has put it there: collect does so with requests alone, and gives its reason. Where one
  // has, a reason is its sender's.
  const isRequest = queue === undefined ? reason !== undefined : queue.endsWith('-requests');
  return { id, body, why: why === '' ? null : why, isRequest, receipt };
}
