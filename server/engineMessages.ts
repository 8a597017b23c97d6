import type { Plane } from '../core/arrays/dataTypes.ts';
import type { InputJob, InputRead } from '../core/doors/online/inputReader.ts';
import type { ChipBatch } from '../core/inference/feed.ts';
import type { Tensors } from '../core/inference/runtime.ts';
import type { Chip } from '../core/package/package.ts';
import type { PlainPackage } from '../core/tasks/plainPackage.ts';

/** The messages between the server and a thread that runs models. */
export type ToEngine =
  /** Loads a model, under a number by which batches name it; without bytes, only to read its inputs. */
  | { open: number; model: PlainPackage; bytes: Uint8Array | null }
  | { close: number }
  | ({ run: number; model: number } & Work)
  /** To end when what is under way is done. */
  | { stop: true };

/** A batch to be predicted, tensors as the graph takes them, or an input to be read whose image has so many bytes at most. */
export type Work = { batch: ChipBatch } | { tensors: Tensors } | { job: InputJob; maxImageBytes: number };

/** Of an input that was refused, its chip is the message: an error's class gets lost between threads. */
export type ReadOrRefused = Omit<InputRead, 'chip'> & { chip: Chip | string };
export type FromEngine = { run: number } & (
  | { outputs: Plane }
  | { tensors: Tensors }
  | { read: ReadOrRefused }
  | { error: { name: string; message: string } }
);
