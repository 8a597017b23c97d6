import { type CollectResult, collectInputSchema, type QueueRecord } from '../../core/base/messages.ts';
import { between } from './schedule.ts';
import type { World } from './world.ts';

/**
 * SQS and Lambda's pollers in the simulated world, or a queue of the embedded stack: a message is handed out at
 * least once, in any order, and again when its time is over, also while somebody is still at it.
 */

type Message<About> = QueueRecord & {
  about: About;
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
/** A message that was done with is handed out once more, now and then, and so many at most: each may leave another one. */
const TWICE_SHARE = 0.08;
const MOST_TWICE = 4;

type Options<About> = {
  /** What its name ends with. */
  name: string;
  collect: Collect;
  /** Hears of each message that nobody will hand out again, as somebody has dealt with it. */
  onDone: (about: About) => void;
  /** Hears of each that was handed out so often that it is a dead letter. */
  onDead?: (about: About) => void;
};

export function makeQueue<About>(world: World, { name, collect, onDone, onDead = () => {} }: Options<About>) {
  const { schedule, random } = world;
  let messages: Message<About>[] = [];
  let sent = 0;
  let twice = 0;
  let isPolling = false;

  function send(body: string, about: About, delaySeconds = 0): void {
    const messageId = `message-${sent}`;
    sent += 1;
    const message: Message<About> = {
      messageId,
      body,
      eventSourceARN: `arn:aws:sqs:r:1:swath-test-${name}`,
      about,
      isHidden: delaySeconds > 0,
      receives: 0,
      isDone: false,
    };
    messages.push(message);
    if (delaySeconds > 0) schedule.after(delaySeconds * 1000, () => show(message));
    else poll();
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

  function handOn(some: readonly Message<About>[]): void {
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

  function done(message: Message<About>): void {
    message.isDone = true;
    onDone(message.about);
  }

  /** Its time is over: who has not done with it by then shares it with the next one. */
  function show(message: Message<About>): void {
    if (!messages.includes(message)) return; // the queue was in memory, and is gone
    const isTwice = message.isDone && message.receives === 1 && twice < MOST_TWICE && random() < TWICE_SHARE;
    if (isTwice) twice += 1;
    const isDead = !message.isDone && message.receives >= MOST_RECEIVES;
    if (isDead) onDead(message.about);
    if ((message.isDone && !isTwice) || isDead) {
      messages = messages.filter((one) => one !== message);
      return;
    }
    message.isHidden = false;
    poll();
  }

  return {
    send,
    /** What nobody has dealt with. */
    left: () => messages.filter(({ isDone }) => !isDone).map(({ about }) => about),
    loseAll: () => {
      messages = [];
    },
    /** Where messages are files, those that nobody has dealt with are there when the process comes up again. */
    comeUp: () => {
      const left = messages.filter(({ isDone }) => !isDone);
      messages = [];
      for (const { body, about } of left) send(body, about);
    },
  };
}
