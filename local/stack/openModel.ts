import { runtimesOf } from '../../aws/runtimes.ts';
import { type Inference, openModel as open } from '../../core/inference/predict.ts';
import type { ModelPackage } from '../../core/package/package.ts';

export const runtimes = runtimesOf(process.env);

/** Loads a model from the bytes of its file, to run on one thread. Throws as `openModel` of core/inference does. */
export const openModel = (model: ModelPackage, bytes: Uint8Array): Promise<Inference> =>
  open(model, async () => bytes, { runtimes, threads: 1 });
