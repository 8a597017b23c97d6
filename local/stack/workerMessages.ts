import type { EmbeddedFunction } from '../../core/base/functions.ts';
import type { Shift } from './clock.ts';
import type { DataFolder } from './dataFolder.ts';
import type { Answered, Asked } from './link.ts';

/** What goes between the stack and one of its workers: what JSON has, and as JSON would bring it. */

/** A value as JSON would bring it: without undefined members, and with times as texts. */
export const asJson = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));

/** What a worker needs to build its ports; all else it asks the stack. */
export type WorkerData = {
  environment: Record<string, string>;
  folder: Pick<DataFolder, 'inbox' | 'once' | 'results' | 'models'>;
  time: Shift;
};

export type Call = { name: EmbeddedFunction; message: unknown; seconds: number };
/** `bytes` is what the worker's memory takes after it. */
export type Reply = Answered & { bytes: number };

export type ToWorker = Told & {
  /** How far the stack's clock is ahead of the machine's: `Shift`. */
  ahead: number;
};
export type Told =
  | { begin: Omit<WorkerData, 'time'> }
  | { call: { id: number } & Call }
  | { answers: Answered[] }
  /** To end once the call in progress has. */
  | { stop: true };

export type FromWorker =
  | { reply: Reply }
  | { asks: Asked[] }
  | { log: string }
  /** It has a call, and is not in native code. */
  | { isThere: true }
  | { died: string };

/** So often a worker that has a call says that it is there. */
export const HEARTBEAT_MILLISECONDS = 250;
