import { InvalidModelPackage } from '../../errors.ts';
import { checkAgainstGraph, type Graph } from '../../models/check.ts';
import type { ModelPackage } from '../../models/package.ts';
import { readGraph, type ValueTold } from './readGraph.ts';

/**
 * Holds a package's item against its ONNX model as far as its graph says, without onnxruntime: what passes may still not run,
 * which is tried before it is promoted.
 *
 * @throws {InvalidModelPackage} where the bytes are no ONNX model, or one of other inputs or outputs
 */
export function checkGraph(model: ModelPackage, onnx: Uint8Array): void {
  const { inputs, outputs } = readGraph(model.onnxFile, onnx);
  const graph: Graph = { inputMetadata: inputs.map(asMetadata), outputMetadata: outputs.map(asMetadata) };
  const problems = checkAgainstGraph(model, graph);
  if (problems.length > 0) throw new InvalidModelPackage(problems.join('; '), { problems });
}

/** Of a value whose type STAC does not know, or that is no tensor, nothing more is said than that. */
function asMetadata({ name, type, shape }: ValueTold) {
  return { name, isTensor: type !== 'other', type, ...(shape !== null && { shape }) };
}
