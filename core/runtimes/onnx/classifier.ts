import './noTelemetry.ts';
import * as ort from 'onnxruntime-node';
import { InvalidModelPackage } from '../../errors.ts';
import type { ModelRef } from '../../messages.ts';
import { checkAgainstGraph, checkOutput, outputName } from '../../models/check.ts';
import { keepPromise, type Models } from '../../models/models.ts';
import type { ModelPackage } from '../../models/package.ts';
import { readOnnxFile } from '../../models/readPackage.ts';
import type { PreparedPart } from '../../scenes/preparedPart.ts';
import { bytesInput, type MakeInput, scaledInput } from './inputTensor.ts';
import { checkOnnxFile } from './onnxFile.ts';
import { withScaling } from './scalingInGraph.ts';
import { softmaxRows } from './softmax.ts';

/** A model version, loaded: it turns prepared chips into probabilities. */
export type Classifier = {
  model: ModelPackage;
  batchSize: number;
  /** Classifies `chips` chips of a part from `first` on; one row of probabilities a chip, a column a class. */
  classify: (part: PreparedPart, first: number, chips: number) => Promise<Float32Array | Float64Array>;
};

/** One session per container and model version; where loading fails, the next call tries again. */
export function makeClassifiers(models: Pick<Models, 'load' | 'fileOf'>, threads: number) {
  return keepPromise(async (ref: ModelRef): Promise<Classifier> => {
    const model = await models.load(ref);
    return makeClassifier(model, await readOnnxFile(models.fileOf(ref), model), threads);
  });
}

/** @throws {InvalidModelPackage} where the model can never run, or not as the package says */
export async function makeClassifier(model: ModelPackage, onnx: Uint8Array, threads: number): Promise<Classifier> {
  checkOnnxFile(model.onnxFile, onnx);
  const { session, makeInput } = await load(model, onnx, threads);
  const [inputName = ''] = session.inputNames;
  const scores = outputName(model, session) ?? '';
  const inputOf = makeInput(model);

  async function classify(part: PreparedPart, first: number, chips: number) {
    const given = model.tensor.batch ?? chips;
    const { [scores]: output } = await session.run({ [inputName]: inputOf(part, first, chips, given) });
    const all = output?.data as Float32Array | Float64Array;
    // The graph may leave its output's shape open.
    if (output?.dims.length !== 2 || output.dims[0] !== given || output.dims[1] !== model.classes.length)
      throw new InvalidModelPackage(
        `${model.onnxFile}: found an output of the shape [${output?.dims.join(', ')}], allowed is [${given}, ${model.classes.length}]: a row for each chip, a column for each class`,
      );
    const rows = all.subarray(0, chips * model.classes.length);
    if (model.output.softmax) softmaxRows(rows, model.classes.length);
    return rows;
  }
  return { model, batchSize: model.batchSize, classify };
}

type Loaded = { session: ort.InferenceSession; makeInput: (model: ModelPackage) => MakeInput };

/** Loads the model with the scaling in its graph, where it can stand there and the model says what its package does. */
async function load(model: ModelPackage, onnx: Uint8Array, threads: number): Promise<Loaded> {
  const open = (bytes: Uint8Array) =>
    ort.InferenceSession.create(bytes, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      enableMemPattern: false, // it plans one block for all activations: a quarter more memory, and no speed
    });
  const scaling = withScaling(model, onnx);
  const scaled = scaling && (await open(scaling).catch(() => null)); // what keeps it from loading is said of the model itself
  if (scaled && checkOutput(model, scaled).length === 0) return { session: scaled, makeInput: bytesInput };
  const session = await open(onnx).catch((cause: Error) => {
    throw new InvalidModelPackage(`${model.onnxFile}: onnxruntime cannot load it (${cause.message})`, { cause });
  });
  const problems = checkAgainstGraph(model, session);
  if (problems.length > 0) throw new InvalidModelPackage(problems.join('; '));
  return { session, makeInput: scaledInput };
}
