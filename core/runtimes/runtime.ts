import type { Plane } from '../models/dataTypes.ts';
import type { ModelPackage } from '../models/package.ts';
import type { PreparedPart } from '../scenes/preparedPart.ts';

/** Prepared chips: of each band of the model, the values of chip 0, of chip 1, … */
export type ChipBatch = Pick<PreparedPart, 'chips' | 'bands'>;

/** What a model gives a batch, a row of numbers a chip: an array of the caller's own. */
export type Outputs = Plane;

export type Session = {
  readonly model: ModelPackage;
  readonly batchSize: number;
  /**
   * Runs the model on `chips` chips of `batch` from `first` on, `batchSize` at most. It may be called while another call is
   * under way: each answers for its own chips. The batch's values must stay as they are until the answer is there.
   */
  run(batch: ChipBatch, first: number, chips: number): Promise<Outputs>;
};

export type Runtime = {
  /** Whether it loads a model's file of this name. */
  accepts(file: string): boolean;
  /**
   * Loads a model from the bytes of its file, to run on so many threads.
   * @throws {InvalidModelPackage} where the model can never run, or not as the package says
   */
  open(model: ModelPackage, bytes: Uint8Array, threads: number): Promise<Session>;
};
