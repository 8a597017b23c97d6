import { hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Answered, type AnsweredInput, splitAnswered } from '../answered/answered.ts';
import { shadowColumn } from '../answered/shadowColumns.ts';
import { TransientTrouble } from '../errors.ts';
import type { ModelRef } from '../messages.ts';
import type { Chip } from '../scenes/chip.ts';
import { taskOf } from '../tasks/registry.ts';
import { type BesideAnswer, type Given, type GivenAnswer, rowOfPrediction } from './given.ts';

/** Takes what was answered, to be counted as what is predicted for files is. Nobody waits for it, and it throws nothing. */
export type Count = (answer: GivenAnswer) => void;

/** What became of a request that was to be counted: its predictions are on their way to be, or why they are lost. */
export type Counted = { readonly model: ModelRef; readonly inputs: number; readonly error: Error | null };

export type CounterOptions = {
  /** Puts a message where predictions are counted; throws where that cannot be done. */
  send: (message: string) => Promise<void>;
  /** The share of requests that are counted, from 0 to 1. */
  share: number;
  now: () => Date;
  onCounted: (counted: Counted) => void;
  /** Has a model's shadow predict for what was answered; null where none does. It throws nothing, and takes some seconds at most. */
  shadow?: ((answer: GivenAnswer) => Promise<BesideAnswer | null>) | undefined;
};

/** What may wait to be sent, in bytes of messages: what is more is not counted, as a server has to go on. */
const MOST_WAITING_BYTES = 64 * 1024 ** 2;

/**
 * Makes what sends predictions to be counted, after they were answered: whatever becomes of that, the answer is what it is. What a
 * shadow says goes along in the same message, so that both are stored together or not at all. A process that is killed loses those
 * that it has not sent.
 */
export function makeCounter({ send, share, now, onCounted, shadow }: CounterOptions) {
  const underWay = new Set<Promise<void>>();
  /** Has those go on that wait for a shadow. */
  const hurries = new Set<() => void>();
  let isClosing = false;
  let waiting = 0;

  /** What came along is let go of here: it may be large, and to wait for a shadow takes seconds. */
  async function countOne(answer: GivenAnswer, at: string): Promise<void> {
    await nextTurn(); // the answer goes first
    const { model, given } = answer;
    const columns = taskOf(model)
      .columns(model)
      .map((column) => column.name);
    const about = { request: answer.request, model: { name: model.name, version: model.version }, at };
    const whole = { ...about, door: 'http' as const, columns, inputs: given.map((one) => inputOf(one, columns)) };
    return sendOne(whole, besideOf({ ...answer, given: given.map((one) => ({ ...one, input: null })) }));
  }

  async function sendOne(whole: Omit<Answered, 'part'>, saying: Promise<BesideAnswer | null>): Promise<void> {
    const { request, model } = whole;
    const inputs = whole.inputs.length;
    let sent = 0;
    try {
      const { messages, leftOut } = splitWith(whole, await saying);
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
      onCounted({ model, inputs, error: null });
    } catch (error) {
      onCounted({ model, inputs, error: lost(request, sent, error as Error) });
    }
  }

  /** What a shadow says, if it does before all is to be sent. */
  function besideOf(answer: GivenAnswer): Promise<BesideAnswer | null> {
    if (shadow === undefined || isClosing) return Promise.resolve(null);
    return new Promise((resolve) => {
      const goOn = (said: BesideAnswer | null) => {
        hurries.delete(hurry);
        resolve(said);
      };
      const hurry = () => goOn(null);
      hurries.add(hurry);
      void shadow(answer).then(goOn, hurry);
    });
  }

  const count: Count = (answer) => {
    if (answer.given.length === 0 || !isInShare(answer.request, share)) return;
    const { request, given } = answer;
    const [inputs, { name, version }] = [given.length, answer.model];
    const work = countOne(answer, now().toISOString())
      .catch((error: Error) => onCounted({ model: { name, version }, inputs, error: lost(request, 0, error) }))
      .finally(() => underWay.delete(work));
    underWay.add(work);
  };

  /** Resolves when all that was to be counted has been sent, or after so many seconds. No shadow is waited for any longer. */
  async function settled(seconds: number): Promise<void> {
    isClosing = true;
    for (const hurry of hurries) hurry();
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

function lost(request: string, sent: number, cause: Error): Error {
  const some =
    sent === 0 ? 'its predictions are not counted' : `of its predictions, ${sent} messages are counted alone`;
  return new Error(`The request ${request} was answered, and ${some}: ${cause.message}`, { cause });
}

/** Whether a request is among those that are counted: its id alone says so. */
export function isInShare(request: string, share: number): boolean {
  return Number.parseInt(hash('sha256', request).slice(0, 12), 16) / 16 ** 12 < share;
}

function inputOf({ place, id, input, chip, prediction }: Given, columns: readonly string[]): AnsweredInput {
  const values = prediction && rowOfPrediction(prediction, columns);
  return { place, id, digest: digestOf(input, chip), values };
}

/** With what a shadow says, where there is room for it. */
function splitWith(whole: Omit<Answered, 'part'>, beside: BesideAnswer | null): ReturnType<typeof splitAnswered> {
  const alone = splitAnswered(whole);
  if (beside === null) return alone;
  const both = splitAnswered(besideIn(whole, beside));
  return both.leftOut > alone.leftOut ? alone : both;
}

function besideIn(whole: Omit<Answered, 'part'>, { version, columns, values }: BesideAnswer): Omit<Answered, 'part'> {
  return {
    ...whole,
    columns: [...whole.columns, ...columns.map((name) => shadowColumn(version, name))],
    inputs: whole.inputs.map((input, i) => ({
      ...input,
      values: input.values && [...input.values, ...(values[i] ?? columns.map(() => null))],
    })),
  };
}

/** Of an image that came along, of the file that it is; else of the values of its bands. */
function digestOf(input: unknown, { planes }: Chip): string {
  const { image } = Object(input);
  if (typeof image === 'string') return hash('sha256', Buffer.from(image, 'base64'));
  const bytes = planes.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength));
  return hash('sha256', Buffer.concat(bytes));
}
