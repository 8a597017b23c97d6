import type { Plane } from '../../arrays/dataTypes.ts';
import type { ModelRef } from '../../base/messages.ts';
import type { ChipBatch } from '../../inference/feed.ts';
import type { Runner } from '../../inference/runtime.ts';

/** Runs one batch at a time. After a failed batch it is ready for the next, by a new thread if that is needed. */
export type Engine = {
  /** Takes ownership of the batch's values. */
  run(batch: ChipBatch): Promise<Plane>;
  /** Whether a batch of so many chips runs at once on the thread that asks, so that others should not share it. */
  isLight?(chips: number): boolean;
  /** Runs it on tensors as its graph takes them. */
  runTensors?: Runner['run'];
  /** Releases the model's memory; running the engine again reloads it. */
  close?(): void;
};

/** The name of an error of an engine that has no model to run: no input has a part in it, so the whole request fails. */
export const NOT_LOADED = 'ModelNotLoaded';

export function notLoaded({ name, version }: ModelRef, error: unknown): Error {
  const { name: kind, message } = error instanceof Error ? error : new Error(String(error));
  const text = kind === NOT_LOADED ? message : `The model ${name} ${version} cannot be loaded: ${message}`;
  return Object.assign(new Error(text), { name: NOT_LOADED });
}

export type BatchFailure = 'timeout' | 'thread' | 'unavailable' | 'not_loaded' | 'model';

/** The type of a batch's failure by its error's name; of others, the model is at fault. */
export const FAILURES: Readonly<Record<string, BatchFailure>> = {
  EngineLate: 'timeout',
  EngineLost: 'thread',
  TooBusy: 'thread', // as the server is stopping
  EndpointUnavailable: 'unavailable',
  [NOT_LOADED]: 'not_loaded',
};
