import { inputTypes } from '../arrays/dataTypes.ts';
import { listed } from '../base/errors.ts';
import type { GraphTold, ValueTold } from './graph.ts';

export type DraftGraph = Omit<GraphTold, 'opset'>;
export type DraftOutput = DraftGraph['outputs'][number];
export type Shape = NonNullable<ValueTold['shape']>;

export const DRAFT_TASKS = [
  'scene-classification',
  'semantic-segmentation',
  'regression',
  'super-resolution',
  'multi-label-classification',
] as const;
export type DraftTask = (typeof DRAFT_TASKS)[number];

/** Their other names, by which docs/models.md and MLM know them. */
export const OTHER_NAMES: Readonly<Record<string, DraftTask>> = {
  ...{ classification: 'scene-classification', segmentation: 'semantic-segmentation' },
  'multi-label': 'multi-label-classification',
};

/** Returns the output that is most likely the prediction: of a classifier its scores, not its label or its features. */
export function likelyOutput({ outputs }: DraftGraph): DraftOutput | undefined {
  const scores = outputs.filter(({ type, shape }) => type.startsWith('float') && (shape === null || shape.length > 1));
  const likely =
    scores.find(({ name, operator }) => IS_SCORE.test(name) || isActivation(operator)) ?? scores[0] ?? outputs[0];
  const isSqueezed = likely?.shape?.length === 1 && likely.type.startsWith('float'); // a package states its one number a chip
  return isSqueezed ? { ...likely, shape: [likely.shape![0]!, 1] } : likely;
}

export const isOfScikitLearn = (producer: string) => producer === 'skl2onnx';

/** Returns the output with the labels that a classifier of scikit-learn's has chosen. */
export const labelOf = (outputs: DraftGraph['outputs']) =>
  outputs.find(({ name, type }) => /label/i.test(name) && !type.startsWith('float'));

export const isActivation = (operator: string | null) => operator === 'Softmax' || operator === 'Sigmoid';
const IS_SCORE = /prob|logit|score|class|pred|label/i;
const IS_EMBEDDING = /embed|hidden_state|feature|pooler|latent|encod/i;
const IS_BOX = /box|detection/i;
const IS_TOKEN = /input_ids|token|attention_mask/i;

export const isOfText = ({ inputs }: DraftGraph) => inputs.some(({ name }) => IS_TOKEN.test(name));

export type Unsupported = { readonly task: string; readonly by: string };

/** Returns which unsupported task a graph looks made for; undefined if it looks like none. */
export function unsupportedTask(graph: DraftGraph, output = likelyOutput(graph)): Unsupported | undefined {
  const { inputs, outputs } = graph;
  if (isOfText(graph)) return output && unsupportedText(output);
  const boxes = outputs.find(({ name }) => IS_BOX.test(name));
  if (boxes !== undefined) return { task: 'object detection', by: said('output', boxes) };
  if (output?.shape == null) return undefined;
  const { name, shape } = output;
  const [, height, width] = shape;
  const isOfImages = (inputs[0]?.shape?.length ?? 0) > 3;
  const isPlane = shape.length === 3 && isOfImages && (height === width || typeof height === 'string');
  if (shape.length === 4 || isPlane) return undefined;
  if (IS_EMBEDDING.test(name)) return { task: 'an embedding', by: said('output', output) };
  if (shape.length < 3) return undefined;
  return { task: isOfImages ? 'object detection' : 'a sequence', by: said('output', output) };
}

/** Returns what of a graph no package of a task can describe, with what is allowed and what to do; undefined if there is nothing. */
export function obstacleIn({ inputs, outputs, producer }: DraftGraph, task: string, output?: DraftOutput) {
  const other = inputs.find(({ type }) => !(inputTypes as readonly string[]).includes(type));
  if (other !== undefined)
    return `found ${said('input', other)} of the type ${other.type}, allowed are ${listed(inputTypes)}. Encode texts as numbers in the files, and export the model without its encoder; of other types, add a Cast at the beginning of the graph.`;
  const isFloat = output?.type.startsWith('float') === true;
  const [, size, ...more] = output?.shape ?? ['', '']; // one that the graph leaves open may be a row
  const isRow = size !== undefined && more.length === 0;
  if (task.endsWith('classification')) {
    // skl2onnx can write each class's probabilities as an output of its own, and those of several labels as a sequence.
    if (isFloat && isRow) return undefined;
    const remedy = isOfScikitLearn(producer)
      ? 'Convert the model with to_onnx(model, X, options={"zipmap": False}), and each of the estimators_ of a MultiOutputClassifier by itself.'
      : 'End the graph before its ArgMax; if its scores are integers, or not of [batch, classes], add a Cast to float32 or a Reshape at its end.';
    return `found the outputs ${outputs.map(({ name }) => name).join(', ')}, allowed is one of float with a number for each class. ${remedy}`;
  }
  const isOfValues = isFloat && (isRow ? !(Number(size) > 1) : more.length > 0);
  if (task === 'semantic-segmentation' || isOfValues || output === undefined) return undefined;
  return `found ${said('output', output)} of the type ${output.type}, allowed is one of float with one value for each chip, [batch, 1], or with values for each pixel, [batch, values, height, width]. Of several values for a chip, keep one, by a Gather at the end of the graph: each needs a package of its own.`;
}

/** Of a text, one number for each class is supported. */
function unsupportedText(output: DraftOutput): Unsupported | undefined {
  const by = said('output', output);
  if (IS_EMBEDDING.test(output.name)) return { task: 'an embedding (feature extraction)', by };
  if (/^(start|end)_/.test(output.name)) return { task: 'question answering', by };
  return output.shape === null || output.shape.length < 3 ? undefined : { task: 'token classification', by };
}

const said = (kind: string, { name, shape }: { name: string; shape: Shape | null }): string =>
  `its ${kind} ${name}${shape === null ? '' : ` of ${JSON.stringify(shape)}`}`;
