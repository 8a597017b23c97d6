import type { ModelPackage } from '../package/package.ts';

/** What a tensor holds, in the order of its dimensions. A runtime may take or give 64-bit integers as float64. */
export type TensorData = Exclude<ArrayBufferView & ArrayLike<number>, DataView> | BigInt64Array | BigUint64Array;

export type Tensor = {
  /** The type by its STAC name. */
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: TensorData;
};

/** Tensors by the names that the package gives them. */
export type Tensors = ReadonlyMap<string, Tensor>;

/** What a model is opened on: so many threads, and a GPU only if its package asks for one. */
export type OpenedOn = { readonly threads: number; readonly device?: 'cpu' | 'cuda' };

/** What loads models: onnxruntime, a remote endpoint. */
export interface Runtime {
  readonly name: string;
  /** Returns whether it runs models like this one. The first of several that does is chosen. */
  takes(model: ModelPackage): boolean;
  /** Loads a model, whose file it may not need. Throws `InvalidModelPackage` if it can never run as the package says. */
  open(artifact: () => Promise<Uint8Array>, model: ModelPackage, on: Required<OpenedOn>): Promise<Runner>;
}

export interface Runner {
  /** Runs the model on one batch. Neither the inputs nor their data may change until the outputs are there. */
  run(inputs: Tensors): Promise<Tensors>;
  close?(): Promise<void>;
}
