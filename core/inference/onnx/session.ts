import './noTelemetry.ts';
import * as ort from 'onnxruntime-node';
import { InvalidModelPackage } from '../../base/errors.ts';
import { checkAgainstGraph, inputName, outputName } from '../../package/check.ts';
import type { Runtime, Tensor, Tensors } from '../runtime.ts';
import { checkOnnxFile } from './onnxFile.ts';
import { withoutZipMap } from './zipMap.ts';

/** Takes a model file of any name: the bytes show whether it is an ONNX model. Loads it only if it matches its package. */
export const onnx: Runtime = {
  name: 'onnxruntime',
  takes: ({ artifact }) => artifact.format === 'onnx',
  open: async (artifact, model, { threads, device }) => {
    const bytes = await artifact();
    checkOnnxFile(model.artifact.file, bytes);
    const options = {
      executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      enableMemPattern: false, // it plans one block for all activations: a quarter more memory, and not faster
    };
    const session = await ort.InferenceSession.create(withoutZipMap(bytes), options).catch((cause: Error) => {
      throw new InvalidModelPackage(`${model.artifact.file}: onnxruntime cannot load it (${cause.message})`, { cause });
    });
    const problems = checkAgainstGraph(model, session);
    if (problems.length > 0) throw new InvalidModelPackage(problems.join('; '));
    /** The graph's names of inputs, where the package has others. */
    const names = new Map(model.inputs.map((input) => [input.name, inputName(model, input, session) ?? input.name]));
    const wanted = outputName(model, session) ?? '';
    const run = async (inputs: Tensors): Promise<Tensors> => {
      const feeds = [...inputs].map(([name, tensor]) => [names.get(name) ?? name, tensorOf(tensor)] as const);
      const { [wanted]: output } = await session.run(Object.fromEntries(feeds), [wanted]);
      return new Map(
        output && [[model.output.name, { type: output.type, dims: output.dims, data: output.data as never }]],
      );
    };
    return { run, close: () => session.release() };
  },
};

function tensorOf({ type, dims, data }: Tensor): ort.Tensor {
  const tensor = new ort.Tensor(type as 'float32', data as never, dims);
  if (!(data instanceof Float16Array)) return tensor;
  // onnxruntime's JavaScript requires a Float16Array, whose bytes its native part does not see; this makes them visible.
  return Object.defineProperty(tensor, 'data', { value: new Uint16Array(data.buffer, data.byteOffset, data.length) });
}
