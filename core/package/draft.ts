import { dataTypes } from '../arrays/dataTypes.ts';
import { MAX_BANDS } from '../base/limits.ts';
import { slug } from '../base/names.ts';
import { COMMON_NAMES } from './commonNames.ts';
import type { DraftGraph, DraftOutput, DraftTask, Shape } from './draftTasks.ts';
import { isActivation, isOfScikitLearn, labelOf, likelyOutput } from './draftTasks.ts';
import type { ValueTold } from './graph.ts';
import { PROVISIONAL, TODO } from './todo.ts';

/**
 * Drafts an `item.json` from a model's graph and an example scene file. What only the model's author knows is marked, and
 * `model check` rejects the package until it has been filled in.
 */

export type Example = {
  readonly bands: readonly ExampleBand[];
  /** Whether it is a picture as cameras take it, rather than a scene. */
  readonly isPicture?: boolean;
};
/** What a scene file says about a band; `type` is a STAC data type. */
export type ExampleBand = { readonly name: string | null; readonly type: string; readonly nodata: number | null };

export type Asked = {
  /** The model's title; its folder and id are derived from it. */
  readonly title: string;
  readonly version: string;
  readonly file: string;
  /** The file of its weights, if they are not inside. */
  readonly data?: string | undefined;
  readonly task?: DraftTask | undefined;
  readonly example?: Example | undefined;
  /** When the model was made, if known: UTC. */
  readonly at: string;
};

/** `chosen` are the bands of the example that the graph takes, where these are not all. */
export function draftPackage(graph: DraftGraph, { title, version, file, data, task: named, example, at }: Asked) {
  const output = likelyOutput(graph);
  const taken = example ? takenBands(graph, example) : columnsOf(graph);
  const chosen = taken?.length === example?.bands.length ? undefined : taken?.map(bandName);
  const isOfRows = [2, 3].includes(graph.inputs[0]?.shape?.length ?? 4);
  const inputs = graph.inputs.map(inputOf);
  const task = named ?? likelyTask(output, graph);
  const classes = classNames(task, output, graph);
  const item = {
    type: 'Feature',
    stac_version: '1.1.0',
    stac_extensions: ['https://stac-extensions.github.io/mlm/v1.5.2/schema.json'],
    id: `${slug(title)}-${version}`,
    geometry: null,
    properties: {
      datetime: at,
      version,
      description: TODO('what the model is for, in a sentence'),
      bands: sourceBands(),
      ...(example?.isPicture &&
        !['semantic-segmentation', 'super-resolution'].includes(task) && { 'swath:picture': true }),
      'mlm:name': title,
      'mlm:architecture': TODO('such as U-Net'),
      'mlm:tasks': [task],
      'mlm:input': inputs.map(({ item: input }) => input),
      'mlm:output': output === undefined ? [] : [outputOf(output)],
    },
    links: [],
    assets: {
      model: { href: `./${file}`, roles: ['mlm:model'], 'mlm:artifact_type': 'onnx' },
      ...(data && { weights: { href: `./${data}`, roles: ['mlm:weights'], 'mlm:artifact_type': 'onnx' } }),
    },
  };
  return { item, reference: PROVISIONAL, task, output, chosen: example && chosen };

  function inputOf({ name, type, shape }: ValueTold) {
    const known = (taken ?? example?.bands)?.length;
    const isOneOfMany = graph.inputs.length > 1;
    const isOfColours = taken !== undefined && taken.length > 1 && !isOneOfMany && !isOfRows; // in whose order people differ
    const order = shape === null ? null : inputOrder(shape, known);
    const at = order?.indexOf('bands') ?? -1;
    // With a dimension of time, there are the bands of each date.
    const size = order === null ? shape?.slice(1, 3).reduce<number>((all, one) => all * Number(one), 1) : shape?.[at];
    const count = Number(size) > 0 && Number(size) <= MAX_BANDS ? Number(size) : (known ?? 0);
    const own = isOneOfMany ? taken?.filter((band) => band.name === name) : taken;
    const bands = Array.from({ length: count }, (_, i) =>
      own?.length === count ? bandName(own[i]!, i) : TODO(`the band that the model takes ${ordinal(i)}`),
    );
    return {
      bands,
      item: {
        name,
        // An input that names no bands takes all of the files', so each is written once.
        ...((taken !== undefined || isOneOfMany) && {
          bands:
            bands.length > 0 && !isOfColours
              ? bands
              : TODO(`a list of ${taken?.map(bandName).join(', ') ?? 'bands'}, in the order that the model takes them`),
        }),
        input: {
          shape:
            shape === null
              ? TODO('a list of sizes, -1 where any will do')
              : shape.map((one, i) => sizeOf(one, i === at ? count : -1)),
          dim_order:
            order ??
            TODO('["batch", "bands", "height", "width"], or in another order; of several dates, "time" beside "bands"'),
          data_type: type,
        },
        value_scaling: isOfScikitLearn(graph.producer) // whose pipelines scale by themselves
          ? null
          : TODO(
              'how values were scaled for training, such as [{"type": "scale", "value": 10000}] or [{"type": "z-score", "mean": …, "stddev": …}] with one for each band, or null for the values as they are',
            ),
        resize_type: null,
        pre_processing_function: null,
      },
    };
  }

  /** Returns the bands of the files that the model takes; the example's others are left out. */
  function sourceBands(): object[] {
    if (taken !== undefined)
      return taken.map((band, i) => {
        const isColour = example?.isPicture && taken.length === COLOURS.length;
        const common = isColour ? COLOURS[i] : commonNameOf(band, taken);
        return {
          name: bandName(band, i),
          data_type: typeOf(band) ?? TODO(`a type that holds ${band.type}`),
          ...(band.nodata !== null && { nodata: nodataText(band.nodata) }),
          ...(common && { 'eo:common_name': common }),
        };
      });
    const names = example?.bands.map(bandName).join(', ');
    return Array.from({ length: inputs.reduce((most, { bands }) => Math.max(most, bands.length), 1) }, (_, i) => ({
      name: TODO(
        names
          ? `the band that the model takes ${ordinal(i)}, of ${names}`
          : isOfRows
            ? `the name of the column that the model takes ${ordinal(i)}`
            : `what the scene files call their band ${i + 1}, such as B02`,
      ),
      data_type: typeOf(example?.bands[0]) ?? TODO('the type of its values there, such as uint16'),
    }));
  }

  /** Returns the type of a band's values; of a table's column, which has none of its own, that which the graph takes. */
  function typeOf(band?: ExampleBand): string | undefined {
    const input = graph.inputs.find(({ name }) => name === band?.name) ?? graph.inputs[0];
    const types = isOfRows ? [input?.type, band?.type] : [band?.type];
    return types.find((type) => (dataTypes as readonly (string | undefined)[]).includes(type));
  }

  function outputOf({ name, type, shape, operator }: DraftOutput): object {
    const order = shape === null ? null : outputOrder(shape);
    // What each pixel's class is, so that the graph does not say how many there are.
    const areLabels = task === 'semantic-segmentation' && (operator === 'ArgMax' || !type.startsWith('float'));
    const areValues = classes.every((called) => /^(0|-?[1-9]\d{0,8})$/.test(called)); // as scikit-learn has learned them
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
        : {
            'classification:classes': areLabels
              ? TODO('a list of the classes, such as [{"value": 0, "name": "water"}]: each value that the model gives')
              : classes.map((called, i) => ({ value: areValues ? Number(called) : i, name: called })),
          }),
      post_processing_function:
        areLabels || isOfScikitLearn(graph.producer) ? null : afterwards(task, operator, shape?.[1] === 1),
    };
  }
}

/**
 * Returns which of an example's bands the graph takes: all, if it has as many inputs; of more, those named as the inputs, or
 * the columns that are neither a number of the row nor its label, or red, green, blue (and near infrared) for a model of
 * three (or four). Undefined if none of this tells.
 */
function takenBands({ inputs }: DraftGraph, { bands }: Example): readonly ExampleBand[] | undefined {
  const named = inputs.map(({ name }) => bands.find((band) => band.name === name));
  if (inputs.length > 1) return named.includes(undefined) ? undefined : (named as ExampleBand[]);
  const [input] = inputs;
  const shape = input?.shape ?? [];
  const count = shape[inputOrder(shape, bands.length)?.indexOf('bands') ?? -1];
  if (typeof count !== 'number' || count === bands.length) return bands;
  const features = bands.filter(({ name }) => !NOT_A_FEATURE.test(name ?? ''));
  if (shape.length === 2) return features.length === count ? features : undefined;
  const common = bands.map((band) => commonNameOf(band, bands));
  const colours = [...COLOURS, 'nir'].slice(0, count).map((one) => bands[common.indexOf(one)]);
  return count > 2 && count < 5 && !colours.includes(undefined) ? (colours as ExampleBand[]) : undefined;
}

/** Returns the columns of a table, where the graph has an input of its own for each. */
function columnsOf({ inputs }: DraftGraph): readonly ExampleBand[] | undefined {
  const isOfColumns = inputs.length > 1 && inputs.every(({ shape }) => shape?.length === 2 && shape[1] === 1);
  return isOfColumns ? inputs.map(({ name, type }) => ({ name, type, nodata: null })) : undefined;
}

/** JSON has no numbers that are not finite, and makes null of them. */
const nodataText = (nodata: number) =>
  Number.isFinite(nodata) ? nodata : String(nodata).replace('inity', '').toLowerCase();

/** The bands of a picture, unless it is grey. */
const COLOURS = ['red', 'green', 'blue'];

const NOT_A_FEATURE = /^(id|fid|index|row|label|class|target|truth|y)$/i;

const ordinal = (i: number) => `at place ${i + 1}`;
const bandName = ({ name }: ExampleBand, i: number) => name ?? `b${i}`;
const sizeOf = (size: number | string, free: number) => (typeof size === 'number' ? size : free);

const inputOrder = (shape: Shape, bands?: number) => orderOf(shape, 'bands', bands);

const outputOrder = (shape: Shape) => (shape.length === 3 ? ['batch', 'height', 'width'] : orderOf(shape, 'class'));

/** For images, the channels are the dimension of the example's number of bands, or else the smaller candidate. */
function orderOf(shape: Shape, channels: 'bands' | 'class', count?: number): string[] | null {
  if (shape.length === 2) return ['batch', channels];
  if (shape.length !== 4) return null;
  const [first, last] = [shape[1]!, shape[3]!];
  const isLast = first !== count && (last === count || (typeof last === 'number' && !(Number(first) <= last)));
  return isLast ? ['batch', 'height', 'width', channels] : ['batch', channels, 'height', 'width'];
}

const isOfValues = (task: DraftTask) => task === 'regression' || task === 'super-resolution';

/** The height of an image's shape; not a number if it is free, or if there is none. */
const heightOf = (shape: Shape, order: string[] | null) => Number(shape[order?.indexOf('height') ?? -1]);

function likelyTask(output: DraftOutput | undefined, { inputs: [input], outputs, classes }: DraftGraph): DraftTask {
  if (classes.length > 0) return 'scene-classification';
  const shape = output?.shape ?? [];
  if (heightOf(shape, outputOrder(shape)) > heightOf(input?.shape ?? [], inputOrder(input?.shape ?? [])))
    return 'super-resolution';
  if (shape.length > 2) return 'semantic-segmentation';
  if (shape[1] === 1) return output?.operator === 'Sigmoid' ? 'scene-classification' : 'regression';
  return labelOf(outputs)?.shape?.[1] === shape[1] ? 'multi-label-classification' : 'scene-classification';
}

/** Returns a name for each class that the output has a number for; for a binary output, for both classes. */
function classNames(task: DraftTask, output: DraftOutput | undefined, { classes }: DraftGraph): readonly string[] {
  if (isOfValues(task)) return [];
  if (classes.length > 0) return classes;
  const shape = output?.shape ?? [];
  const size = shape[outputOrder(shape)?.indexOf('class') ?? -1];
  const count = typeof size === 'number' ? size : 1;
  // Of two classes, the first has no number of its own; neither has the class of pixels that reach no threshold.
  const hasBackground =
    (task === 'scene-classification' && count === 1) ||
    (task === 'semantic-segmentation' && (count === 1 || output?.operator === 'Sigmoid'));
  return Array.from({ length: hasBackground ? count + 1 : count }, (_, i) => TODO(`the name of class ${i}`));
}

/** The numbers from a softmax or sigmoid are probabilities already; for others only the author knows. */
function afterwards(task: DraftTask, operator: string | null, isSingle: boolean): object | null | string {
  if (isOfValues(task) || isActivation(operator)) return null;
  const usual = task === 'multi-label-classification' || isSingle ? 'sigmoid' : 'softmax';
  return TODO(`null where the model gives probabilities or labels, else {"format": "swath", "expression": "${usual}"}`);
}

const SENTINEL_2: { readonly [band: string]: string } = {
  ...{ B01: 'coastal', B02: 'blue', B03: 'green', B04: 'red', B05: 'rededge071', B06: 'rededge075', B07: 'rededge078' },
  ...{ B08: 'nir', B8A: 'nir08', B09: 'nir09', B10: 'cirrus', B11: 'swir16', B12: 'swir22' },
};
/** Landsat's in the harmonised product (HLS) are named B01 to B11 too, and mean the same up to B04. */
const ONLY_SENTINEL_2 = ['B08', 'B8A', 'B12'];

type Named = { readonly name: string | null };

/** Returns the common name of a band among the others of its file, by its name; undefined if that says nothing. */
function commonNameOf({ name }: Named, others: readonly Named[]): string | undefined {
  if (name === null) return undefined;
  if (COMMON_NAMES.includes(name.toLowerCase())) return name.toLowerCase();
  const isSure = others.some((one) => ONLY_SENTINEL_2.includes(one.name ?? '')) || /^B0[1-4]$/.test(name);
  return isSure ? SENTINEL_2[name] : undefined;
}
