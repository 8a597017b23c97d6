import { dataTypes, inputTypes } from './dataTypes.ts';
import type { DraftTask } from './draftTasks.ts';
import { slug } from './names.ts';
import { TODO } from './todo.ts';

/**
 * Drafts an `item.json` from a model's graph and an example scene file. What only the model's author knows is marked, and
 * `model check` rejects the package until it has been filled in.
 */

/** An input or output of a graph; a free size is text, an open shape is null. */
export type DraftValue = { readonly name: string; readonly type: string; readonly shape: Shape | null };
type Shape = readonly (number | string)[];

export type DraftGraph = {
  readonly inputs: readonly DraftValue[];
  /** With the operator that produces it, such as `Softmax`. */
  readonly outputs: readonly (DraftValue & { readonly operator: string | null })[];
};

/** What a scene file says about its bands, in order. */
export type Example = { readonly bands: readonly ExampleBand[] };
export type ExampleBand = { readonly name: string | null; readonly type: string; readonly nodata: number | null };

export type Asked = {
  /** The model's title; its folder and id are derived from it. */
  readonly title: string;
  readonly onnxFile: string;
  readonly task?: DraftTask | undefined;
  readonly example?: Example | undefined;
  /** When the model was made, if known: UTC. */
  readonly at: string;
};

export type Draft = { readonly item: object; readonly reference: object; readonly task: DraftTask };

export function draftPackage(graph: DraftGraph, { title, onnxFile, task: named, example, at }: Asked): Draft {
  const output = graph.outputs[0];
  const inputs = graph.inputs.map((input) => inputOf(input, example, graph.inputs.length > 1));
  const task = named ?? likelyTask(output, graph.inputs[0]);
  const classes = classNames(task, output);
  const item = {
    type: 'Feature',
    stac_version: '1.1.0',
    stac_extensions: ['https://stac-extensions.github.io/mlm/v1.5.2/schema.json'],
    id: `${slug(title)}-1.0.0`,
    geometry: null,
    properties: {
      datetime: at,
      version: '1.0.0',
      description: TODO('what the model is for, in a sentence'),
      bands: sourceBands(inputs, example),
      'mlm:name': title,
      'mlm:architecture': TODO('such as U-Net'),
      'mlm:tasks': [task],
      'mlm:input': inputs.map(({ item: input }) => input),
      'mlm:output': output === undefined ? [] : [outputOf(output, task, classes)],
    },
    links: [],
    assets: { model: { href: `./${onnxFile}`, roles: ['mlm:model'], 'mlm:artifact_type': 'onnx' } },
  };
  const reference = isOfValues(task)
    ? { bins: TODO('{"edges": [0, 10, 20], "counts": [70, 30]}: a histogram of values that you trust') }
    : { classes: TODO('{"<name of a class>": <how often it came among predictions or labels that you trust>, …}') };
  return { item, reference, task };
}

type DraftInput = { item: object; bands: readonly string[] };

function inputOf({ name, type, shape }: DraftValue, example: Example | undefined, isOneOfMany: boolean): DraftInput {
  const known = example?.bands.length;
  const order = shape === null ? null : inputOrder(shape, known);
  const at = order?.indexOf('bands') ?? -1;
  const size = shape?.[at];
  const count = typeof size === 'number' ? size : (known ?? 0);
  const isAll = !isOneOfMany && count === known;
  const bands = Array.from({ length: count }, (_, i) =>
    isAll ? bandName(example!.bands[i]!, i) : TODO(`the band that the model takes ${ordinal(i)}`),
  );
  return {
    bands,
    item: {
      name,
      bands: bands.length > 0 ? bands : TODO('a list of the bands that the model takes, in its order'),
      input: {
        shape:
          order === null
            ? TODO('a list of sizes, -1 where any will do')
            : shape!.map((one, i) => sizeOf(one, i === at ? count : -1)),
        dim_order: order ?? TODO('["batch", "bands", "height", "width"], or in another order'),
        data_type: (inputTypes as readonly string[]).includes(type)
          ? type
          : TODO(`a type of STAC, for ${type} of the graph`),
      },
      value_scaling: TODO(
        'how values were scaled for training, such as [{"type": "scale", "value": 10000}] or [{"type": "z-score", "mean": …, "stddev": …}] with one for each band, or null for the values as they are',
      ),
      resize_type: null,
      pre_processing_function: null,
    },
  };
}

const ordinal = (i: number) => `at place ${i + 1}`;
const bandName = ({ name }: ExampleBand, i: number) => name ?? `b${i}`;
const sizeOf = (size: number | string, free: number) => (typeof size === 'number' ? size : free);

/** For images, the bands are the dimension of the example's number of bands, or else the smaller candidate. */
function inputOrder(shape: Shape, bands: number | undefined): string[] | null {
  if (shape.length === 2) return ['batch', 'bands'];
  if (shape.length !== 4) return null;
  const [first, last] = [shape[1]!, shape[3]!];
  const isLast = first !== bands && (last === bands || (typeof last === 'number' && !(Number(first) <= last)));
  return isLast ? ['batch', 'height', 'width', 'bands'] : ['batch', 'bands', 'height', 'width'];
}

function sourceBands(inputs: readonly DraftInput[], example: Example | undefined): object[] {
  if (example !== undefined)
    return example.bands.map((band, i) => ({
      name: bandName(band, i),
      data_type: (dataTypes as readonly string[]).includes(band.type)
        ? band.type
        : TODO(`a type that holds ${band.type}`),
      ...(band.nodata === null ? {} : { nodata: band.nodata }),
    }));
  const count = inputs.reduce((most, { bands }) => Math.max(most, bands.length), 1);
  return Array.from({ length: count }, (_, i) => ({
    name: TODO(`what the scene files call their band ${i + 1}, such as B02`),
    data_type: TODO('the type of its values there, such as uint16'),
  }));
}

/** Tasks that predict values rather than classes. */
const isOfValues = (task: DraftTask) => task === 'regression' || task === 'super-resolution';

function likelyTask(output: DraftGraph['outputs'][number] | undefined, input: DraftValue | undefined): DraftTask {
  const shape = output?.shape ?? [];
  const largest = (sizes: Shape) => Math.max(...sizes.filter((size) => typeof size === 'number'));
  if (shape.length === 4 && input?.shape?.length === 4 && largest(shape) > largest(input.shape))
    return 'super-resolution';
  if (shape.length > 2) return 'semantic-segmentation';
  return shape[1] === 1 ? 'regression' : 'scene-classification';
}

/** Returns a name for each class that the output has a number for; for a binary output, for both classes. */
function classNames(task: DraftTask, output: DraftGraph['outputs'][number] | undefined): string[] {
  if (isOfValues(task)) return [];
  const shape = output?.shape ?? [];
  const order = outputOrder(shape);
  const size = shape[order?.indexOf('class') ?? -1];
  const count = typeof size === 'number' ? size : 1;
  // Pixels above no threshold belong to the first class, which has no output channel of its own.
  const hasBackground = task === 'semantic-segmentation' && (count === 1 || output?.operator === 'Sigmoid');
  return Array.from({ length: hasBackground ? count + 1 : count }, (_, i) => TODO(`the name of class ${i}`));
}

function outputOf(
  { name, type, shape, operator }: DraftGraph['outputs'][number],
  task: DraftTask,
  classes: string[],
): object {
  const order = shape === null ? null : outputOrder(shape);
  return {
    name,
    tasks: [task],
    result: {
      shape: shape === null ? TODO('a list of sizes, -1 where any will do') : shape.map((size) => sizeOf(size, -1)),
      dim_order: order ?? TODO('["batch", "class"], or of pixels ["batch", "class", "height", "width"]'),
      data_type: type,
    },
    ...(isOfValues(task)
      ? {}
      : { 'classification:classes': classes.map((called, value) => ({ value, name: called })) }),
    post_processing_function: afterwards(task, operator),
  };
}

function outputOrder(shape: Shape): string[] | null {
  if (shape.length === 2) return ['batch', 'class'];
  if (shape.length === 3) return ['batch', 'height', 'width'];
  if (shape.length !== 4) return null;
  const [first, last] = [shape[1]!, shape[3]!];
  const isLast = typeof last === 'number' && !(Number(first) <= last);
  return isLast ? ['batch', 'height', 'width', 'class'] : ['batch', 'class', 'height', 'width'];
}

/** The numbers from a softmax or sigmoid are probabilities already; for others only the author knows. */
function afterwards(task: DraftTask, operator: string | null): object | null | string {
  if (isOfValues(task) || operator === 'Softmax' || operator === 'Sigmoid') return null;
  const [likely] = task === 'multi-label-classification' ? ['sigmoid'] : ['softmax'];
  return TODO(
    `null where the model gives probabilities or labels, else {"format": "swath", "expression": "${likely}"}`,
  );
}
