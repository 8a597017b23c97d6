import { randomUUID } from 'node:crypto';
import { type CollectInput, type CollectResult, keyOfEvent, type QueueRecord } from '../core/messages.ts';

/** As many as Lambda hands on together: functions/collect/function.yml. */
const MOST_MESSAGES = 500;
/** A message is handed out so often; resources/arrivals.yml has it for the queue in AWS. */
const MOST_RECEIVES = 5;
/** So long a message waits that is to come again. */
const AGAIN_MILLISECONDS = 30_000;

export type ArrivalsQueue = ReturnType<typeof startArrivalsQueue>;

type Message = QueueRecord & { receives: number };

type Options = {
  windowSeconds: number;
  collect: (input: CollectInput) => Promise<CollectResult>;
  /** Hears of an event that nobody could deal with: the next sweep finds its file. */
  onTrouble: (key: string, error: Error) => void;
  againMilliseconds?: number;
};

/**
 * The queue of arrivals on a laptop: it gathers events for so many seconds from the first of them, or as many as are handed on
 * together. It is in memory: the files of what is lost with it, the sweep at the next start finds.
 */
export function startArrivalsQueue({
  windowSeconds,
  collect,
  onTrouble,
  againMilliseconds = AGAIN_MILLISECONDS,
}: Options) {
  let gathered: Message[] = [];
  let timer: NodeJS.Timeout | undefined;
  const again = new Map<NodeJS.Timeout, Message[]>();
  let underWay = 0;
  let isStopped = false;

  function send(event: unknown): void {
    take([{ messageId: randomUUID(), body: JSON.stringify(event), eventSourceARN: 'arn:local-arrivals', receives: 0 }]);
  }

  function take(messages: readonly Message[]): void {
    if (isStopped) return;
    gathered.push(...messages);
    if (gathered.length >= MOST_MESSAGES) handOn();
    else timer ??= setTimeout(handOn, windowSeconds * 1000);
  }

  function handOn(): void {
    clearTimeout(timer);
    timer = undefined;
    const messages = gathered.splice(0, MOST_MESSAGES).map((one) => ({ ...one, receives: one.receives + 1 }));
    if (gathered.length > 0) timer = setTimeout(handOn, windowSeconds * 1000);
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
      if (failed.size > 0)
        later(
          messages.filter(({ messageId }) => failed.has(messageId)),
          new Error('its event was refused; swath.log says why'),
        );
    } catch (error) {
      later(messages, error as Error);
    }
  }

  function later(messages: readonly Message[], error: Error): void {
    if (isStopped) return;
    const lost = messages.filter(({ receives }) => receives >= MOST_RECEIVES);
    for (const { body } of lost) onTrouble(keyOfEvent(JSON.parse(body)) ?? 'arrivals', error);
    const rest = messages.filter(({ receives }) => receives < MOST_RECEIVES);
    if (rest.length === 0) return;
    const waiting = setTimeout(() => {
      again.delete(waiting);
      take(rest);
    }, againMilliseconds);
    again.set(waiting, rest);
  }

  /** Events of which nothing has been started yet. */
  function size(): number {
    return gathered.length + underWay + [...again.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** What is in it is lost, and found by the next sweep. */
  function stop(): void {
    isStopped = true;
    clearTimeout(timer);
    for (const waiting of again.keys()) clearTimeout(waiting);
    gathered = [];
    again.clear();
  }

  return { send, size, stop };
}
