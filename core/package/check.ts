import type { ModelInput } from './facts.ts';
import type { ModelPackage } from './package.ts';
import { tensorShape } from './tensor.ts';

/** The part of onnxruntime's `InferenceSession` that describes the graph. */
export type Graph = { readonly inputMetadata: readonly GraphValue[]; readonly outputMetadata: readonly GraphValue[] };

type GraphValue = {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type?: string;
  /** A dimension is text (a name, or empty) if it is free; a shape without dimensions is left open by the graph. */
  readonly shape?: readonly (number | string)[];
};

/** Returns the graph's output that holds the predictions: the only one, or the one that the item names first. */
export function outputName(model: ModelPackage, { outputMetadata }: Pick<Graph, 'outputMetadata'>): string | undefined {
  const named = outputMetadata.find(({ name }) => name === model.output.name);
  return (named ?? (outputMetadata.length === 1 ? outputMetadata[0] : undefined))?.name;
}

/** Compares an item with its graph. Returns for each disagreement where it is, what was found and what is allowed. */
export function checkAgainstGraph(model: ModelPackage, graph: Graph): string[] {
  const { inputMetadata: found } = graph;
  const wanted = model.inputs;
  const count = wanted.length === 1 ? 'one' : `${wanted.length}, as many as the item's mlm:input has`;
  const problems =
    found.length === wanted.length
      ? wanted.flatMap((input, i) => {
          const value = found.find(({ name }) => name === inputName(model, input, graph));
          if (value !== undefined) return checkInput(model, input, value);
          return `${model.artifact.file}: found the inputs ${names(found)}, allowed is one named as in mlm:input[${i}].name, "${input.name}"`;
        })
      : [`${model.artifact.file}: found ${found.length} inputs (${names(found)}), allowed is ${count}`];
  return [...problems, ...checkOutput(model, graph)];
}

/** Returns the graph's name of an input: a single input may have any name, several must have the item's. */
export function inputName(
  model: Pick<ModelPackage, 'inputs'>,
  input: ModelInput,
  { inputMetadata: found }: Pick<Graph, 'inputMetadata'>,
): string | undefined {
  if (model.inputs.length === 1 && found.length === 1) return found[0]!.name;
  return found.find(({ name }) => name === input.name)?.name;
}

function checkOutput(model: ModelPackage, graph: Pick<Graph, 'outputMetadata'>): string[] {
  const { outputMetadata: outputs } = graph;
  const { tensor, output } = model;
  const scores = outputs.find(({ name }) => name === outputName(model, graph));
  if (scores === undefined)
    return [
      `${model.artifact.file}: found the outputs ${names(outputs)}, allowed is one alone or one named as in mlm:output[0].name, "${output.name}"`,
    ];
  const shape = model.task.shape(model);
  const isSqueezed = scores.shape?.length === 1 && shape.join() === '1'; // one number a chip
  return compare(model, scores, 'output', output.dataType, [tensor.batch ?? -1, ...(isSqueezed ? [] : shape)]);
}

function checkInput(model: ModelPackage, input: ModelInput, value: GraphValue): string[] {
  const { batch, dataType } = input.tensor;
  return compare(model, value, 'input', dataType, tensorShape(input, batch ?? -1));
}

function compare(model: ModelPackage, value: GraphValue, kind: string, type: string, shape: readonly number[]) {
  const where = `${model.artifact.file}: ${kind} "${value.name}"`;
  if (!value.isTensor) return [`${where}: found something else, allowed is a tensor`];
  const problems: string[] = [];
  if (value.type !== type)
    problems.push(`${where}: found the type ${value.type}, allowed is ${type} as in the item's mlm:${kind}`);
  const found = value.shape ?? [];
  if (found.length > 0 && !(found.length === shape.length && found.every((size, i) => agrees(size, shape[i]!))))
    problems.push(
      `${where}: found the shape [${found.join(', ')}], allowed is [${shape.join(', ')}] as the item has it`,
    );
  return problems;
}

/** A size that the graph leaves free matches any; a fixed one must equal the item's, where -1 means any. */
const agrees = (inGraph: number | string, inItem: number): boolean => typeof inGraph === 'string' || inGraph === inItem;

const names = (values: readonly GraphValue[]) => values.map(({ name }) => `"${name}"`).join(', ') || 'none';
