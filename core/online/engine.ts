import type { ChipBatch, Outputs } from '../runtimes/runtime.ts';

/**
 * Runs a model on batches, one at a time. What goes wrong with one batch leaves it ready for the next: where that takes a new
 * thread, it starts one.
 */
export type Engine = {
  /** The batch's values are the engine's from now on. */
  run(batch: ChipBatch): Promise<Outputs>;
  /** Gives back what the model takes; it is loaded anew where it is run after all. */
  close?(): void;
};

/** The name of an error of an engine that has no model to run: no input has a part in it, so the whole request fails. */
export const NOT_LOADED = 'ModelNotLoaded';
