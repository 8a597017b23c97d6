import './noTelemetry.ts';
import * as ort from 'onnxruntime-node';
import { InvalidModelPackage } from '../../errors.ts';
import { activated } from '../../models/activation.ts';
import { checkAgainstGraph, checkOutput, outputName } from '../../models/check.ts';
import type { ModelPackage } from '../../models/package.ts';
import { oneAtATime } from '../../oneAtATime.ts';
import { taskOf } from '../../tasks/registry.ts';
import type { ChipBatch, Outputs, Runtime, Session } from '../runtime.ts';
import { bytesInput, type MakeInput, scaledInput } from './inputTensor.ts';
import { numbersIn } from './numbersIn.ts';
import { checkOnnxFile } from './onnxFile.ts';
import { withScaling } from './scalingInGraph.ts';

/** A package that names one file may call it what it likes: whether it is an ONNX model is seen from its bytes. */
export const onnx: Runtime = { accepts: () => true, open: openOnnx };

async function openOnnx(model: ModelPackage, bytes: Uint8Array, threads: number): Promise<Session> {
  checkOnnxFile(model.onnxFile, bytes);
  const { session, inputOf } = await load(model, bytes, threads);
  const scores = outputName(model, session) ?? '';
  const task = taskOf(model);
  const shape = task.shape(model);
  const width = shape.reduce((product, size) => product * size, 1);

  async function runBatch(batch: ChipBatch, first: number, chips: number): Promise<Outputs> {
    const given = model.tensor.batch ?? chips;
    const { [scores]: output } = await session.run(inputOf(batch, first, chips, given));
    // The graph may leave its output's shape open.
    const [found, allowed] = [output?.dims.join(', '), [given, ...shape].join(', ')];
    if (found !== allowed)
      throw new InvalidModelPackage(
        `${model.onnxFile}: found an output of the shape [${found}], allowed is [${allowed}]: ${task.output.shape}`,
      );
    const rows = numbersIn(output!).subarray(0, chips * width);
    return model.output.pixels ? rows : activated(rows, width, model.output); // of pixels, the task needs few of them
  }

  // onnxruntime reads the input some time after it was called, and one array is the input of all batches.
  return { model, batchSize: model.batchSize, run: oneAtATime(runBatch) };
}

type Loaded = { session: ort.InferenceSession; inputOf: MakeInput };

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
  if (scaled && checkOutput(model, scaled).length === 0) return { session: scaled, inputOf: bytesInput(model) };
  const session = await open(onnx).catch((cause: Error) => {
    throw new InvalidModelPackage(`${model.onnxFile}: onnxruntime cannot load it (${cause.message})`, { cause });
  });
  const problems = checkAgainstGraph(model, session);
  if (problems.length > 0) throw new InvalidModelPackage(problems.join('; '));
  return { session, inputOf: scaledInput(model, session) };
}
