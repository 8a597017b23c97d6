import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GatheringOptions, startGatheringQueue } from './gatheringQueue.ts';

/** As Lambda hands them on: functions/collect/requests.yml. */
const WINDOW_SECONDS = 2;
/** Lambda takes 6 MB a call; here a worker's memory is the limit. The more requests a call has, the fewer batches there are. */
const MOST_LETTERS = 16_000_000;

/** The address of a queue on a laptop, as whoever wants an answer names it. */
export const queueUrl = (name: string): string => `http://localhost/000000000000/${name}`;
export const REQUESTS = 'requests';
/** Of answered predictions and truths: only the service itself sends to it. */
export const COUNTS = 'counts';
/** Requests that could not be processed, each with the reason. */
const DEAD_LETTERS = 'dead-letters';

type Options = Pick<GatheringOptions, 'collect' | 'againMilliseconds'> & {
  /** Where messages lie, in a folder for each queue. */
  folder: string;
  /** Hears how many dead letters there are, each time there is one more. */
  onDeadLetter: (count: number) => void;
  windowSeconds?: number;
};

/** The queues of requests, counts and answers on a laptop. A message is a file until it is done with, so it outlives the stack. */
export function startRequestsQueue({ folder, onDeadLetter, ...options }: Options) {
  const startOne = (name: string) =>
    startGatheringQueue({
      windowSeconds: WINDOW_SECONDS,
      ...options,
      arn: `arn:local-${name}`,
      mostLetters: MOST_LETTERS,
      refused: 'it was refused; swath.log says why',
      onDone: (messages) => {
        for (const { messageId } of messages) remove(name, messageId);
      },
      onLost: (messages, { message }) => {
        for (const { messageId, body } of messages) {
          bury(body, message);
          remove(name, messageId);
        }
      },
    });
  const queues = new Map([REQUESTS, COUNTS].map((name) => [name, startOne(name)]));
  for (const [name, queue] of queues)
    for (const messageId of idsIn(name)) queue.send(bodyOf(join(folder, name, `${messageId}.json`)), { messageId });

  /** Puts a message into the queue of that address; throws where it is none of this folder's. */
  function send(url: string, body: string, delaySeconds = 0): string {
    const name = url.slice(queueUrl('').length);
    if (!url.startsWith(queueUrl('')) || !/^[\w-]{1,80}$/.test(name))
      throw new Error(`Found the queue ${url}, allowed is ${queueUrl('<name>')}, a name of letters, digits, - and _.`);
    const id = put(name, { body });
    queues.get(name)?.send(body, { messageId: id, delayMilliseconds: delaySeconds * 1000 });
    return id;
  }

  function bury(body: string, reason: string): void {
    put(DEAD_LETTERS, { body, reason });
    onDeadLetter(idsIn(DEAD_LETTERS).length);
  }

  function put(name: string, message: { body: string; reason?: string }): string {
    const id = `${String(Date.now()).padStart(15, '0')}-${randomUUID()}`;
    mkdirSync(join(folder, name), { recursive: true });
    const aside = join(folder, name, `.${id}.tmp`);
    writeFileSync(aside, JSON.stringify(message));
    renameSync(aside, join(folder, name, `${id}.json`));
    return id;
  }

  /** The ids of a queue's messages, the oldest first. */
  function idsIn(name: string): string[] {
    mkdirSync(join(folder, name), { recursive: true });
    const names = readdirSync(join(folder, name)).filter((file) => /^[^.].*\.json$/.test(file));
    return names.sort().map((file) => file.slice(0, -'.json'.length));
  }

  function remove(name: string, id: string): void {
    rmSync(join(folder, name, `${id}.json`), { force: true });
  }

  const stop = () => {
    for (const queue of queues.values()) queue.stop();
  };
  return { send, bury, size: () => [...queues.values()].reduce((sum, queue) => sum + queue.size(), 0), stop };
}

const bodyOf = (path: string): string => JSON.parse(readFileSync(path, 'utf8')).body;
