import { type CollectResult, collectInputSchema, type QueueRecord, type SceneRef } from '../../core/messages.ts';
import { between } from './schedule.ts';
import type { World } from './world.ts';

/**
 * SQS and Lambda's pollers in the simulated world, or the queue in memory of the embedded stack: a message is handed out at
 * least once, in any order, and again when its time is over, also while somebody is still at it.
 */

type Message = QueueRecord & {
  scene: SceneRef;
  /** Whether a poller has it, or it waits to be seen again. */
  isHidden: boolean;
  receives: number;
  isDone: boolean;
};

/** Calls of the function collect, one for each poller that has messages. */
type Collect = (message: unknown) => Promise<CollectResult>;

const POLLERS = 5;
const MOST_RECEIVES = 5;
/** A poller hands on what came within so many milliseconds. */
const WINDOW = 3000;
/** Shorter than in AWS, so that now and then it is over while collect still works. */
const [LEAST_HIDDEN, MOST_HIDDEN] = [20_000, 400_000];
/** A message that was done with is handed out once more, now and then. */
const TWICE_SHARE = 0.08;

export type Queue = ReturnType<typeof makeQueue>;

/** @param onDone hears of each file whose message nobody will hand out again, as somebody has dealt with it */
export function makeQueue(world: World, collect: Collect, onDone: (scene: SceneRef) => void) {
  const { schedule, random } = world;
  let messages: Message[] = [];
  let sent = 0;
  let isPolling = false;

  function send(scene: SceneRef, event: unknown): void {
    const messageId = `message-${sent}`;
    sent += 1;
    messages.push({
      ...{ messageId, body: JSON.stringify(event), eventSourceARN: 'arn:aws:sqs:r:1:swath-test-arrivals' },
      ...{ scene, isHidden: false, receives: 0, isDone: false },
    });
    poll();
  }

  /** When the window is over, each poller gets some of what is there. */
  function poll(): void {
    if (isPolling) return;
    isPolling = true;
    schedule.after(between(random, 500, WINDOW), () => {
      isPolling = false;
      const seen = messages.filter(({ isHidden }) => !isHidden);
      const shares = Map.groupBy(seen, () => (random() < 0.6 ? 0 : Math.floor(random() * POLLERS)));
      for (const some of shares.values()) handOn(some.sort(() => random() - 0.5));
    });
  }

  function handOn(some: readonly Message[]): void {
    for (const message of some) {
      message.isHidden = true;
      message.receives += 1;
      schedule.after(between(random, LEAST_HIDDEN, MOST_HIDDEN), () => show(message));
    }
    const records = some.map(({ messageId, body, eventSourceARN }) => ({ messageId, body, eventSourceARN }));
    collect(collectInputSchema.parse({ Records: records })).then(
      ({ batchItemFailures }) => {
        const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
        for (const message of some) if (!failed.has(message.messageId)) done(message);
      },
      () => {}, // all of them come again
    );
  }

  function done(message: Message): void {
    message.isDone = true;
    onDone(message.scene);
  }

  /** Its time is over: who has not done with it by then shares it with the next one. */
  function show(message: Message): void {
    if (!messages.includes(message)) return; // the queue was in memory, and is gone
    const isTwice = message.isDone && message.receives === 1 && random() < TWICE_SHARE;
    if ((message.isDone && !isTwice) || message.receives >= MOST_RECEIVES) {
      messages = messages.filter((one) => one !== message);
      return;
    }
    message.isHidden = false;
    poll();
  }

  return {
    send,
    loseAll: () => {
      messages = [];
    },
  };
}
