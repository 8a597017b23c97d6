import { isFloat } from '../arrays/dataTypes.ts';
import { listed } from '../base/errors.ts';
import { losesLetters } from '../base/names.ts';
import { isOtherTask } from './interpretOutput.ts';
import { MLM, type ModelItem, membersOfScaling, OWN_KEYS, parseItem } from './item.ts';
import type { ModelPackage } from './package.ts';
import { namesOf } from './problems.ts';
import { isProvisional } from './todo.ts';

/** MLM's fields of a model's input and output; item.ts reads those that can change a result. */
const MLM_BOTH = ['name', 'description', 'bands', 'variables'];
const MLM_INPUT = [...MLM_BOTH, 'input', 'value_scaling', 'resize_type', 'pre_processing_function'];
const MLM_OUTPUT = [...MLM_BOTH, 'tasks', 'result', 'classification:classes', 'post_processing_function'];

type Files = { item: unknown; reference: unknown; hasCard: boolean };

type Told = Pick<ModelPackage, 'bands' | 'classes' | 'source' | 'inputs' | 'task' | 'output'>;

type Input = ModelItem['properties']['mlm:input'][number];

type Reference = {
  classes?: object;
  bins?: { counts: number[]; below?: number; above?: number };
  calibration?: { [field: string]: unknown };
};

/** Returns remarks on a package that can run: what was meant to be read but is not, and what is missing. */
export function notesOn({ item, reference, hasCard }: Files, model: Told): string[] {
  const { properties, stac_extensions } = parseItem(item);
  const inputs = properties['mlm:input'];
  const [output, ...others] = properties['mlm:output'];
  const mlmTasks = [...new Set([...output.tasks, ...properties['mlm:tasks']])];
  const values = model.classes.length > 0 ? 1 : (model.output.pixels?.channels ?? 1);
  const beside = [item as object, ...Object.values((item as { assets?: object }).assets ?? {}), ...inputs, output];
  const unknown = Object.keys(properties).filter((key) => key.startsWith('swath:') && !OWN_KEYS.includes(key));
  const counted = Object.keys((reference as Reference).classes ?? {});
  const uncounted = model.classes.filter(
    ({ name, title = name }) => ![name, title].some((one) => counted.includes(one)),
  );
  const mlm = stac_extensions.find((address) => MLM.test(address))!;
  return [
    !mlm.includes('/v1.5.') && `item.json: ${mlm} is read as MLM 1.5, and fields that this does not have are ignored`,
    valueNote(model),
    ...orderNotes(model),
    ...nameNotes(model),
    ...unknown.map((key) => notRead('properties', key, OWN_KEYS)),
    ...[...new Set(beside.flatMap(Object.keys).filter((key) => /^(swath:|mlm:accelerator)/.test(key)))].map(
      (key) => `item.json: ${JSON.stringify(key)} stands elsewhere than in properties, where it is not read`,
    ),
    !('version' in properties) &&
      'item.json: properties has no "version", so it is version 0; a changed package needs another one',
    ...inputs.flatMap((input, i) => notesOnInput(input, `properties.mlm:input[${i}]`, model, i)),
    ...unread('properties.mlm:output[0]', output, MLM_OUTPUT),
    ...others.map((_, i) => `item.json: properties.mlm:output[${i + 1}] is not read: only the first one is`),
    values > 1 &&
      `item.json: properties.mlm:output[0] has ${values} values for each pixel; a chip's row and drift have the mean of them all`,
    isOtherTask(model.task, mlmTasks) &&
      `item.json: the task ${listed(mlmTasks)} is unknown, so the model is taken for a ${model.task.name}`,
    model.classes.length > output['classification:classes'].length &&
      `item.json: properties.mlm:output[0] lists one class for one number a pixel, so all other pixels are ${JSON.stringify(model.classes[0]!.name)}, of the value ${model.classes[0]!.value}; list it first to name it otherwise`,
    ...output['classification:classes']
      .filter((one) => 'nodata' in one && one['nodata'] === true)
      .map(({ name }) => notRead(`the class ${JSON.stringify(name)}`, 'nodata', ['value', 'name', 'color_hint'])),
    uncounted.length > 0 &&
      !isProvisional(reference) &&
      `reference.json: has no count for ${listed(namesOf(uncounted))}, so drift is measured as if none were expected`,
    ...warningsOn(reference),
    !hasCard && 'README.md: there is none; a model card says where a model comes from and what it is for',
  ].filter((note) => note !== false);
}

/** Of a model of rows whose example is a raster. */
export const ROWS_OF_PIXELS =
  'the graph takes rows, so each pixel of a raster is a chip of its own, and there is no map; for maps, let the graph take [N, C, H, W], reshape it to rows, and its output back';

/** Says that a class is called as the value of another one, if that is so, and if it is among some texts. */
export function valueNote({ classes }: Pick<Told, 'classes'>, texts?: ReadonlySet<unknown>): string | false {
  const found = classes.find(({ name, value: own, title = name }) =>
    classes.some(({ value }) => value !== own && `${value}` === title && (texts?.has(title) ?? true)),
  );
  if (found === undefined) return false;
  return `item.json: the class ${JSON.stringify(found.name)} is called as the value of another one, so that a truth ${found.name} means that one; a class called by a number had best have it as its value`;
}

/** Remarks for whoever promotes a version in the place of another one: what its package changes. */
export function notesOnChange({ truth, classes, gate }: ModelPackage, before: ModelPackage): string[] {
  const nameBefore = (of: number) => before.classes.find(({ value }) => value === of)?.name;
  const other = classes.find(({ name, value }) => truth !== null && (nameBefore(value) ?? name) !== name);
  return [
    before.gate &&
      !gate &&
      'swath:gate: found none, and the version before has one. Without one, nothing in a package refuses the next version',
    other &&
      `swath:truth: the truth ${other.value} in a scene file is ${other.name} for this version, and ${nameBefore(other.value)} for ${before.version}; give each class the value that the files have for it`,
  ].filter((note) => typeof note === 'string');
}

/** Says that the classes are listed in another order than their values, which may be meant as places in the graph's output. */
export function orderNotes({ classes, output }: Pick<Told, 'classes' | 'output'>): string[] {
  const values = classes.map(({ value }) => value);
  const arePlaces = values.toSorted((a, b) => a - b).every((value, place) => value === place);
  // A single number a pixel may be the class's value itself.
  const isValue = output.pixels?.channels === 1 && (!isFloat(output.dataType) || classes.length > 2);
  if (isValue || !arePlaces || values.every((value, place) => value === place)) return [];
  return [
    `item.json: the classes are listed with the values ${values.join(', ')}, and the graph's first number is taken for the first one listed, ${JSON.stringify(classes[0]!.name)}; if a value is the number's place in the graph's output, list the classes by their values`,
  ];
}

/** Says how classes are called whose names have other letters than Latin ones. */
export function nameNotes({ classes }: Pick<Told, 'classes'>): string[] {
  const changed = classes.filter(({ title }) => title !== undefined && losesLetters(title));
  if (changed.length === 0) return [];
  const names = listed(changed.map(({ name, title }) => `${JSON.stringify(title)} as ${name}`));
  return [
    `item.json: the console, reports, e-mails, tables and answers show the class ${names}, as only Latin letters are kept; for names that people can read, write them in Latin letters, and these in the classes' "description"`,
  ];
}

/** Remarks for whoever checks, publishes or promotes a package by whose `reference.json` drift or accuracy say nothing. */
export function warningsOn(reference: unknown): string[] {
  const { classes = {}, bins, calibration } = reference as Reference;
  const inBins = Object.entries({ ...bins?.counts, below: bins?.below, above: bins?.above });
  const counted = [...Object.entries(classes), ...inBins].filter(([, count]) => count > 0);
  const [only] = counted;
  return [
    isProvisional(reference) &&
      'reference.json: is provisional, so there is no verdict on drift; "npx swath model profile FOLDER --data FILE" makes one of data that you trust',
    counted.length === 1 &&
      `reference.json: counts ${bins === undefined ? '' : 'bin '}${JSON.stringify(only![0])} only; a model that predicts the same of each chip never drifts from it, and tells nothing`,
    calibration !== undefined &&
      typeof calibration['meanProbability'] !== 'number' &&
      'reference.json: calibration has no meanProbability, so nobody can see whether the probabilities say what "right" and "chips" do; "swath model calibrate" measures them',
  ].filter((note) => note !== false);
}

function notesOnInput(input: Input, where: string, model: Told, i: number): string[] {
  const unscaled = `item.json: ${where} has no value_scaling, so the model gets the file's own values; null says that this is meant`;
  const steps = (input.value_scaling ?? []).flatMap((scaling, step) =>
    unread(`${where}.value_scaling[${step}]`, scaling, membersOfScaling(scaling)),
  );
  return [...unread(where, input, MLM_INPUT), ...steps, ...(isScalingLeftOut(input, model, i) ? [unscaled] : [])];
}

/** Returns whether a float input gets unscaled integers without the item saying so. */
function isScalingLeftOut(input: object, { bands, source, inputs }: Told, i: number): boolean {
  const { first, count, tensor } = inputs[i]!;
  if ('value_scaling' in input || !tensor.dataType.startsWith('float')) return false;
  return bands
    .slice(first, first + count)
    .some((band) => 'source' in band && !source.bands[band.source]!.dataType.startsWith('float'));
}

/** Returns keys that MLM does not define. Most are misspelt or of an older release: they were meant to do something. */
function unread(where: string, part: object, known: readonly string[]): string[] {
  const others = Object.keys(part).filter((key) => !known.includes(key) && !/^.+:/.test(key));
  return others.map((key) => notRead(where, key, known));
}

const notRead = (where: string, key: string, known: readonly string[]) =>
  `item.json: ${where} has ${JSON.stringify(key)}, which is not read; known are ${known.join(', ')}`;
