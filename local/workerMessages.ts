import type { FunctionName } from './functions.ts';
import type { Answered, Asked } from './link.ts';
import type { WorkerData } from './workers.ts';

/** What goes between the stack and one of its workers, as JSON. */

/** A call of a function, and how long it may take. */
export type Call = { name: FunctionName; message: unknown; seconds: number };
export type Reply = { id: number; result: unknown } | { id: number; error: { name: string; message: string } };

export type ToWorker = Told & {
  /** How far the stack's clock is ahead of the machine's: `Shift`. */
  ahead: number;
};
export type Told =
  /** The first message. */
  | { begin: Omit<WorkerData, 'time'> }
  | { call: { id: number } & Call }
  | { answer: Answered }
  /** To end once the call in progress has. */
  | { stop: true };

export type FromWorker =
  | { reply: Reply }
  | { ask: Asked }
  | { log: string }
  /** It has a call, and is not in native code. */
  | { isThere: true }
  /** Why it ends by itself. */
  | { died: string };

/** So often a worker that has a call says that it is there. */
export const HEARTBEAT_MILLISECONDS = 250;
