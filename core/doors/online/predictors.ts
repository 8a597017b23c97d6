import { keepPromise } from '../../base/concurrency/keepPromise.ts';
import { InvalidModelPackage, insteadOf, ObjectNotFound, ObjectTooLarge } from '../../base/errors.ts';
import { MAX_SERVED_MODELS } from '../../base/limits.ts';
import type { ModelRef } from '../../base/messages.ts';
import { readArtifact } from '../../inference/artifact.ts';
import type { Tensors } from '../../inference/runtime.ts';
import type { ModelPackage } from '../../package/package.ts';
import type { Models } from '../../releases/contract.ts';
import { type Batched, makeBatcher } from './batcher.ts';
import { type Engine, notLoaded } from './engine.ts';
import { makeHeld } from './held.ts';
import { makePredictor, type PredictorOptions } from './predictor.ts';

export type PredictorsPorts = PredictorOptions & {
  /** The largest batch, in chips; smaller if the model takes fewer. */
  maxBatch: number;
  models: Pick<Models, 'load' | 'fileOf'>;
  engines: (model: ModelPackage, bytes: Uint8Array) => Promise<readonly Engine[]>;
  onBatch?: (model: ModelRef, batch: Batched) => void;
  /** The most bytes that the chips of all requests may take together. */
  maxWaitingBytes: number;
};

/** The most models that may be live, plus one for a version that is called while another is promoted. */
const KEPT = MAX_SERVED_MODELS + 1;

export function makePredictors({ models, engines, onBatch, ...options }: PredictorsPorts, most = KEPT) {
  const room = { held: makeHeld(options.maxWaitingBytes, 'chips'), mostBytes: options.maxWaitingBytes };
  const make = async (ref: ModelRef) => {
    const model = await models.load(ref);
    const opening = readArtifact(models.fileOf(ref), model).then((bytes) => engines(model, bytes));
    const unusable = [InvalidModelPackage, ObjectNotFound, ObjectTooLarge];
    const running = await opening.catch(insteadOf(unusable, (error) => notLoaded(ref, error)));
    const batcher = makeBatcher(model, running, options, (batch) => onBatch?.(ref, batch));
    const runTensors = async (tensors: Tensors, seconds: number, isGone?: () => boolean): Promise<Tensors> => {
      using own = await batcher.ownEngine(seconds, isGone);
      return await own.engine.runTensors!(tensors);
    };
    return { predictor: { ...makePredictor(batcher, options, room), runTensors }, running };
  };
  const made = keepPromise(make, most, ({ running }) => {
    for (const { close } of running) close?.();
  });
  return async (ref: ModelRef) => (await made(ref)).predictor;
}
