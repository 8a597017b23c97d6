import { InvalidModelPackage } from '../errors.ts';
import type { ModelPackage } from '../models/package.ts';
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
