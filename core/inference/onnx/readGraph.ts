import { attempt, cited, InvalidModelPackage, insteadOf, listed } from '../../base/errors.ts';
import { eachField, last, Malformed, textOf, textsIn } from '../../base/protobuf.ts';
import { checkAgainstGraph, type Graph, outputName } from '../../package/check.ts';
import type { GraphTold, ValueTold } from '../../package/graph.ts';
import type { ModelPackage } from '../../package/package.ts';
import { namesOf } from '../../package/problems.ts';
import { classLabels, PASSING } from './classLabels.ts';
import { checkOnnxFile } from './onnxFile.ts';
import { GRAPH, MODEL, NODE } from './onnxMessages.ts';
import types from './types.json' with { type: 'json' };
import { withoutZipMap } from './zipMap.ts';

/** STAC's names for TensorProto.DataType (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). */
const TYPES: Readonly<Record<number, string>> = types;

/** Describes a model's graph without loading it; its classes are those of `output`, if that says them. Throws `InvalidModelPackage` if the bytes are no ONNX model. */
export function readGraph(file: string, bytes: Uint8Array, output = ''): GraphTold {
  checkOnnxFile(file, bytes);
  const wrong = (cause: Malformed) => new InvalidModelPackage(`${file}: is not an ONNX model`, { cause });
  return attempt(() => graphOf(withoutZipMap(bytes), output), insteadOf(Malformed, wrong));
}

function graphOf(bytes: Uint8Array, first: string): GraphTold {
  const graph = last(bytes, MODEL.graph)?.content ?? new Uint8Array();
  const constants = new Map<string, Uint8Array>();
  const nodes = new Map<string, Uint8Array>();
  const inputs: ValueTold[] = [];
  const outputs: ValueTold[] = [];
  for (const { number, content } of eachField(graph)) {
    if (number === GRAPH.constant) constants.set(textOf(last(content, 8)), content);
    else if (number === GRAPH.input) inputs.push(valueInfoOf(content));
    else if (number === GRAPH.output) outputs.push(valueInfoOf(content));
    else if (number === GRAPH.node) for (const name of textsIn(content, NODE.output)) nodes.set(name, content);
  }
  const classes = classLabels([first, ...namesOf(outputs)], { nodes, constants });
  /** The operator that gives a value its meaning; `QLinearSoftmax` is a Softmax. Graphs have no circles: each node is passed once. */
  function operatorOf(name: string): string | null {
    const node = nodes.get(name);
    if (node === undefined) return null;
    nodes.delete(name);
    const operator = textOf(last(node, NODE.operator));
    const [input = ''] = textsIn(node, NODE.input);
    return (PASSING.includes(operator) ? operatorOf(input) : null) ?? operator.replace(/^QLinear/, '');
  }
  return {
    // Up to IR version 3, the weights are also listed among the inputs.
    inputs: inputs.filter(({ name }) => !constants.has(name)),
    outputs: outputs.map((output) => ({ ...output, operator: operatorOf(output.name) })),
    opset: opsetOf(bytes),
    producer: textOf(last(bytes, MODEL.producer)),
    classes,
  };
}

/** Checks an item against its graph, without running it. Throws `InvalidModelPackage` if it is no ONNX model, or differs. */
export function checkGraph(model: ModelPackage, onnx: Uint8Array): void {
  const { inputs, outputs, classes } = readGraph(model.artifact.file, onnx, model.output.name);
  const graph: Graph = { inputMetadata: inputs.map(asMetadata), outputMetadata: outputs.map(asMetadata) };
  const problems = [...checkAgainstGraph(model, graph), ...checkClasses(model, classes)];
  const { operator } = outputs.find(({ name }) => name === outputName(model, graph)) ?? {};
  if (operator?.toLowerCase() === model.output.activation && operator)
    problems.push(
      `item.json: properties.mlm:output[0].post_processing_function: found ${cited(model.output.activation!)}, allowed is null: the graph ends with ${operator} already`,
    );
  if (problems.length > 0) throw new InvalidModelPackage(problems.join('; '), { problems });
}

/** Compares the order of classes with that in which the graph itself names the same ones. */
function checkClasses({ classes }: ModelPackage, inGraph: readonly string[]): string[] {
  const ours = [classes.map(({ name, title = name }) => title), classes.map(({ value }) => `${value}`)];
  const same = ours.find((some) => [...some].sort().join() === [...inGraph].sort().join());
  if (same === undefined || same.join() === inGraph.join()) return [];
  return [
    `item.json: properties.mlm:output[0].classification:classes: found ${listed(same)}, allowed is the order of the graph: ${listed(inGraph)}`,
  ];
}

/** Returns what a ValueInfoProto says of a graph's input or output. */
function valueInfoOf(bytes: Uint8Array): ValueTold {
  const tensor = last(last(bytes, 2)?.content, 1)?.content;
  const shape = last(tensor, 2)?.content;
  const sizes =
    shape && [...eachField(shape)].filter(({ number }) => number === 1).map(({ content }) => sizeOf(content));
  const type = TYPES[Number(last(tensor, 1)?.value ?? 0n)] ?? 'other';
  return { name: textOf(last(bytes, 1)), type, shape: sizes ?? null };
}

function sizeOf(dimension: Uint8Array): number | string {
  const size = Number(BigInt.asIntN(64, last(dimension, 1)?.value ?? 0n)); // some write -1 for any
  return size > 0 ? size : textOf(last(dimension, 2));
}

/** A type that STAC does not have, or that is not a tensor, is reported as such. */
function asMetadata({ name, type, shape }: ValueTold) {
  return { name, isTensor: type !== 'other', type, ...(shape !== null && { shape }) };
}

/** Returns the version of an ONNX model's default operator set. */
function opsetOf(onnx: Uint8Array): number {
  let version = 0;
  for (const { number, content } of eachField(onnx))
    if (number === 8 && ['', 'ai.onnx'].includes(textOf(last(content, 1))))
      version = Number(last(content, 2)?.value ?? 0n);
  return version;
}
