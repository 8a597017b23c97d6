import type { DeadLetters } from '../../cli/deadLetters.ts';
import { redriveAll } from '../../cli/redrive.ts';
import type { CollectInput, CollectResult } from '../../core/messages.ts';
import { INBOX } from '../../local/inbox.ts';
import { makeQueue } from './queue.ts';
import { QUEUE_URL } from './requests.ts';
import type { Worker, World } from './world.ts';

/** The queue of requests, its dead letters, and the queue that answers go to, in the simulated world. */

type DeadLetter = { id: string; body: string; reason: string | null; isHidden: boolean };

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
  const queue = makeQueue<string>(world, {
    ...{ name: 'requests', onDone },
    collect: (message) => {
      for (const { body } of (message as CollectInput).Records) handedOut.set(body, timesHandedOut(body) + 1);
      return collect(message);
    },
    onDead: (body) => bury(body, null),
  });

  function send(url: string, body: string, delaySeconds = 0): void {
    if (url === QUEUE_URL) queue.send(body, body, delaySeconds);
    else onAnswer(url, body);
  }

  function timesHandedOut(body: string): number {
    return handedOut.get(body) ?? 0;
  }

  function bury(body: string, reason: string | null): void {
    buried += 1;
    letters.push({ id: `letter-${buried}`, body, reason, isHidden: false });
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
          return shown.map(({ id, body, reason }) => ({ id, body, why: reason, isRequest: true, receipt: id }));
        }),
      remove: ({ receipt }) => world.call(operator, 'deadLetters.remove', () => remove(receipt)),
      release: async ({ receipt }) => {
        for (const one of letters) if (one.id === receipt) one.isHidden = false;
      },
    };
  }

  return {
    ...{ send, bury, comeUp: queue.comeUp, left: queue.left },
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
          sendBack: (body) => world.call(operator, 'requests.send', () => send(QUEUE_URL, body)),
        },
        { limit: Number.POSITIVE_INFINITY, dryRun: false },
      ),
  };
}
