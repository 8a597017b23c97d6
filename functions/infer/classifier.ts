import './noTelemetry.ts';
import * as ort from 'onnxruntime-node';
import { InvalidModelPackage } from '../shared/errors.ts';
import type { ModelRef } from '../shared/messages.ts';
import { checkAgainstGraph, outputName } from '../shared/model/check.ts';
import type { Plane } from '../shared/model/dataTypes.ts';
import { checkOnnxFile } from '../shared/model/onnxFile.ts';
import { type ModelPackage, readOnnxFile } from '../shared/model/package.ts';
import { softmaxRows } from '../shared/model/softmax.ts';
import { makeTensor, makeTensorFiller, tensorShape } from '../shared/model/tensor.ts';
import { keepPromise, type Models } from '../shared/models.ts';
import type { PreparedPart } from '../shared/preparedPart.ts';

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
  const session = await ort.InferenceSession.create(onnx, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    enableMemPattern: false, // it plans one block for all activations: a quarter more memory, and no speed
  }).catch((cause: Error) => {
    throw new InvalidModelPackage(`${model.onnxFile}: onnxruntime cannot load it (${cause.message})`, { cause });
  });
  const problems = checkAgainstGraph(model, session);
  if (problems.length > 0) throw new InvalidModelPackage(problems.join('; '));
  const [inputName = ''] = session.inputNames;
  const scores = outputName(model, session) ?? '';
  const fill = makeTensorFiller(model);
  // A batch that is not full reuses the front of the tensor, unless the model takes full batches only.
  const tensor = makeTensor(model, model.batchSize);
  const perChip = tensor.length / model.batchSize;

  async function classify(part: PreparedPart, first: number, chips: number) {
    for (let chip = 0; chip < chips; chip += 1) fill(planesOf(part, first + chip), tensor, chip);
    const given = model.tensor.batch ?? chips;
    const values = tensor.subarray(0, given * perChip);
    const input = new ort.Tensor(model.tensor.dataType, values, tensorShape(model, given));
    const { [scores]: output } = await session.run({ [inputName]: input });
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

function planesOf(part: PreparedPart, chip: number): Plane[] {
  return part.bands.map(({ values }) => {
    const size = values.length / part.chips;
    return values.subarray(chip * size, (chip + 1) * size);
  });
}
