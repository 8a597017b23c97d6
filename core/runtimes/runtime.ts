import type { Plane } from '../models/dataTypes.ts';
import type { ModelPackage } from '../models/package.ts';
import type { PreparedPart } from '../scenes/preparedPart.ts';

/** Prepared chips: for each band of the model, the values of chip 0, of chip 1, … */
export type ChipBatch = Pick<PreparedPart, 'chips' | 'bands'>;

/** A model's output for a batch, one row of numbers per chip, in an array that the caller owns. */
export type Outputs = Plane;

export type Session = {
  readonly model: ModelPackage;
  readonly batchSize: number;
  /**
   * Runs the model on `chips` chips of `batch` from `first` on, up to `batchSize`. Calls may overlap; each returns the
   * results of its own chips. The batch's values must not change until the result is there.
   */
  run(batch: ChipBatch, first: number, chips: number): Promise<Outputs>;
};

export type Runtime = {
  /** Returns whether it loads model files of this name. */
  accepts(file: string): boolean;
  /**
   * Loads a model from the bytes of its file, to run on `threads` threads.
   *
   * @throws {InvalidModelPackage} when the model can never run, or not as the package says
   */
  open(model: ModelPackage, bytes: Uint8Array, threads: number): Promise<Session>;
};
