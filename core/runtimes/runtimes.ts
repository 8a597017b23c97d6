import { InvalidModelPackage } from '../errors.ts';
import type { ModelRef } from '../messages.ts';
import { keepPromise, type Models } from '../models/models.ts';
import type { ModelPackage } from '../models/package.ts';
import { readOnnxFile } from '../models/readPackage.ts';
import { onnx } from './onnx/session.ts';
import type { Runtime, Session } from './runtime.ts';

/** The runtimes; the first that accepts a model's file opens it. */
const RUNTIMES: readonly Runtime[] = [
  onnx, //
];

/** Loads a model with the runtime that accepts its file. Throws as `Runtime.open` does. */
export async function openSession(
  model: ModelPackage,
  bytes: Uint8Array,
  threads: number,
  runtimes = RUNTIMES,
): Promise<Session> {
  const runtime = runtimes.find(({ accepts }) => accepts(model.onnxFile));
  if (runtime === undefined) throw new InvalidModelPackage(`${model.onnxFile}: no runtime loads a file of this name.`);
  return runtime.open(model, bytes, threads);
}

/** Caches one session per model version in a container; after a failed load, the next call retries. */
export function makeSessions(models: Pick<Models, 'load' | 'fileOf'>, threads: number) {
  return keepPromise(async (ref: ModelRef) => {
    const model = await models.load(ref);
    return openSession(model, await readOnnxFile(models.fileOf(ref), model), threads);
  });
}
