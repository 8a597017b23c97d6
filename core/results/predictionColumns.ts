import { chipId } from '../base/messages.ts';
import { type Acquired, timeOf } from '../base/time/acquired.ts';
import { isMasked } from '../measures/blanks/mask.ts';
import { type Column, carriedBy, MASKED, MEMBER, type Values, type ValuesOf } from '../package/carry.ts';
import type { ModelPackage } from '../package/package.ts';
import type { Summed, Task } from '../package/task.ts';
import type { PreparedPart, Windows } from '../scenes/preparedPart.ts';
import { FOOTPRINT_NUMBERS } from '../scenes/raster/footprint.ts';
import { segmentSums } from './chipSegments.ts';
import { encodeFootprint, GEOMETRY, pointsOf } from './geometry.ts';

export type Content = { run: string; digest: string };
/** Where a chip comes from: `scene` is the key of the file. */
export type Origin = Content & { scene: string; acquired?: Acquired | undefined };

export const INDEX = { name: 'index', type: 'INT32', isRequired: true, isDistinct: true } as const;
export const PLACE = [
  { name: 'chip_id', type: 'STRING', isRequired: true, isDistinct: true },
  INDEX,
  { name: 'offset', type: 'INT64', isRequired: true, isDistinct: true },
  { name: 'length', type: 'INT32', isRequired: true },
] as const satisfies readonly Column[];
export const WINDOW = [
  { name: 'x', type: 'INT32', isOptional: true },
  { name: 'y', type: 'INT32', isOptional: true },
  { name: 'width', type: 'INT32', isOptional: true },
  { name: 'height', type: 'INT32', isOptional: true },
  { name: GEOMETRY, type: 'BYTE_ARRAY', isOptional: true },
  { name: 'hectares', type: 'DOUBLE', isDistinct: true, isOptional: true },
] as const satisfies readonly Column[];
/** Of late truths: how the chip was chosen, if it was not at random. */
export const SAMPLE: Column = { name: 'sample', type: 'STRING', isOptional: true };
/** Of late truths: the seed with which the chip was drawn at random, if it was. */
export const SEED: Column = { name: 'seed', type: 'DOUBLE', isOptional: true };
export const ORIGIN = [
  { name: 'digest', type: 'STRING', isRequired: true },
  { name: 'scene', type: 'STRING', isRequired: true },
  { name: 'run', type: 'STRING', isRequired: true },
  { name: 'acquired', type: 'TIMESTAMP', isOptional: true },
] as const satisfies readonly Column[];

/** Outputs for chips, with their places, files and truths: core/tables/predictions.json says what each column is. */
export type Predictions = Values &
  ValuesOf<[...typeof PLACE, ...typeof ORIGIN, ...typeof WINDOW, ...typeof MEMBER]> & {
    /** Named as the task names it. */
    readonly truth: ArrayLike<number | null>;
    readonly true_value: ArrayLike<number | null>;
  };

export function columnsOf(model: ModelPackage): Column[] {
  const carried = carriedBy(model).map(({ name, type }): Column => ({ name, type, isOptional: true }));
  return [...withPlace(model.task, model.task.columns(model)), ...carried];
}

export const saidColumns = (task: Task): Column[] =>
  withPlace(task, task.said.columns).concat({ ...MASKED, isOptional: true });

function withPlace({ truth }: Task, columns: readonly Column[]): Column[] {
  return [...PLACE, ...columns, { name: truth.name, type: truth.type }, ...ORIGIN, ...WINDOW, ...MEMBER];
}

/** Joins a part's decoded predictions with the chips' places, in memory of their own. */
export function placed(
  part: PreparedPart,
  decoded: Values,
  model: ModelPackage,
  originOf: (chip: number) => Origin,
): Predictions {
  const { chips, index, offset, length, window, truth, carried = [] } = part;
  const origins = Array.from({ length: chips }, (_, chip) => originOf(chip));
  return {
    ...decoded,
    chip_id: origins.map(({ digest }, chip) => chipId(digest, index[chip]!)),
    index: index.slice(),
    offset: offset.slice(),
    length: length.slice(),
    truth,
    true_value: truth,
    digest: origins.map(({ digest }) => digest),
    scene: origins.map(({ scene }) => scene),
    run: origins.map(({ run }) => run),
    acquired: origins.map(({ acquired }) => timeOf(acquired)),
    member: Array<null>(chips).fill(null),
    request_id: Array<null>(chips).fill(null),
    ...windowsOf(window, chips, pointsOf(carried)),
    hectares: hectaresOf(part, decoded, model),
    ...Object.fromEntries(carried.map(({ name, values }) => [name, values])),
  };
}

function windowsOf(windows: Windows | undefined, chips: number, pointOf: (chip: number) => Uint8Array | null) {
  const inPixels = (name: 'x' | 'y' | 'width' | 'height') =>
    Array.from({ length: chips }, (_, chip) => (windows?.width[chip] ? windows[name][chip]! : null));
  const geometry = Array.from({ length: chips }, (_, chip) => {
    if (!windows?.width[chip]) return pointOf(chip);
    const corners = windows.footprint.subarray(chip * FOOTPRINT_NUMBERS, (chip + 1) * FOOTPRINT_NUMBERS);
    return Number.isNaN(corners[0]) ? null : encodeFootprint(corners);
  });
  return { x: inPixels('x'), y: inPixels('y'), width: inPixels('width'), height: inPixels('height'), geometry };
}

export const nameOf = ({ run, digest }: Content): string => `${run} ${digest}`;

export const rowNames = ({ digest, run }: Predictions): string[] =>
  Array.from(digest, (content, chip) => nameOf({ run: run[chip]!, digest: content }));

/** Groups predictions by name, keeping their order. */
export function byName(predictions: Predictions): Map<string, Predictions> {
  const names = rowNames(predictions);
  const places = Map.groupBy(names.keys(), (chip) => names[chip]!);
  return new Map([...places].map(([name, chips]) => [name, picked(predictions, chips)]));
}

/** Returns the predictions that count in drift and accuracy: those of chips that clouds do not hide. */
export function counted(predictions: Predictions, model: ModelPackage): Predictions {
  const masked = predictions[MASKED.name] as Values[string] | undefined;
  if (masked === undefined) return predictions;
  const shown = Array.from(masked).flatMap((share, chip) => (isMasked(share, model.mask) ? [] : [chip]));
  return picked(predictions, shown);
}

export function countedSum(predictions: Predictions, model: ModelPackage): Summed {
  const own = counted(predictions, model);
  const sumOf = (some: Predictions) => model.task.summary.of(some, model);
  return { ...sumOf(own), ...segmentSums(own, model, (chips) => sumOf(picked(own, chips))) };
}

export function picked(values: Values, chips: readonly number[]): Predictions {
  const columns = Object.entries(values).map(([name, all]) => [name, chips.map((chip) => all[chip])]);
  return Object.fromEntries(columns) as Predictions;
}

/**
 * Returns the land that each chip counts for, so that sums count no land twice: of numbers per pixel, that of its pixels in the map of its scene; of
 * others, what no chip to its left or above it has. Null if it is not known where it lies, or if clouds hide it.
 */
export function hectaresOf(
  { window, chips, carried = [] }: Pick<PreparedPart, 'window' | 'chips' | 'carried'>,
  { pixels }: Values,
  model: ModelPackage,
): (number | null)[] {
  const masked = carried.find(({ name }) => name === MASKED.name)?.values;
  return Array.from({ length: chips }, (_, chip) => {
    if (!window?.width[chip] || isMasked(masked?.[chip], model.mask)) return null;
    const hectares = window.hectares[chip]!;
    return Number.isNaN(hectares) ? null : hectares * (pixels === undefined ? 1 : pixelShare(window, chip));
  });

  function pixelShare({ width, height }: Windows, chip: number): number {
    const { upscaling = 1 } = model.output.pixels ?? {};
    return Number(pixels![chip]) / (width[chip]! * height[chip]! * upscaling ** 2);
  }
}
