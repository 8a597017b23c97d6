import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { type Tried, tryHere } from '../../cli/models/modelTrial.ts';
import { ModelTrialFailed } from '../../cli/models/tryModel.ts';
import { InvalidModelPackage } from '../../core/base/errors.ts';
import { checkOnnxFile } from '../../core/inference/onnx/onnxFile.ts';
import { checkGraph } from '../../core/inference/onnx/readGraph.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import type { Sample } from '../../core/package/packageFile.ts';
import { tokenizerOf } from '../../core/package/text/tokenizerOf.ts';
import { fromPlain, toPlain } from '../../core/tasks/plainPackage.ts';

export { ModelTrialFailed };

/** Trials that ended well, by what was tried. */
const fine = new Map<string, Tried>();

/** The trial of a model in this process, in the place of one in a process of its own: it has no limits, and tells a memory that it has not measured. */
export async function tryModel(model: ModelPackage, onnx: Uint8Array, sample: Sample | null = null): Promise<Tried> {
  const { file, format } = model.artifact;
  const plain = serialize([toPlain(model), sample]);
  const key = createHash('sha256').update(plain).update(onnx).digest('hex');
  if (fine.has(key)) return fine.get(key)!;
  if (format === 'onnx') checkOnnxFile(file, onnx);
  const vocabulary = model.text && (await tokenizerOf(model.text)).size;
  const [there, given] = deserialize(plain);
  const { chips, ...tried } = await tryHere(fromPlain(there), onnx, { sample: given, vocabulary }).catch((error) => {
    throw error instanceof InvalidModelPackage
      ? error
      : new ModelTrialFailed(`${file}: the trial failed: ${error.message}`);
  });
  if (format === 'onnx') checkGraph(model, onnx);
  fine.set(key, { memory: { bytes: 2 ** 23 + onnx.length, chips }, ...tried });
  return fine.get(key)!;
}
