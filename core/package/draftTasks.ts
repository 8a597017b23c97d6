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
  const named = scores.find(({ name, operator }) => IS_SCORE.test(name) || ACTIVATIONS.includes(operator ?? ''));
  return named ?? scores[0] ?? outputs[0];
}

export const isOfScikitLearn = (producer: string) => producer === 'skl2onnx';

/** Returns the output with the labels that a classifier of scikit-learn's has chosen. */
export const labelOf = (outputs: DraftGraph['outputs']) =>
  outputs.find(({ name, type }) => /label/i.test(name) && !type.startsWith('float'));

const ACTIVATIONS = ['Softmax', 'Sigmoid'];
const IS_SCORE = /prob|logit|score|class|pred|label/i;
const IS_EMBEDDING = /embed|hidden_state|feature|pooler|latent|encod/i;
const IS_BOX = /box|detection/i;
const IS_TOKEN = /input_ids|token|attention_mask/i;

/** Lengths that embeddings usually have, and numbers of classes hardly ever. */
const OF_EMBEDDINGS = [128, 256, 384, 512, 768, 1024, 1280, 1536, 2048, 4096];

export type Unsupported = { readonly task: string; readonly by: string };

/** Returns which unsupported task a graph looks made for; undefined if it looks like none. */
export function unsupportedTask(graph: DraftGraph, output = likelyOutput(graph)): Unsupported | undefined {
  const { inputs, outputs } = graph;
  const text = inputs.find(({ name }) => IS_TOKEN.test(name));
  if (text !== undefined) return { task: 'text', by: said('input', text) };
  const boxes = outputs.find(({ name }) => IS_BOX.test(name));
  if (boxes !== undefined) return { task: 'object detection', by: said('output', boxes) };
  const sequence = inputs.find(({ shape }) => shape?.length === 3 || (shape?.length ?? 0) > 4);
  if (sequence !== undefined) return { task: 'a sequence', by: said('input', sequence) };
  if (output?.shape == null) return undefined;
  const other = isOfScikitLearn(graph.producer) ? notOneClass(graph, output) : undefined;
  if (other !== undefined) return { task: other, by: said('output', output) };
  const { name, shape, operator } = output;
  const isPlain = IS_SCORE.test(name) || ACTIVATIONS.includes(operator ?? '');
  const length = shape.at(-1);
  const isOfUsualLength = typeof length === 'number' && OF_EMBEDDINGS.includes(length);
  const isEmbedding = IS_EMBEDDING.test(name) || operator === 'LpNormalization' || (isOfUsualLength && !isPlain);
  const isMap = shape.length === 4 || (shape.length === 3 && isPlane(shape, inputs[0]?.shape ?? null));
  if (!isMap && isEmbedding && graph.classes.length === 0) return { task: 'an embedding', by: said('output', output) };
  if (!isMap && shape.length > 2)
    return { task: inputs[0]?.shape?.length === 4 ? 'object detection' : 'a sequence', by: said('output', output) };
  return undefined;
}

/** Returns what a graph of scikit-learn's does, if it has several numbers that are not those of classes. */
function notOneClass({ outputs, classes }: DraftGraph, output: DraftOutput): string | undefined {
  const label = labelOf(outputs);
  if (classes.length > 0 || output.shape?.length !== 2 || output.shape[1] === 1) return undefined;
  if (output === label) return 'several classifications at once';
  if (label === undefined) return 'a regression of several values, or a transformation';
  return output.name === 'scores' ? 'clustering' : undefined; // its scores are distances
}

function said(kind: string, { name, shape }: { name: string; shape: Shape | null }): string {
  return `its ${kind} ${name}${shape === null ? '' : ` of ${JSON.stringify(shape)}`}`;
}

/** Returns whether [batch, a, b] may be a plane of pixels of an image: of the same shape, and not larger. */
function isPlane([, height, width]: Shape, image: Shape | null): boolean {
  if (image?.length !== 4) return false;
  const sizes = [image.slice(2), image.slice(1, 3)];
  return sizes.some(([h, w]) => {
    const all = [height, width, h, w];
    if (all.some((size) => typeof size !== 'number')) return typeof height === 'string' && typeof width === 'string';
    const [a, b, c, d] = all as number[];
    return a! <= c! && Math.abs(a! * d! - b! * c!) <= 0.1 * a! * d!;
  });
}
