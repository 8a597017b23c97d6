import { randomUUID } from 'node:crypto';
import { type DataType, dataTypes, makePlane, type Plane } from '../../arrays/dataTypes.ts';
import { attempt, citedStart, InvalidMessage, insteadOf } from '../../base/errors.ts';
import { MAX_REQUEST_INPUTS } from '../../base/limits.ts';
import type { ModelRef } from '../../base/messages.ts';
import { RELEASE } from '../../base/release.ts';
import { JSON_LENGTH_HEADER } from '../../inference/openInference/endpoint.ts';
import * as messages from '../../inference/openInference/message.ts';
import { storedIn } from '../../package/bands.ts';
import type { Column } from '../../package/carry.ts';
import type { Layer } from '../../package/layer.ts';
import type { Chip, ModelPackage } from '../../package/package.ts';
import { isHeldBy } from '../../scenes/lossless.ts';
import { isHeld } from '../../scenes/table/bandValue.ts';
import { makeTextChip } from '../../scenes/table/textChip.ts';
import { classColumn } from '../../tasks/classes.ts';
import { shown } from '../requests/input.ts';
import { missingIn } from '../requests/inputAnswer.ts';
import type { OnlineRoute, PredictionPorts } from './answer.ts';
import type { Prediction } from './batcher.ts';
import { assertNotEncoded } from './bodyInputs.ts';
import type { Given } from './given.ts';
import { type HttpRequest, type HttpResponse, jsonResponse, modelFailed, Problem } from './http.ts';
import { assertPixelsFit } from './mask.ts';
import type { Predictor } from './predictor.ts';
import { anotherTurn, isTurnOver } from './turns.ts';

/**
 * The routes of the Open Inference Protocol, version 2. The one input is chips as they are in scene files, which are prepared as those are, or `texts`;
 * the outputs are the columns of predictions, and the maps of pixel models.
 */
export function openInferenceRoutes(ports: OpenInferencePorts): OnlineRoute[] {
  const { models, load, predictor, seconds, count, isReady } = ports;
  const find = async ([name = '', version]: readonly string[]) => models.find(name, version ?? null);
  const ofModel = (path: string, method: OnlineRoute['method'], reply: OnlineRoute['reply']): OnlineRoute[] =>
    ['/v2/models/{model}', '/v2/models/{model}/versions/{version}'].map((model) => ({
      method,
      path: `${model}${path}`,
      reply: (given) => {
        const [parameter] = given.request.query.keys();
        if (parameter === undefined) return reply(given);
        throw new Problem(
          400,
          `Found the parameter ${citedStart(parameter, 100)}, allowed is none: a version is a part of the path, /v2/models/MODEL/versions/VERSION.`,
        );
      },
    }));
  return [
    {
      method: 'GET',
      path: '/v2',
      reply: () => jsonResponse({ name: 'swath', version: RELEASE, extensions: ['binary_tensor_data'] }),
    },
    { method: 'GET', path: '/v2/health/live', reply: () => jsonResponse({ live: true }) },
    { method: 'GET', path: '/v2/health/ready', reply: () => jsonResponse({ ready: isReady() }, isReady() ? 200 : 503) },
    ...ofModel('/ready', 'GET', async ({ parts, about }) => {
      about.model = await find(parts);
      await predictor(about.model);
      return jsonResponse({ name: about.model.name, ready: true });
    }),
    ...ofModel('', 'GET', async ({ parts, about }) => {
      about.model = await find(parts);
      const model = await load(about.model);
      const described = ({ name, datatype, shape }: Described) => ({ name, datatype, shape: [-1, ...shape] });
      return jsonResponse({
        name: model.name,
        versions: [model.version],
        platform: `swath_${model.task.name}`,
        inputs: [described(inputOf(model))],
        outputs: outputsOf(model).map(described),
      });
    }),
    ...ofModel('/infer', 'POST', async ({ request, parts, about }) => {
      assertNotEncoded(request.headers);
      about.model = await find(parts);
      const { model, predictRead } = await predictor(about.model);
      const { fields, tensors } = readBody(request, model);
      const asked = askedOutputs(fields, model);
      const chips = await chipsIn(tensors[0]!, model);
      about.inputs = chips.length;
      const maps = asked.filter(({ output }) => output.shape.length >= 3);
      const pixels = maps.reduce((sum, { output }) => sum + output.shape.reduce((all, size) => all * size, 1), 0);
      const remedy = 'Send fewer chips, or ask for fewer outputs.';
      assertPixelsFit(pixels * chips.length, `maps of ${chips.length} chips`, remedy);
      const predictions = (await predictRead(chips, seconds, request.isGone)).map((outcome, i) => {
        if (outcome && 'error' in outcome) throw modelFailed(`${INPUT}[${i}]`, outcome.error);
        const missing = outcome && missingIn(outcome.values, outcome.at, model);
        if (missing) throw new Problem(422, `${INPUT}[${i}]: ${missing}`);
        return outcome ?? null;
      });
      const id = randomUUID();
      const own = typeof fields['id'] === 'string' && { id: fields['id'] };
      const named = { model_name: model.name, model_version: model.version, ...own, parameters: { request: id } };
      const response = responseOf(named, asked, predictions);
      const given = chips.map((chip, place): Given => {
        return { place, id: null, digest: null, chip, prediction: predictions[place]! };
      });
      count?.({ request: id, model, given });
      return response;
    }),
  ];
}

export type OpenInferencePorts = Pick<PredictionPorts, 'seconds' | 'count'> & {
  models: Pick<PredictionPorts['models'], 'find'>;
  predictor: (model: ModelRef) => Promise<Pick<Predictor, 'model' | 'predictRead'>>;
  load: (model: ModelRef) => Promise<ModelPackage>;
  isReady: () => boolean;
};

/** A tensor of a model; its shape is that for one chip. */
type Described = { readonly name: string; readonly datatype: messages.Datatype; readonly shape: readonly number[] };

/** Sends the values for the predictions, of which those of blank chips are null. */
type Output = Described & { valuesOf(predictions: readonly (Prediction | null)[]): messages.NamedTensor['data'] };

/** JSON is parsed in one go; so much takes some ten milliseconds. */
export const MAX_JSON_BYTES = 4 * 1024 ** 2;
const INPUT = 'chips';
/** What stands for a class's value where there is none; the class's name is empty then. */
const NO_LABEL = -1;

/** One tensor has all source bands, of the smallest type that holds them all, or the text, or two. */
function inputOf({ source, tensor, text }: ModelPackage): Described & { type?: DataType } {
  const { bands, height, width } = storedIn(source);
  if (text) return { name: 'texts', datatype: 'BYTES', shape: text.columns.length > 1 ? [text.columns.length] : [] };
  const type = dataTypes.find((one) => bands.every(({ dataType }) => isHeldBy(dataType, one)))!;
  const shape = tensor.dimensions.includes('height') ? [bands.length, height, width] : [bands.length];
  return { name: INPUT, datatype: messages.datatypeOf(type), shape, type };
}

function readBody({ body, headers }: Pick<HttpRequest, 'body' | 'headers'>, model: ModelPackage) {
  const check = (tensors: readonly messages.DescribedTensor[]) => assertIsInput(tensors, model);
  return attempt(
    () => messages.decodeBody(body, 'inputs', headers[JSON_LENGTH_HEADER], MAX_JSON_BYTES, check),
    insteadOf(InvalidMessage, ({ message }) => new Problem(400, message)),
  );
}

/** @throws {Problem} with 422 for other tensors than the input */
function assertIsInput(tensors: readonly messages.DescribedTensor[], model: ModelPackage): void {
  const wanted = inputOf(model);
  const words = `one tensor ${wanted.name} of ${wanted.datatype} [${['n', ...wanted.shape].join(', ')}]`;
  const [given] = tensors;
  if (tensors.length !== 1 || given === undefined || given.name !== wanted.name)
    throw new Problem(
      422,
      `Found ${tensors.length === 0 ? 'no tensor' : `the tensors ${citedStart(tensors.map(({ name }) => name).join(', '), 100)}`}, allowed is ${words}.`,
    );
  const [chips = 0, ...shape] = given.shape;
  if (given.datatype !== wanted.datatype || shape.join() !== wanted.shape.join())
    throw new Problem(
      422,
      `Found ${wanted.name} of ${given.datatype} [${given.shape.join(', ')}], allowed is ${words}.`,
    );
  if (chips < 1 || chips > MAX_REQUEST_INPUTS)
    throw new Problem(422, `Found ${chips} chips, allowed are 1 to ${MAX_REQUEST_INPUTS}.`);
}

/** Returns the chips of a request. Those of a band whose type is the tensor's are views of it. */
async function chipsIn(given: messages.NamedTensor, model: ModelPackage): Promise<Chip[]> {
  const textChip = await makeTextChip(model);
  if (textChip !== undefined) {
    const { length } = model.text!.columns;
    const textsOf = (chip: number) => Array.from({ length }, (_, i) => String(given.data[chip * length + i]));
    const chips: Chip[] = [];
    for (let index = 0; index < given.shape[0]!; index += 1) {
      if (isTurnOver()) await anotherTurn();
      chips.push({ place: { index, kind: 'index' }, truth: null, ...textChip(textsOf(index)) });
    }
    return chips;
  }
  const wanted = inputOf(model);
  const data = given.data as Plane;
  const { bands, height, width } = storedIn(model.source);
  const pixels = height * width;
  return Array.from({ length: given.shape[0]! }, (_, index): Chip => {
    const planes = bands.map(({ name, dataType, asMeant }, band) => {
      const first = (index * bands.length + band) * pixels;
      const values = data.subarray(first, first + pixels);
      if (dataType === wanted.type) return asMeant(values);
      const plane = makePlane(dataType, pixels);
      plane.set(values);
      const at = values.findIndex((value, i) => !isHeld(dataType, value, plane[i]!));
      if (at >= 0)
        throw new Problem(
          422,
          `${INPUT}[${index}]: band ${name}: found ${values[at]} for pixel ${at}, allowed is a value of ${dataType}.`,
        );
      return asMeant(plane);
    });
    return { place: { index, kind: 'index' }, planes, truth: null };
  });
}

/** The columns of a prediction, of which those of the classes are one tensor; then each map. */
function outputsOf(model: ModelPackage): Output[] {
  const groups = new Map<string, string>();
  for (const { value } of model.classes)
    groups.set(classColumn('p', value), 'probabilities').set(classColumn('share', value), 'shares');
  const tensors = Map.groupBy(model.task.columns(model), ({ name }) => groups.get(name) ?? name);
  const maps = Map.groupBy((model.task.layers?.(model) ?? []).entries(), ([, { map }]) => map);
  return [
    ...[...tensors].map(([name, of]) => outputOfColumns(name, name === of[0]!.name ? [] : [of.length], of)),
    ...[...maps].map(([map, layers]) => outputOfMap(map, layers, model)),
  ];
}

/** The columns of predictions, each with the array that holds it; texts are BYTES. */
const NUMBERS = { INT32: Int32Array, FLOAT: Float32Array, DOUBLE: Float64Array } as const;
const DATATYPES = { INT32: 'INT32', FLOAT: 'FP32', DOUBLE: 'FP64' } as const;

function outputOfColumns(name: string, shape: readonly number[], columns: readonly Column[]): Output {
  const type = columns[0]!.type as keyof typeof NUMBERS | 'STRING';
  const valuesOf: Output['valuesOf'] = (predictions) => {
    const values = predictions.flatMap((one) => columns.map((column) => one?.values[column.name]?.[one.at] ?? null));
    if (type === 'STRING') return values.map((value) => String(value ?? ''));
    const none = type === 'INT32' ? NO_LABEL : Number.NaN;
    return NUMBERS[type].from(values.map((value) => (value === null ? none : Number(value))));
  };
  return { name, datatype: type === 'STRING' ? 'BYTES' : DATATYPES[type], shape, valuesOf };
}

function outputOfMap(map: string, layers: readonly [number, Layer][], model: ModelPackage): Output {
  const { height, width } = model.output.pixels!;
  const [, { dataType, nodata }] = layers[0]!;
  const pixels = height * width;
  const valuesOf: Output['valuesOf'] = (predictions) => {
    const values = makePlane(dataType, predictions.length * layers.length * pixels).fill(nodata);
    for (const [chip, one] of predictions.entries())
      for (const [i, [layer]] of layers.entries()) {
        const plane = one?.planes?.[layer];
        if (plane !== undefined) values.set(plane, (chip * layers.length + i) * pixels);
      }
    return values;
  };
  return { name: map, datatype: messages.datatypeOf(dataType), shape: [layers.length, height, width], valuesOf };
}

type Asked = readonly { readonly output: Output; readonly isBinary: boolean }[];

/** Returns the outputs that a request names, by default all, and which of them shall be binary. */
function askedOutputs({ outputs, parameters }: { [field: string]: unknown }, model: ModelPackage): Asked {
  const there = outputsOf(model);
  const areBinary = Object(parameters).binary_data_output === true;
  const wanted = outputs ?? [];
  if (!Array.isArray(wanted)) throw new Problem(400, 'outputs is no list.');
  if (wanted.length === 0) return there.map((output) => ({ output, isBinary: areBinary }));
  const asked = wanted.map((one: unknown) => {
    const { name, parameters: own } = Object(one) as { name?: unknown; parameters?: unknown };
    const output = there.find((known) => known.name === name);
    const names = there.map((known) => known.name).join(', ');
    const found = typeof name === 'string' ? citedStart(name, 100) : shown(one);
    if (output === undefined) throw new Problem(422, `There is no output ${found}, allowed are ${names}.`);
    const { binary_data: isBinary = areBinary, ...others } = Object(own) as { binary_data?: unknown };
    const [other] = Object.keys(others);
    if (other !== undefined)
      throw new Problem(400, `${output.name}: found the parameter ${citedStart(other, 100)}, allowed is binary_data.`);
    return { output, isBinary: isBinary === true };
  });
  if (new Set(asked.map(({ output }) => output)).size < asked.length)
    throw new Problem(422, 'Found an output twice, allowed is each once.');
  return asked;
}

/** Of `about`, the parameter `request` is the id by which truth names the predictions; `id` is the sender's own. */
function responseOf(about: object, asked: Asked, predictions: readonly (Prediction | null)[]): HttpResponse {
  const binary = new Set(asked.filter(({ isBinary }) => isBinary).map(({ output }) => output.name));
  const tensors = asked.map(({ output: { name, datatype, shape, valuesOf } }) => {
    return { name, datatype, shape: [predictions.length, ...shape], data: valuesOf(predictions) };
  });
  const { bytes, headers } = messages.encodeBody(about, 'outputs', tensors, ({ name }) => binary.has(name));
  return { status: 200, headers: { ...headers, 'cache-control': 'no-store' }, body: bytes };
}
