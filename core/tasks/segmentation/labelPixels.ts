import { sigmoid } from '../../arrays/activation.ts';
import { isFloat, makePlane, type Plane } from '../../arrays/dataTypes.ts';
import type { Area } from '../../package/area.ts';
import type { PackageFacts } from '../../package/facts.ts';
import type { PixelLayout } from '../../package/outputLayout.ts';

/** The classes of the pixels of a chip's area. */
export type LabelledArea = {
  /** The class's value of each pixel, row by row, or the map's nodata. */
  readonly labels: Plane;
  /**
   * For each class (channel of the model), the probability of each pixel in steps of `PROBABILITY_STEP`; empty unless the
   * package asks for it.
   */
  readonly probabilities: readonly Uint8Array[];
  readonly counts: readonly number[];
  /** The sum of these pixels' winning probabilities; NaN if the model returns none. */
  readonly probabilitySum: number;
};

/** Probabilities are stored as bytes in steps of four thousandths: 250 is 1, and 255 is none. */
export const PROBABILITY_STEP = 0.004;
export const NO_PROBABILITY = 255;

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
  const classify = classifierOf(model, layout);

  return (outputs, start, area) => {
    const pixels = area.width * area.height;
    const labels = makePlane(dataType, pixels).fill(nodata);
    const probabilities = Array.from({ length: channels }, () => new Uint8Array(pixels).fill(NO_PROBABILITY));
    const counts = new Array<number>(values.length).fill(0);
    let probabilitySum = 0;
    const pixel: Pixel = { place: -1, probability: Number.NaN };
    let i = 0;
    for (let y = 0; y < area.height; y += 1) {
      let at =
        start +
        (area.y + y - layout.margin.top) * layout.strides.row +
        (area.x - layout.margin.left) * layout.strides.column;
      for (let x = 0; x < area.width; x += 1, i += 1, at += layout.strides.column) {
        if (area.valid !== null && area.valid[i] === 0) continue;
        classify(outputs, at, pixel);
        if (pixel.place < 0) continue;
        labels[i] = values[pixel.place]!;
        counts[pixel.place]! += 1;
        probabilitySum += pixel.probability;
      }
    }
    if (channels > 0) fillProbabilities(model, layout, outputs, start, area, labels, nodata, probabilities);
    return { labels, probabilities, counts, probabilitySum };
  };
}

/** Shared by all pixels of a chip, so that nothing is allocated per pixel. */
type Pixel = { place: number; probability: number };
type Classify = (outputs: Plane, at: number, into: Pixel) => void;

function classifierOf(model: PackageFacts, { channels, strides }: PixelLayout): Classify {
  const step = strides.channel;
  switch (readingOf(model)) {
    case 'scores':
      return model.output.activation === 'softmax' ? softmaxWinner(channels, step) : winner(model, channels, step);
    case 'background':
      return aboveThreshold(model, channels, step);
    default:
      return label(model);
  }
}

/** The first of equals wins, like argmax. */
function winner({ output }: PackageFacts, channels: number, step: number): Classify {
  const isLogistic = output.activation === 'sigmoid';
  return (outputs, at, into) => {
    let [place, highest] = [0, outputs[at]!];
    let isWhole = Number.isFinite(highest);
    for (let channel = 1, from = at + step; channel < channels; channel += 1, from += step) {
      const score = outputs[from]!;
      if (!Number.isFinite(score)) isWhole = false;
      if (score > highest) {
        highest = score;
        place = channel;
      }
    }
    into.place = isWhole ? place : -1;
    into.probability = isLogistic ? sigmoid(highest) : highest;
  };
}

/** The winner's probability is `1 / Σ exp(x - highest)`, because its own term is 1. */
function softmaxWinner(channels: number, step: number): Classify {
  return (outputs, at, into) => {
    let [place, highest] = [0, outputs[at]!];
    for (let channel = 1, from = at + step; channel < channels; channel += 1, from += step) {
      const score = outputs[from]!;
      if (score > highest) {
        highest = score;
        place = channel;
      }
    }
    let total = 0;
    for (let channel = 0, from = at; channel < channels; channel += 1, from += step)
      total += Math.exp(outputs[from]! - highest);
    into.place = Number.isFinite(total) ? place : -1;
    into.probability = 1 / total;
  };
}

function aboveThreshold({ output }: PackageFacts, channels: number, step: number): Classify {
  const { thresholds } = output;
  const isLogistic = output.activation === 'sigmoid';
  return (outputs, at, into) => {
    let [place, most, highest] = [0, -Infinity, -Infinity];
    let isWhole = true;
    for (let channel = 0, from = at; channel < channels; channel += 1, from += step) {
      const probability = isLogistic ? sigmoid(outputs[from]!) : outputs[from]!;
      if (!Number.isFinite(outputs[from]!)) isWhole = false;
      if (probability > highest) highest = probability;
      if (probability >= thresholds[channel + 1]! && probability > most) {
        most = probability;
        place = channel + 1;
      }
    }
    into.place = isWhole ? place : -1;
    into.probability = place === 0 ? 1 - highest : most;
  };
}

function label({ classes }: PackageFacts): Classify {
  const places = new Map(classes.map(({ value }, place) => [value, place]));
  return (outputs, at, into) => {
    into.place = places.get(outputs[at]!) ?? -1;
    into.probability = Number.NaN;
  };
}

/** Fills the maps of probabilities, if the package asks for them: each channel's own, for the pixels that have a class. */
function fillProbabilities(
  { output }: PackageFacts,
  { channels, strides, margin }: PixelLayout,
  outputs: Plane,
  start: number,
  area: Area,
  labels: Plane,
  nodata: number,
  into: readonly Uint8Array[],
): void {
  const scores = new Float64Array(channels);
  for (let i = 0; i < labels.length; i += 1) {
    if (labels[i] === nodata) continue;
    const [y, x] = [area.y + Math.floor(i / area.width) - margin.top, area.x + (i % area.width) - margin.left];
    const at = start + y * strides.row + x * strides.column;
    for (let channel = 0; channel < channels; channel += 1) scores[channel] = outputs[at + channel * strides.channel]!;
    if (output.activation === 'softmax') softmaxInPlace(scores);
    for (let channel = 0; channel < channels; channel += 1) {
      const probability = output.activation === 'sigmoid' ? sigmoid(scores[channel]!) : scores[channel]!;
      into[channel]![i] = Math.round(Math.min(1, Math.max(0, probability)) / PROBABILITY_STEP);
    }
  }
}

function softmaxInPlace(scores: Float64Array): void {
  const highest = scores.reduce((most, score) => Math.max(most, score));
  let total = 0;
  for (let i = 0; i < scores.length; i += 1) total += scores[i] = Math.exp(scores[i]! - highest);
  for (let i = 0; i < scores.length; i += 1) scores[i]! /= total;
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

/** Returns the type of a map of classes: the smallest that holds their values and a nodata value. */
export function mapTypeOf({ classes }: Pick<PackageFacts, 'classes'>): {
  dataType: 'uint8' | 'uint16' | 'int32';
  nodata: number;
} {
  const values = classes.map(({ value }) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const limits = [
    ['uint8', 2 ** 8],
    ['uint16', 2 ** 16],
  ] as const;
  for (const [dataType, end] of limits)
    if (least >= 0 && most < end) {
      const nodata = freeBelow(end, values);
      if (nodata !== undefined) return { dataType, nodata };
    }
  return { dataType: 'int32', nodata: freeBelow(2 ** 31, values)! };
}

/** Returns the largest value below `end` that is not a class's. */
function freeBelow(end: number, values: readonly number[]): number | undefined {
  const taken = new Set(values);
  for (let value = end - 1; value >= 0 && value >= end - 1 - values.length; value -= 1)
    if (!taken.has(value)) return value;
  return undefined;
}
