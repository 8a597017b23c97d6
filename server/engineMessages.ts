import type { ModelPackage } from '../core/models/package.ts';
import type { ChipBatch, Outputs } from '../core/runtimes/runtime.ts';

/** The messages between the server and a thread that runs models. */
export type ToEngine =
  /** Loads a model, under a number by which batches name it. */
  | { open: number; model: ModelPackage; bytes: Uint8Array }
  /** Forgets it. */
  | { close: number }
  | { run: number; model: number; batch: ChipBatch }
  /** To end when what is under way is done. */
  | { stop: true };

export type FromEngine = { run: number } & ({ outputs: Outputs } | { error: { name: string; message: string } });
