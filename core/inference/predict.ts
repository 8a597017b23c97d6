import { activated } from '../arrays/activation.ts';
import type { Plane } from '../arrays/dataTypes.ts';
import { keepPromise } from '../base/concurrency/keepPromise.ts';
import { InvalidModelPackage } from '../base/errors.ts';
import type { ModelRef } from '../base/messages.ts';
import type { Area } from '../package/area.ts';
import type { Chip, ModelPackage } from '../package/package.ts';
import type { ReadPackageFile } from '../package/packageFile.ts';
import type { Answered, Decoded } from '../package/task.ts';
import { checkOutputs } from '../tasks/registry.ts';
import { readArtifact } from './artifact.ts';
import { makeBatches } from './batch.ts';
import { type ChipBatch, makeFeed } from './feed.ts';
import type { OpenedOn, Runner, Runtime, Tensor } from './runtime.ts';
import { timed, type WarmTime } from './warmTime.ts';

/** A model that is loaded. Calls may overlap; each returns what is predicted for its own chips. */
export interface Inference {
  readonly model: ModelPackage;
  readonly batchSize: number;
  /**
   * Runs the model on `chips` chips of a batch from `first` on, up to `batchSize`. It must not change meanwhile.
   * @returns one row of numbers per chip, in an array that the caller owns: probabilities if the package names an activation
   */
  scores(batch: ChipBatch, first: number, chips: number): Promise<Plane>;
  /** The same, decoded by the model's task; throws `InvalidModelPackage` when it cannot interpret the numbers. */
  predict(batch: ChipBatch, first: number, chips: number, options?: PredictOptions): Promise<Decoded>;
  /** Runs the model on tensors as its graph takes them. */
  runTensors?: Runner['run'];
  /** Frees the model's memory once what was asked before is done. It cannot be run after that. */
  close?(): Promise<void>;
}

export type PredictOptions = {
  /** Of pixels: the part of a map that each chip fills; the whole chip by default. */
  readonly areas?: readonly (Area | undefined)[];
  /** Notes how long the model takes for a chip. */
  readonly time?: WarmTime;
};

type Opening = OpenedOn & { readonly runtimes: readonly Runtime[] };

/** Loads a model with the first runtime that takes it. Throws `InvalidModelPackage` if none does, or as its `open`. */
export async function openModel(model: ModelPackage, artifact: () => Promise<Uint8Array>, opening: Opening) {
  const { runtimes, threads, device = 'cpu' } = opening;
  const runtime = runtimes.find(({ takes }) => takes(model));
  if (runtime === undefined)
    throw new InvalidModelPackage(
      `${model.artifact.file}: found a model of the format ${model.artifact.format}, which none of these runs: ${runtimes.map(({ name }) => name).join(', ')}.`,
    );
  const on = { threads, device: model.device === 'cpu' ? model.device : device };
  return inferenceOf(model, await runtime.open(artifact, model, on));
}

type ModelFiles = { load(ref: ModelRef): Promise<ModelPackage>; fileOf(ref: ModelRef): ReadPackageFile };

/** Opens each model version once per container; after a failure, the next call tries again. */
export const makeInferences = ({ load, fileOf }: ModelFiles, opening: Opening) =>
  keepPromise(async (ref: ModelRef) => {
    const model = await load(ref);
    return openModel(model, () => readArtifact(fileOf(ref), model), opening);
  });

/** What a runner predicts: fed in the model's batches, its output checked, activated and decoded. */
export function inferenceOf(model: ModelPackage, runner: Runner): Inference {
  const feed = makeFeed(model);
  const task = model.task;
  const shape = task.shape(model);
  const width = shape.reduce((product, size) => product * size, 1);
  const isOne = shape.join() === '1'; // which may come without a dimension of its own, as after a "squeeze"

  async function scores(batch: ChipBatch, first: number, chips: number): Promise<Plane> {
    const output = (await runner.run(feed(batch, first, chips))).get(model.output.name);
    // The graph may leave its output's shape open.
    const rowsOfBatch = model.tensor.batch ?? chips;
    const allowed = [rowsOfBatch, ...shape].join(', ');
    const found = output?.dims.join(', ');
    if (output === undefined || (found !== allowed && !(isOne && found === `${rowsOfBatch}`)))
      throw new InvalidModelPackage(
        `${model.artifact.file}: found an output of the shape [${found}], allowed is [${allowed}]: ${task.output.shape}`,
      );
    const rows = numbersIn(output).subarray(0, chips * width);
    return model.output.pixels ? rows : activated(rows, width, model.output); // of pixels, the task needs only few activations
  }

  // All batches share the input's arrays, and a runner may read them after its call has returned.
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = last.then(work);
    last = result.catch(() => {}); // thrown to its own caller
    return result;
  }

  return {
    ...decoding(model, (...asked) => inTurn(() => scores(...asked))),
    runTensors: (inputs) => inTurn(() => runner.run(inputs)),
    close: async () => void (await inTurn(async () => runner.close?.())),
  };
}

/** Adds the decoding to what gives the numbers. */
export function decoding(model: ModelPackage, scores: Inference['scores'], batchSize = model.batchSize): Inference {
  return {
    model,
    batchSize,
    scores,
    predict: async (batch, first, chips, { areas, time } = {}) => {
      const run = () => scores(batch, first, chips);
      const numbers = await (time === undefined ? run() : timed(scores, run, [chips, batch.chips], time));
      const decoded = decode(model, numbers, chips, areas);
      if (model.output.pixels !== null) free(numbers);
      return decoded;
    },
  };
}

/** Checks and decodes a model's numbers. Throws `InvalidModelPackage` when its task cannot interpret them. */
export function decode(model: ModelPackage, scores: Plane, chips: number, areas?: PredictOptions['areas']): Decoded {
  checkOutputs(model, scores, chips);
  return model.task.decode(scores, chips, model, areas);
}

export async function predictChip({ model, predict }: Inference, chip: Pick<Chip, 'planes'>): Promise<Answered> {
  const { values } = await predict(makeBatches(model).of([chip]), 0, 1);
  return model.task.answer(values, 0, model);
}

/** Runs a model on chips that come one by one, in batches; `see` gets each batch, and what was noted of its chips, in order. */
export function makeChipBatches<Note>(
  { model, batchSize }: Inference,
  see: (batch: ChipBatch, notes: readonly Note[]) => Promise<void>,
) {
  const { empty, put } = makeBatches(model);
  const batch = empty(batchSize);
  let waiting: Note[] = [];

  async function take(chip: Pick<Chip, 'planes'>, note: Note): Promise<void> {
    put(chip, batch, waiting.length);
    if (waiting.push(note) === batchSize) await flush();
  }

  /** Runs the chips that wait, even if they fill no batch. */
  async function flush(): Promise<void> {
    if (waiting.length > 0) await see(batch, waiting);
    waiting = [];
  }

  return { take, flush };
}

/** Returns a tensor's numbers in an array that the caller owns: 64-bit integers as float64, 16-bit floats as float32. */
function numbersIn({ data }: Tensor): Plane {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float64Array.from(data, Number);
  if (data instanceof Float16Array) return Float32Array.from(data);
  return data as Plane;
}

/** Frees an array's own memory at once: to find megabytes, the garbage collector would walk the heap every few batches. */
function free({ buffer, byteLength }: Plane): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
