import { hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Plane } from '../../arrays/dataTypes.ts';
import { inTime } from '../../base/concurrency/inTime.ts';
import { TransientTrouble } from '../../base/errors.ts';
import type { ModelRef } from '../../base/messages.ts';
import { isInShare } from '../../releases/shadow.ts';
import { type Answered, type AnsweredInput, shadowColumn, splitAnswered } from '../answered/answered.ts';
import { type BesideAnswer, type Given, type GivenAnswer, rowOfPrediction } from './given.ts';

/** Takes an answer, so that its predictions are counted like those for files. Not awaited, and never throws. */
export type Count = (answer: GivenAnswer) => void;

export type Counted = { readonly model: ModelRef; readonly inputs: number; readonly error: Error | null };

export type CounterOptions = {
  send: (message: string) => Promise<void>;
  share: number;
  now: () => Date;
  onCounted: (counted: Counted) => void;
  /** Has the shadow predict what was answered; null if there is none. Never throws, and takes a few seconds at most. */
  shadow?: ((answer: GivenAnswer) => Promise<BesideAnswer | null>) | undefined;
};

/** Beyond so many bytes of waiting messages, predictions are not counted, so that the server can go on. */
const MOST_WAITING_BYTES = 64 * 1024 ** 2;

/**
 * Sends predictions to be counted after they were answered; failures do not affect the answer. A shadow's predictions
 * are part of the same message, so both are stored or neither. A process that is killed loses what it has not sent.
 */
export function makeCounter({ send, share, now, onCounted, shadow }: CounterOptions) {
  const underWay = new Set<Promise<void>>();
  let waiting = 0;

  /** Releases the inputs as early as possible: they may be large, and waiting for a shadow takes seconds. */
  async function countOne(answer: GivenAnswer, at: string, onSent: () => void): Promise<void> {
    await nextTurn(); // the answer goes first
    const { model, given } = answer;
    const columns = model.task.columns(model).map((column) => column.name);
    const about = { request: answer.request, model: { name: model.name, version: model.version }, at };
    const whole = { ...about, door: 'http' as const, columns, inputs: given.map((one) => inputOf(one, columns)) };
    return sendOne(whole, shadow?.(answer) ?? Promise.resolve(null), onSent);
  }

  async function sendOne(whole: Omit<Answered, 'part'>, saying: Promise<BesideAnswer | null>, onSent: () => void) {
    const beside = await saying;
    const { messages, leftOut } = splitAnswered(beside === null ? whole : besideIn(whole, beside));
    if (leftOut > 0) throw new TransientTrouble(`${leftOut} of its predictions are too long for a message.`);
    const bytes = messages.reduce((sum, { length }) => sum + length, 0);
    if (waiting > 0 && waiting + bytes > MOST_WAITING_BYTES)
      throw new TransientTrouble(`${waiting} bytes of predictions wait to be sent already.`);
    waiting += bytes;
    try {
      for (const message of messages) {
        await send(message);
        onSent();
      }
    } finally {
      waiting -= bytes;
    }
  }

  const count: Count = (answer) => {
    if (answer.given.length === 0 || !isInShare(hash('sha256', answer.request), share)) return;
    const { request, given } = answer;
    const [inputs, { name, version }] = [given.length, answer.model];
    const tell = (error: Error | null) => onCounted({ model: { name, version }, inputs, error });
    let sent = 0;
    const onSent = () => {
      sent += 1;
    };
    const work = countOne(answer, now().toISOString(), onSent)
      .then(() => tell(null))
      .catch((error: Error) => tell(lost(request, sent, error)))
      .finally(() => underWay.delete(work));
    underWay.add(work);
  };

  return {
    count,
    /** Resolves when everything has been sent, or after `seconds`. */
    settled: (seconds: number): Promise<unknown> => inTime(Promise.all(underWay), seconds, () => []),
  };
}

function lost(request: string, sent: number, cause: Error): Error {
  const some =
    sent === 0 ? 'its predictions are not counted' : `of its predictions, ${sent} messages are counted alone`;
  return new Error(`The request ${request} was answered, and ${some}: ${cause.message}`, { cause });
}

function inputOf({ place, id, digest, chip, prediction }: Given, columns: readonly string[]): AnsweredInput {
  const values = prediction && rowOfPrediction(prediction, columns);
  return {
    place,
    id,
    digest: digest ?? hash('sha256', Buffer.concat(chip.planes.map(bytesOf))),
    ...(chip.features && { features: [...chip.features] }),
    values,
  };
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

const bytesOf = ({ buffer, byteOffset, byteLength }: Plane) => new Uint8Array(buffer, byteOffset, byteLength);
