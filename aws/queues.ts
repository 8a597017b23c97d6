import { SendMessageCommand, SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { patience } from './patience.ts';

/** SQS behind the ports of queues. A queue's URL is only its name: if AWS_ENDPOINT_URL is set, requests go there. */
export const connectQueues = (config: SQSClientConfig = {}) =>
  new SQSClient({ ...patience, ...config, useQueueUrlAsEndpoint: false });

/** Sends a message to a queue, with a delay in seconds. */
export function sendTo(client = connectQueues()) {
  return async (QueueUrl: string, MessageBody: string, DelaySeconds = 0): Promise<void> => {
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds }));
  };
}

/** Those that are sent within it are shown together, so that one gather takes them: at most what SQS delays a message by, 900. */
const COUNTED_TOGETHER_SECONDS = 60;

type Patience = { client?: SQSClient; seconds?: number; now?: () => number };

/** Puts predictions given over HTTP into the queue of counts, shown from the next full minute on; gives up after `seconds`. */
export function sendAnsweredTo(QueueUrl: string, { client = connectQueues(), seconds, now = Date.now }: Patience = {}) {
  return async (MessageBody: string): Promise<void> => {
    const DelaySeconds = Math.ceil(COUNTED_TOGETHER_SECONDS - ((now() / 1000) % COUNTED_TOGETHER_SECONDS));
    const command = new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds });
    await client.send(command, seconds === undefined ? {} : { abortSignal: AbortSignal.timeout(seconds * 1000) });
  };
}

/** So many characters tell a reason; the rest of a message is its sender's. */
const MOST_REASON = 1000;

/** Sends a message to the dead-letter queue, with the attributes `reason` and `queue`: which it came by. */
export function buryIn(QueueUrl: string, queue: 'requests' | 'counts', client = connectQueues()) {
  return async (MessageBody: string, reason: string): Promise<void> => {
    const text = (StringValue: string) => ({ DataType: 'String', StringValue });
    const start = reason.slice(0, MOST_REASON).toWellFormed();
    const shown = start.replace(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu, ' '); // SQS accepts only characters that XML allows
    const MessageAttributes = { reason: text(shown), queue: text(queue) };
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes }));
  };
}
