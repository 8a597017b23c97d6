import * as z from 'zod';
import { jsonIn } from '../../core/base/errors.ts';
import { inGroups } from '../../core/base/inGroups.ts';
import { MAX_QUEUE_MESSAGE_BYTES } from '../../core/base/limits.ts';
import { type Taken, takenSchema } from '../../core/doors/requests/taken.ts';

/** The longest wait between two checks whether a run has ended, or has predicted a chip; the wait doubles up to this. */
export const MOST_SECONDS = 300; // an alarm watches how old messages are: observability/alarms.ts
/** A failed run is retried by the next sweep, within a day. What has not ended after two days is answered as it stands. */
export const PATIENCE_MILLISECONDS = 2 * 86_400_000;
/**
 * The most answers in one note. A call may have five hundred notes, and a few seconds for all of their answers. If one cannot be
 * sent for now, the others of its note do not wait for it, but they may be sent twice if the function is killed.
 */
export const MOST_ANSWERS = 20;

const noteSchema = z.strictObject({
  answers: z.array(takenSchema).min(1).max(MOST_ANSWERS),
  since: z.iso.datetime(),
  delaySeconds: z.int().min(1).max(MOST_SECONDS),
  /** How often the reply queue has refused the answer. */
  refusals: z.int().min(0),
});
/** Sent by the function to itself through the queue of requests, where it stays until the answers have been sent. */
type Note = z.infer<typeof noteSchema>;

/** An answer that is due, since when, and the wait until the next check. */
export type Due = Pick<Note, 'since' | 'delaySeconds' | 'refusals'> & { readonly taken: Taken };

/** The answers due according to a message; null if it is not a note. */
export function readNote(body: string): Due[] | null {
  if (!body.startsWith('{"answers"')) return null;
  const { success, data } = noteSchema.safeParse(jsonIn(body));
  if (!success) return null;
  const { answers, ...about } = data;
  return answers.map((taken) => ({ taken, ...about }));
}

export const idOfDue = ({ taken, since }: Due): string => JSON.stringify([taken, since]);

export function encodeNote(those: readonly Due[]): string {
  const { since, delaySeconds, refusals } = those[0]!;
  const note: Note = { answers: those.map(({ taken }) => taken), since, delaySeconds, refusals };
  return JSON.stringify(note);
}

/** Groups answers that are due at the same time into notes. */
export function inNotes<One extends Due>(all: readonly One[]): One[][] {
  const alike = Map.groupBy(all, ({ since, delaySeconds, refusals }) => `${since} ${delaySeconds} ${refusals}`);
  const sizesOf = (one: One) => [1, Buffer.byteLength(encodeNote([one]))];
  return [...alike.values()].flatMap((those) => inGroups(those, [MOST_ANSWERS, MAX_QUEUE_MESSAGE_BYTES], sizesOf));
}
