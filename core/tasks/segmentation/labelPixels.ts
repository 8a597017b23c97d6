import { sigmoid, softmaxRows } from '../../arrays/activation.ts';
import { isFloat, limitIn, makePlane, type Plane, rangeOf } from '../../arrays/dataTypes.ts';
import type { Area } from '../../package/area.ts';
import type { PackageFacts } from '../../package/facts.ts';
import type { PixelLayout } from '../../package/outputLayout.ts';
import { hasSeveral } from '../../statistics/calibration/conformal.ts';

export type LabelledArea = {
  /** The class's value of each pixel, row by row, or the map's nodata. */
  readonly labels: Plane;
  /** For each class (channel), its pixels' probabilities in `PROBABILITY_STEP`s; empty unless the package asks. */
  readonly probabilities: readonly Uint8Array[];
  /** 1 for a pixel that may be of several classes, else 0; null if the package has no threshold. */
  readonly unsure: Uint8Array | null;
  readonly counts: readonly number[];
  /** The sum of these pixels' winning probabilities; NaN if the model returns none. */
  readonly probabilitySum: number;
};

/** Probabilities are stored as bytes in steps of four thousandths: 250 is 1, and 255 is none. */
export const PROBABILITY_STEP = 0.004;
export const NO_PROBABILITY = 255;

/** Returns the threshold of the prediction sets of pixels, if the package has one and the model returns probabilities. */
export const thresholdOf = (model: Pick<PackageFacts, 'classes' | 'output' | 'heldOut'>): number | undefined =>
  readingOf(model) === 'labels' ? undefined : model.heldOut?.threshold;

/**
 * Makes the function that labels one chip: it reads `outputs` from `start` on, in the model's layout, and visits each
 * number once. A pixel without data, or with a number that is not finite, has no class.
 */
export function makeLabelPixels(model: PackageFacts): (outputs: Plane, start: number, area: Area) => LabelledArea {
  const { classes, output } = model;
  const layout = output.pixels!;
  const values = classes.map(({ value }) => value);
  const { dataType, nodata } = mapTypeOf(model);
  const channels = output.probabilities ? layout.channels : 0;
  const reading = readingOf(model);
  const read = reading === 'scores' ? winner : reading === 'background' ? aboveThreshold : label;
  const classify = read(model, layout);
  const threshold = thresholdOf(model);
  const probabilitiesAt = channels > 0 || threshold !== undefined ? makeProbabilities(model) : null;
  const unnamed = values.length - channels;

  return (outputs, start, area) => {
    const pixels = area.width * area.height;
    const labels = makePlane(dataType, pixels).fill(nodata);
    const probabilities = Array.from({ length: channels }, () => new Uint8Array(pixels).fill(NO_PROBABILITY));
    const unsure = threshold === undefined ? null : new Uint8Array(pixels).fill(NO_PROBABILITY);
    const counts = new Array<number>(values.length).fill(0);
    let probabilitySum = 0;
    const row: Row = { places: new Int32Array(area.width), probabilities: new Float64Array(area.width) };
    let i = 0;
    for (let y = 0; y < area.height; y += 1) {
      const first =
        start +
        (area.y + y - layout.margin.top) * layout.strides.row +
        (area.x - layout.margin.left) * layout.strides.column;
      classify(outputs, first, row);
      for (let x = 0; x < area.width; x += 1, i += 1) {
        const place = row.places[x]!;
        if (place < 0 || (area.valid !== null && area.valid[i] === 0)) continue;
        labels[i] = values[place]!;
        counts[place]! += 1;
        probabilitySum += row.probabilities[x]!;
        if (probabilitiesAt === null) continue;
        const all = probabilitiesAt(outputs, first + x * layout.strides.column);
        if (unsure !== null) unsure[i] = hasSeveral(all, threshold!, place) ? 1 : 0;
        for (let channel = 0; channel < channels; channel += 1)
          probabilities[channel]![i] = Math.round(Math.min(1, Math.max(0, all[unnamed + channel]!)) / PROBABILITY_STEP);
      }
    }
    return { labels, probabilities, unsure, counts, probabilitySum };
  };
}

/** The places of a row's classes, -1 for none, and their probabilities: arrays, as objects allocate each fraction. */
type Row = { readonly places: Int32Array; readonly probabilities: Float64Array };
type Classify = (outputs: Plane, start: number, into: Row) => void;

/** The first of equals wins, like argmax. Its softmax is `1 / Σ exp(x - highest)`, because its own term is 1. */
function winner({ output: { activation } }: PackageFacts, { channels, strides }: PixelLayout): Classify {
  const isSoftmax = activation === 'softmax';
  return (outputs, start, { places, probabilities }) => {
    for (let x = 0, at = start; x < places.length; x += 1, at += strides.column) {
      let place = 0;
      let highest = outputs[at]!;
      let total = 0; // finite only if each number is
      for (let channel = 0, from = at; channel < channels; channel += 1, from += strides.channel) {
        const score = outputs[from]!;
        total += score;
        if (score > highest) {
          highest = score;
          place = channel;
        }
      }
      if (isSoftmax) {
        total = 0;
        for (let channel = 0, from = at; channel < channels; channel += 1, from += strides.channel)
          total += Math.exp(outputs[from]! - highest);
      }
      places[x] = Number.isFinite(total) ? place : -1;
      probabilities[x] = isSoftmax ? 1 / total : activation === 'sigmoid' ? sigmoid(highest) : highest;
    }
  };
}

function aboveThreshold({ output }: PackageFacts, { channels, strides }: PixelLayout): Classify {
  const isLogistic = output.activation === 'sigmoid';
  const type = isLogistic ? 'float64' : output.dataType;
  const thresholds = output.thresholds.map((threshold) => limitIn(type, threshold));
  return (outputs, start, { places, probabilities }) => {
    for (let x = 0, at = start; x < places.length; x += 1, at += strides.column) {
      let place = 0;
      let most = -Infinity;
      let highest = -Infinity;
      let isWhole = true;
      for (let channel = 0, from = at; channel < channels; channel += 1, from += strides.channel) {
        const probability = isLogistic ? sigmoid(outputs[from]!) : outputs[from]!;
        if (!Number.isFinite(outputs[from]!)) isWhole = false;
        if (probability > highest) highest = probability;
        if (probability >= thresholds[channel + 1]! && probability > most) {
          most = probability;
          place = channel + 1;
        }
      }
      places[x] = isWhole ? place : -1;
      probabilities[x] = place === 0 ? 1 - highest : most;
    }
  };
}

function label({ classes }: PackageFacts, { strides }: PixelLayout): Classify {
  const known = new Map(classes.map(({ value }, place) => [value, place]));
  return (outputs, start, { places, probabilities }) => {
    for (let x = 0, at = start; x < places.length; x += 1, at += strides.column)
      places[x] = known.get(outputs[at]!) ?? -1;
    probabilities.fill(Number.NaN);
  };
}

/** Makes what returns the probability of each class of the pixel whose numbers begin at `at`, in one array for all. */
export function makeProbabilities(model: PackageFacts): (outputs: Plane, at: number) => Float64Array {
  const { activation, pixels } = model.output;
  const { channels, strides } = pixels!;
  const all = new Float64Array(model.classes.length);
  const named = all.subarray(all.length - channels);
  return (outputs, at) => {
    for (let channel = 0; channel < channels; channel += 1) {
      const score = outputs[at + channel * strides.channel]!;
      named[channel] = activation === 'sigmoid' ? sigmoid(score) : score;
    }
    if (activation === 'softmax') softmaxRows(named, channels);
    if (channels < all.length) all[0] = 1 - Math.max(...named); // the first class is what no other is
    return all;
  };
}

/**
 * How a pixel's class is read from the model's numbers for it:
 *
 * - `scores`: one for each class; the highest wins
 * - `background`: one for each class but the first, which a pixel gets if no other class reaches its threshold
 * - `labels`: the class's value itself
 *
 * Null if the numbers fit none of these.
 */
type Reading = 'scores' | 'background' | 'labels' | null;

export function readingOf({ classes, output }: Pick<PackageFacts, 'classes' | 'output'>): Reading {
  const channels = output.pixels?.channels ?? 0;
  const isLabel = channels === 1 && output.activation === null && (!isFloat(output.dataType) || classes.length > 2);
  if (isLabel) return 'labels';
  if (!isFloat(output.dataType) || classes.length < 2) return null;
  if (channels === classes.length) return 'scores';
  return channels === classes.length - 1 && output.activation !== 'softmax' ? 'background' : null;
}

type MapType = { dataType: 'uint8' | 'uint16' | 'int32'; nodata: number };

/** Returns the type of a map of classes: the smallest that holds their values and a nodata value. */
export function mapTypeOf({ classes }: Pick<PackageFacts, 'classes'>): MapType {
  const values = classes.map(({ value }) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  for (const dataType of ['uint8', 'uint16'] as const) {
    const end = rangeOf(dataType).high + 1;
    const nodata = least >= 0 && most < end ? freeBelow(end, values) : undefined;
    if (nodata !== undefined) return { dataType, nodata };
  }
  return { dataType: 'int32', nodata: freeBelow(2 ** 31, values)! };
}

function freeBelow(end: number, values: readonly number[]): number | undefined {
  const taken = new Set(values);
  for (let value = end - 1; value >= 0 && value >= end - 1 - values.length; value -= 1)
    if (!taken.has(value)) return value;
  return undefined;
}
