import { hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type AnsweredInput, splitAnswered } from '../answered/answered.ts';
import { TransientTrouble } from '../errors.ts';
import type { ModelRef } from '../messages.ts';
import type { ModelPackage } from '../models/package.ts';
import type { Chip } from '../scenes/chip.ts';
import { taskOf } from '../tasks/registry.ts';
import type { Prediction } from './batcher.ts';

/** What was predicted for an input; null where it was blank. One that had an error is not among them. */
export type Given = {
  readonly place: number;
  readonly id: string | null;
  readonly input: unknown;
  readonly chip: Chip;
  readonly prediction: Prediction | null;
};

/** A request that has its answer. */
export type GivenAnswer = { readonly request: string; readonly model: ModelPackage; readonly given: readonly Given[] };

/** Takes what was answered, to be counted as what is predicted for files is. Nobody waits for it, and it throws nothing. */
export type Count = (answer: GivenAnswer) => void;

/** What became of a request that was to be counted: its predictions are on their way to be, or why they are lost. */
export type Counted = { readonly model: ModelRef; readonly inputs: number; readonly trouble: Error | null };

export type CounterOptions = {
  /** Puts a message where predictions are counted; throws where that cannot be done. */
  send: (message: string) => Promise<void>;
  /** The share of requests that are counted, from 0 to 1. */
  share: number;
  now: () => Date;
  onCounted: (counted: Counted) => void;
};

/** What may wait to be sent, in bytes of messages: what is more is not counted, as a server has to go on. */
const MOST_WAITING_BYTES = 64 * 1024 ** 2;

/**
 * Makes what sends predictions to be counted, after they were answered: whatever becomes of that, the answer is what it is. A
 * process that is killed loses those that it has not sent.
 */
export function makeCounter({ send, share, now, onCounted }: CounterOptions) {
  const underWay = new Set<Promise<void>>();
  let waiting = 0;

  async function countOne({ request, model, given }: GivenAnswer, at: string): Promise<void> {
    const { name, version } = model;
    const ref = { name, version };
    let sent = 0;
    try {
      await nextTurn(); // the answer goes first
      const columns = taskOf(model)
        .columns(model)
        .map((column) => column.name);
      const inputs = given.map((one) => inputOf(one, columns));
      const { messages, leftOut } = splitAnswered({ request, model: ref, at, door: 'http', columns, inputs });
      const bytes = messages.reduce((sum, { length }) => sum + length, 0);
      if (waiting + bytes > MOST_WAITING_BYTES)
        throw new TransientTrouble(`${waiting} bytes of predictions wait to be sent already.`);
      if (leftOut > 0) throw new TransientTrouble(`${leftOut} of its predictions are too long for a message.`);
      waiting += bytes;
      try {
        for (const message of messages) {
          await send(message);
          sent += 1;
        }
      } finally {
        waiting -= bytes;
      }
      onCounted({ model: ref, inputs: given.length, trouble: null });
    } catch (error) {
      const { message } = error as Error;
      const some =
        sent === 0 ? 'its predictions are not counted' : `of its predictions, ${sent} messages are counted alone`;
      const trouble = new Error(`The request ${request} was answered, and ${some}: ${message}`, { cause: error });
      onCounted({ model: ref, inputs: given.length, trouble });
    }
  }

  const count: Count = (answer) => {
    if (answer.given.length === 0 || !isInShare(answer.request, share)) return;
    const work = countOne(answer, now().toISOString()).finally(() => underWay.delete(work));
    underWay.add(work);
  };

  /** Resolves when all that was to be counted has been sent, or after so many seconds. */
  async function settled(seconds: number): Promise<void> {
    if (underWay.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, seconds * 1000);
    });
    await Promise.race([Promise.all(underWay), late]);
    clearTimeout(timer);
  }

  return { count, settled };
}

/** Whether a request is among those that are counted: its id alone says so. */
export function isInShare(request: string, share: number): boolean {
  return Number.parseInt(hash('sha256', request).slice(0, 12), 16) / 16 ** 12 < share;
}

function inputOf({ place, id, input, chip, prediction }: Given, columns: readonly string[]): AnsweredInput {
  const values = prediction && columns.map((name) => toValue(prediction.values[name]?.[prediction.at]));
  return { place, id, digest: digestOf(input, chip), values };
}

function toValue(value: unknown): string | number | null {
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}

/** Of an image that came along, of the file that it is; else of the values of its bands. */
function digestOf(input: unknown, { planes }: Chip): string {
  const { image } = Object(input);
  if (typeof image === 'string') return hash('sha256', Buffer.from(image, 'base64'));
  const bytes = planes.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength));
  return hash('sha256', Buffer.concat(bytes));
}
