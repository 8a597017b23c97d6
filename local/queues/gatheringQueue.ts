import { randomUUID } from 'node:crypto';
import type { CollectInput, CollectResult, QueueRecord } from '../../core/base/messages.ts';

/** How often a message is delivered; for the queues in AWS it is in resources/. */
const MOST_RECEIVES = 5;
const AGAIN_MILLISECONDS = 30_000;
/** Lambda's batch size: functions/collect/arrivals.yml, requests.yml and counts.yml. */
const MOST_MESSAGES = 500;

type Message = QueueRecord & { receives: number };

export type GatheringOptions = {
  /** Ends like the name of the queue in AWS. */
  arn: string;
  mostLetters: number;
  windowSeconds: number;
  collect: (input: CollectInput) => Promise<CollectResult>;
  onDone?: (messages: readonly QueueRecord[]) => void;
  onLost: (messages: readonly QueueRecord[], error: Error) => void;
  /** The reason for a message that was refused every time. */
  refused: string;
  againMilliseconds?: number | undefined;
};

/** An SQS queue with a trigger, in memory: it gathers messages for a window from the first, or until a batch is full. */
export function startGatheringQueue(options: GatheringOptions) {
  const { arn, mostLetters, windowSeconds, collect, onDone = () => {}, onLost, refused } = options;
  const { againMilliseconds = AGAIN_MILLISECONDS } = options;
  let gathered: Message[] = [];
  let letters = 0;
  let timer: NodeJS.Timeout | undefined;
  const hidden = new Map<NodeJS.Timeout, readonly Message[]>();
  let underWay = 0;
  let isStopped = false;

  function send(body: string, { messageId = randomUUID() as string, delayMilliseconds = 0 } = {}): void {
    const message = { messageId, body, eventSourceARN: arn, receives: 0 };
    if (delayMilliseconds > 0) hide([message], delayMilliseconds);
    else take([message]);
  }

  function take(messages: readonly Message[]): void {
    if (isStopped) return;
    for (const message of messages) {
      if (gathered.length > 0 && letters + message.body.length > mostLetters) handOn();
      gathered.push(message);
      letters += message.body.length;
      if (gathered.length >= MOST_MESSAGES) handOn();
    }
    if (gathered.length > 0) timer ??= setTimeout(handOn, windowSeconds * 1000);
  }

  function handOn(): void {
    clearTimeout(timer);
    timer = undefined;
    const messages = gathered.map((one) => ({ ...one, receives: one.receives + 1 }));
    gathered = [];
    letters = 0;
    underWay += messages.length;
    void deal(messages).finally(() => {
      underWay -= messages.length;
    });
  }

  async function deal(messages: readonly Message[]): Promise<void> {
    const Records = messages.map(({ receives: _, ...record }) => record);
    try {
      const { batchItemFailures } = await collect({ Records });
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      const again = messages.filter(({ messageId }) => failed.has(messageId));
      if (!isStopped) onDone(Records.filter(({ messageId }) => !failed.has(messageId)));
      if (again.length > 0) later(again, new Error(refused));
    } catch (error) {
      later(messages, error as Error);
    }
  }

  function later(messages: readonly Message[], error: Error): void {
    if (isStopped) return;
    const lost = messages.filter(({ receives }) => receives >= MOST_RECEIVES);
    if (lost.length > 0) onLost(lost, error);
    const rest = messages.filter(({ receives }) => receives < MOST_RECEIVES);
    if (rest.length > 0) hide(rest, againMilliseconds);
  }

  function hide(messages: readonly Message[], milliseconds: number): void {
    if (isStopped) return;
    const waiting = setTimeout(() => {
      hidden.delete(waiting);
      take(messages);
    }, milliseconds);
    hidden.set(waiting, messages);
  }

  const size = () => gathered.length + underWay + [...hidden.values()].reduce((sum, { length }) => sum + length, 0);

  function stop(): void {
    isStopped = true;
    clearTimeout(timer);
    for (const waiting of hidden.keys()) clearTimeout(waiting);
    gathered = [];
    hidden.clear();
  }

  return { send, size, stop };
}
