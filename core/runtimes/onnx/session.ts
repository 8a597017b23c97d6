import './noTelemetry.ts';
import type { Tensor } from 'onnxruntime-node';
import * as ort from 'onnxruntime-node';
import { oneAtATime } from '../../concurrency/oneAtATime.ts';
import { InvalidModelPackage } from '../../errors.ts';
import { activated } from '../../models/activation.ts';
import { checkAgainstGraph, checkOutput, outputName } from '../../models/check.ts';
import type { Plane } from '../../models/dataTypes.ts';
import type { ModelPackage } from '../../models/package.ts';
import { taskOf } from '../../tasks/registry.ts';
import type { ChipBatch, Outputs, Runtime, Session } from '../runtime.ts';
import { bytesInput, type MakeInput, scaledInput } from './inputTensor.ts';
import { checkOnnxFile } from './onnxFile.ts';
import { withScaling } from './scalingInGraph.ts';
import { withoutZipMap } from './zipMap.ts';

/** Accepts any file name, because a package may choose it: the bytes show whether the file is an ONNX model. */
export const onnx: Runtime = { accepts: () => true, open: openOnnx };

async function openOnnx(model: ModelPackage, bytes: Uint8Array, threads: number): Promise<Session> {
  checkOnnxFile(model.onnxFile, bytes);
  const { session, inputOf } = await load(model, withoutZipMap(bytes), threads);
  const scores = outputName(model, session) ?? '';
  const task = taskOf(model);
  const shape = task.shape(model);
  const width = shape.reduce((product, size) => product * size, 1);

  async function runBatch(batch: ChipBatch, first: number, chips: number): Promise<Outputs> {
    const given = model.tensor.batch ?? chips;
    const { [scores]: output } = await session.run(inputOf(batch, first, chips, given), [scores]);
    // The graph may leave its output's shape open.
    const [found, allowed] = [output?.dims.join(', '), [given, ...shape].join(', ')];
    if (found !== allowed)
      throw new InvalidModelPackage(
        `${model.onnxFile}: found an output of the shape [${found}], allowed is [${allowed}]: ${task.output.shape}`,
      );
    const rows = numbersIn(output!).subarray(0, chips * width);
    return model.output.pixels ? rows : activated(rows, width, model.output); // of pixels, the task needs only few activations
  }

  // onnxruntime may read the input after the call has returned, and one array is the input of all batches.
  return { model, batchSize: model.batchSize, run: oneAtATime(runBatch) };
}

type Loaded = { session: ort.InferenceSession; inputOf: MakeInput };

/** Loads the model with the scaling in its graph if possible, and only if the model matches its package. */
async function load(model: ModelPackage, onnx: Uint8Array, threads: number): Promise<Loaded> {
  const open = (bytes: Uint8Array) =>
    ort.InferenceSession.create(bytes, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      enableMemPattern: false, // it plans one block for all activations: a quarter more memory, and not faster
    });
  const scaling = withScaling(model, onnx);
  const scaled = scaling && (await open(scaling).catch(() => null)); // if it does not load, the original model's error is reported
  if (scaled && checkOutput(model, scaled).length === 0) return { session: scaled, inputOf: bytesInput(model) };
  const session = await open(onnx).catch((cause: Error) => {
    throw new InvalidModelPackage(`${model.onnxFile}: onnxruntime cannot load it (${cause.message})`, { cause });
  });
  const problems = checkAgainstGraph(model, session);
  if (problems.length > 0) throw new InvalidModelPackage(problems.join('; '));
  return { session, inputOf: scaledInput(model, session) };
}

/** Copies a model's numbers into an array that the caller owns: 64-bit integers as float64, 16-bit floats as float32. */
function numbersIn({ data }: Tensor): Plane {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float64Array.from(data, Number);
  if (data instanceof Float16Array) return Float32Array.from(data);
  return data as Plane;
}
