import type { DeadLetters } from '../../cli/send/deadLetters.ts';
import { redriveAll } from '../../cli/send/redrive.ts';
import type { CollectInput, CollectResult } from '../../core/base/messages.ts';
import { INBOX } from '../../local/buckets/inbox.ts';
import { makeQueue } from './queue.ts';
import { COUNTS_URL, QUEUE_URL } from './requests.ts';
import type { Worker, World } from './world.ts';

/** The queue of requests, its dead letters, and the queue that answers go to, in the simulated world. */

type DeadLetter = { id: string; body: string; reason: string | null; from: 'requests' | 'counts'; isHidden: boolean };

/** So long, a redrive has a dead letter to itself. */
const HIDDEN_MILLISECONDS = 120_000;
/** SQS hands out no more at once. */
const MOST_RECEIVED = 10;

type Options = {
  collect: (message: unknown) => Promise<CollectResult>;
  onDone: (body: string) => void;
  onAnswer: (url: string, body: string) => void;
};

export function makeRequestQueues(world: World, { collect, onDone, onAnswer }: Options) {
  let letters: DeadLetter[] = [];
  let buried = 0;
  /** How often each message was handed out, by its body. */
  const handedOut = new Map<string, number>();
  const startOne = (name: 'requests' | 'counts') =>
    makeQueue<string>(world, {
      name,
      onDone,
      collect: (message) => {
        for (const { body } of (message as CollectInput).Records) handedOut.set(body, timesHandedOut(body) + 1);
        return collect(message);
      },
      onDead: (body) => bury(body, null, name),
    });
  const queues = { requests: startOne('requests'), counts: startOne('counts') };

  function send(url: string, body: string, delaySeconds = 0): void {
    if (url === QUEUE_URL) queues.requests.send(body, body, delaySeconds);
    else if (url === COUNTS_URL) queues.counts.send(body, body, delaySeconds);
    else onAnswer(url, body);
  }

  function timesHandedOut(body: string): number {
    return handedOut.get(body) ?? 0;
  }

  function bury(body: string, reason: string | null, from: 'requests' | 'counts'): void {
    buried += 1;
    letters.push({ id: `letter-${buried}`, body, reason, from, isHidden: false });
  }

  /** The dead letters as whoever redrives them has them; each call may fail. */
  function lettersFor(operator: Worker): DeadLetters {
    const remove = (receipt: string) => {
      letters = letters.filter(({ id }) => id !== receipt);
    };
    return {
      receive: () =>
        world.call(operator, 'deadLetters.receive', () => {
          const shown = letters.filter(({ isHidden }) => !isHidden).slice(0, MOST_RECEIVED);
          for (const one of shown) {
            one.isHidden = true;
            world.schedule.after(HIDDEN_MILLISECONDS, () => {
              one.isHidden = false;
            });
          }
          return shown.map(({ id, body, reason, from }) => ({ id, body, why: reason, from, receipt: id }));
        }),
      remove: ({ receipt }) => world.call(operator, 'deadLetters.remove', () => remove(receipt)),
      release: async ({ receipt }) => {
        for (const one of letters) if (one.id === receipt) one.isHidden = false;
      },
    };
  }

  return {
    send,
    bury,
    comeUp: () => Object.values(queues).forEach((queue) => void queue.comeUp()),
    left: () => Object.values(queues).flatMap((queue) => queue.left()),
    letters: (): readonly DeadLetter[] => letters,
    timesHandedOut,
    /** What a person does when the trouble is over. */
    redrive: (operator: Worker) =>
      redriveAll(
        {
          letters: lettersFor(operator),
          inbox: { bucket: INBOX, prefix: '' },
          executions: { start: () => Promise.reject(new Error('No request is an event.')), arnOf: (name) => name },
          tell: () => {},
          sendBack: {
            requests: (body) => world.call(operator, 'requests.send', () => send(QUEUE_URL, body)),
            counts: (body) => world.call(operator, 'requests.send', () => send(COUNTS_URL, body)),
            warehouse: null,
          },
        },
        { limit: Number.POSITIVE_INFINITY, dryRun: false },
      ),
  };
}
