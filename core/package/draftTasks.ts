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

/** Returns the output that is most likely the prediction: of a classifier its scores, not its label or its features. */
export function likelyOutput({ outputs }: DraftGraph): DraftOutput | undefined {
  const scores = outputs.filter(({ type, shape }) => type.startsWith('float') && (shape === null || shape.length > 1));
  return scores.find(({ name, operator }) => IS_SCORE.test(name) || isActivation(operator)) ?? scores[0] ?? outputs[0];
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
  const sequence = inputs.find(({ shape }) => shape?.length === 3 || (shape?.length ?? 0) > 4);
  if (sequence !== undefined) return { task: 'a sequence', by: said('input', sequence) };
  if (output?.shape == null) return undefined;
  const { name, shape } = output;
  const [, height, width] = shape;
  const isPlane =
    shape.length === 3 && inputs[0]?.shape?.length === 4 && (height === width || typeof height === 'string');
  if (shape.length === 4 || isPlane) return undefined;
  if (IS_EMBEDDING.test(name)) return { task: 'an embedding', by: said('output', output) };
  if (shape.length < 3) return undefined;
  return { task: inputs[0]?.shape?.length === 4 ? 'object detection' : 'a sequence', by: said('output', output) };
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
