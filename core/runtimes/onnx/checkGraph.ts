import { InvalidModelPackage } from '../../errors.ts';
import { checkAgainstGraph, type Graph } from '../../models/check.ts';
import type { ModelPackage } from '../../models/package.ts';
import { readGraph, type ValueTold } from './readGraph.ts';

/**
 * Checks a package's item against its ONNX graph, without onnxruntime. A model that passes may still not run; that is tried
 * before it is promoted.
 *
 * @throws {InvalidModelPackage} when the bytes are not an ONNX model, or its inputs or outputs differ
 */
export function checkGraph(model: ModelPackage, onnx: Uint8Array): void {
  const { inputs, outputs } = readGraph(model.onnxFile, onnx);
  const graph: Graph = { inputMetadata: inputs.map(asMetadata), outputMetadata: outputs.map(asMetadata) };
  const problems = checkAgainstGraph(model, graph);
  if (problems.length > 0) throw new InvalidModelPackage(problems.join('; '), { problems });
}

/** A type that STAC does not have, or that is not a tensor, is reported as such. */
function asMetadata({ name, type, shape }: ValueTold) {
  return { name, isTensor: type !== 'other', type, ...(shape !== null && { shape }) };
}
