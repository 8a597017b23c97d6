import type { Plane } from '../../arrays/dataTypes.ts';
import { type Area, areasOf } from '../../package/area.ts';
import type { Values } from '../../package/carry.ts';
import type { PackageFacts } from '../../package/facts.ts';
import type { Layer } from '../../package/layer.ts';
import type { Offence, Task } from '../../package/task.ts';
import * as shared from '../classes.ts';
import { WINNER, type Winners } from '../classification/classCounts.ts';
import { classification } from '../classification/classification.ts';
import type { ClassReference } from '../classification/reference.ts';
import { total } from '../confusion.ts';
import { mapClasses } from '../mapClasses.ts';
import type { LabelledArea } from './labelPixels.ts';
import { makeLabelPixels, mapTypeOf, NO_PROBABILITY, PROBABILITY_STEP, readingOf, thresholdOf } from './labelPixels.ts';
import { countMaskTruths, inLand, rightInMasks } from './maskTruth.ts';
import { parseShares } from './reference.ts';
import { numbersOf, PIXELS, type ShareCounts, shareColumn, shareCounts } from './shareCounts.ts';

/** Assigns each pixel one class. A chip's row says how much of it each class takes. */
export const segmentation: Task<ShareCounts, ClassReference> = {
  name: 'segmentation',
  mlmTasks: ['semantic-segmentation', 'segmentation'],
  takes: ({ isOfPixels }) => isOfPixels,
  shape: ({ output }) => output.pixels?.shape ?? [],
  output: {
    dimensions:
      '"batch", then "height", "width" and, where the model gives each class a number, one dimension of classes',
    shape: 'for each chip, a number for each pixel and class',
    each: 'a finite number for each class of a pixel at least',
  },

  checkOutput: ({ classes, output }, path, check) => {
    shared.checkClasses({ classes }, path, check);
    if (output.pixels === null || classes.length === 0) return;
    const { channels, shape, upscaling } = output.pixels;
    const rule = 'at most as many pixels as the input has: only super-resolution and regression may give more';
    check(upscaling === 1, `${path}.result.shape`, shape, rule);
    check(
      readingOf({ classes, output }) !== null,
      `${path}.result`,
      `${channels} numbers of ${output.dataType} for each pixel, and ${classes.length} classes`,
      `a number of float for each of two or more classes; or for each class but the first, which is the background, such as {"value": 0, "name": "background"}; or one number that is the class's value, of whole numbers or of more than two classes`,
    );
  },

  parseReference: parseShares,
  truth: classification.truth,
  truthLater: { column: { name: 'true_pixels', type: 'STRING', isOptional: true }, isOfPixels: true },

  // A chip's most common class with the mean probability of its pixels' classes, and each class's share of the pixels.
  columns: ({ classes }) => [...WINNER, PIXELS, ...classes.map(({ value }) => shareColumn(value))],
  offence,
  decode,
  layers,
  // The mean probability of all pixels is not that of the most common class: it only ranks chips.
  said: {
    columns: classification.said.columns,
    of: (values, chip) => ({ ...classification.said.of(values, chip), probability: null }),
  },
  answer: (values, chip, model) => {
    const { label, class: name, probability } = values as Values & Winners;
    const value = label[chip]!;
    return {
      class: name[chip]!,
      label: value,
      share: value === null ? null : (values[shareColumn(value).name]![chip] as number | null),
      meanProbability: probability[chip]!,
      shares: shared.ofClasses(values, chip, 'share', model),
    };
  },

  summary: shareCounts,
  hectares: ({ hectares }) => hectares,
  knownLand: ({ truths, hectares, pixels }) =>
    truths && hectares && pixels ? inLand(truths, total(hectares) / pixels) : undefined,
  right: rightInMasks,
  sets: 'pixels',
  answers: ['max_accuracy_drop', 'min_agreement'],
  countTruths: countMaskTruths,
  reference: ({ classes, reference }) => classes.map(({ name }, i) => ({ name, count: reference[i]! })),
  referenceOf: ({ counts }, { classes }) => ({
    classes: shared.countsByName(classes, counts),
    chips: Math.round(total(counts)), // the shares add up to it, except for rounding
  }),
  mix: classification.mix,
  datums: (sum, { classes, reference }) => {
    const { mostCommonShare, meanProbability } = numbersOf(sum);
    const right = rightInMasks(sum);
    return [
      { metric: 'MostCommonShare', value: mostCommonShare },
      { metric: 'MeanProbability', value: meanProbability },
      { metric: 'Accuracy', value: right && right.correct / right.n },
      ...shared.shareDatums(classes, sum, { counts: reference }),
    ];
  },
};

const UNSURE: Layer = {
  map: 'unsure',
  description: 'unsure',
  dataType: 'uint8',
  nodata: NO_PROBABILITY,
  resampling: 'mode',
  classes: [
    { value: 0, name: 'sure', colour: [226, 232, 238] },
    { value: 1, name: 'unsure', colour: [221, 97, 0] },
  ],
};

function layers(model: PackageFacts): Layer[] {
  const classes = mapClasses(model.classes);
  const labels: Layer = { map: 'predictions', description: 'class', ...mapTypeOf(model), resampling: 'mode', classes };
  const maps = thresholdOf(model) === undefined ? [labels] : [labels, UNSURE];
  if (!model.output.probabilities || readingOf(model) === 'labels') return maps;
  const named = readingOf(model) === 'background' ? model.classes.slice(1) : model.classes;
  const probabilities = named.map<Layer>(({ name }) => ({
    map: 'probabilities',
    description: name,
    dataType: 'uint8',
    nodata: NO_PROBABILITY,
    scale: PROBABILITY_STEP,
    resampling: 'average',
  }));
  return [...maps, ...probabilities];
}

const PROBABILITIES =
  'probabilities from 0 to 1 for each pixel, within 0.001, or within what the steps of a quantised output bring, and of one for each class that they add up to 1';
const LOGITS = `${PROBABILITIES}. Of a model that gives logits, item.json says in mlm:output[0]: "post_processing_function": {"format": "swath", "expression": "softmax"} (or "sigmoid", for each class by itself)`;

function offence(outputs: ArrayLike<number>, chips: number, model: PackageFacts): Offence | undefined {
  const reading = readingOf(model);
  if (reading === 'labels') return noLabel(outputs, model);
  if (model.output.activation !== null) return undefined;
  const { channels, height, width, strides, shape } = model.output.pixels!;
  const perChip = shape.reduce((product, size) => product * size, 1);
  const isWhole = reading === 'scores';
  const areRounded = shared.makeAreRounded();
  const { row, column, channel: step } = strides;
  for (let chip = 0; chip < chips; chip += 1)
    for (let y = 0; y < height; y += 1)
      for (let x = 0, at = chip * perChip + y * row; x < width; x += 1, at += column) {
        let sum = 0;
        for (let channel = 0, from = at; channel < channels; channel += 1, from += step) {
          const value = outputs[from]!;
          if (value < -shared.TOLERANCE || value > 1 + shared.TOLERANCE)
            return { found: shared.sixDigits(value), allowed: LOGITS };
          sum += value;
        }
        const isOff = isWhole && Math.abs(sum - 1) > shared.TOLERANCE;
        if (isOff && !areRounded(outputs, at, channels, step))
          return { found: `probabilities of a pixel that add up to ${shared.sixDigits(sum)}`, allowed: PROBABILITIES };
      }
  return undefined;
}

function noLabel(outputs: ArrayLike<number>, { classes }: PackageFacts): Offence | undefined {
  const known = new Set(classes.map(({ value }) => value));
  const allowed = `a class's value for each pixel: ${[...known].join(', ')} (add each that is missing to classification:classes)`;
  for (let i = 0; i < outputs.length; i += 1) {
    const value = outputs[i]!;
    if (Number.isFinite(value) && !known.has(value)) return { found: shared.sixDigits(value), allowed };
  }
  return undefined;
}

function decode(outputs: ArrayLike<number>, chips: number, model: PackageFacts, areas?: readonly (Area | undefined)[]) {
  const label = makeLabelPixels(model);
  const pixels = model.output.pixels!;
  const perChip = pixels.shape.reduce((product, size) => product * size, 1);
  const found = areasOf(pixels, chips, areas).map((area, chip) => label(outputs as Plane, chip * perChip, area));
  const rows = found.map(rowOf);
  const shares = rows.map((row) => row.shares);
  const { classes } = model;
  return {
    values: {
      label: rows.map(({ winner }) => (winner === null ? null : classes[winner]!.value)),
      class: rows.map(({ winner }) => (winner === null ? null : classes[winner]!.name)),
      probability: rows.map(({ probability }) => probability),
      pixels: rows.map(({ pixels }) => pixels),
      ...shared.columnsOf(shares, 'share', classes),
    },
    planes: found.map(({ labels, unsure, probabilities }) => [labels, ...(unsure ? [unsure] : []), ...probabilities]),
  };
}

/** Shares are multiples of this, so that a chip's add up to exactly 1, and many chips' to their number. */
const STEP = 2 ** -20;

/** The most common class absorbs the rounding. */
function exactShares(counts: readonly number[], pixels: number): number[] {
  const shares = counts.map((count) => Math.round(count / pixels / STEP) * STEP);
  shares[counts.indexOf(Math.max(...counts))]! += 1 - shares.reduce((sum, share) => sum + share, 0);
  return shares;
}

function rowOf({ counts, probabilitySum }: LabelledArea) {
  const pixels = total(counts);
  if (pixels === 0) return { winner: null, probability: null, pixels, shares: null };
  const mean = probabilitySum / pixels;
  const winner = counts.indexOf(Math.max(...counts));
  return { winner, probability: Number.isNaN(mean) ? null : mean, pixels, shares: exactShares(counts, pixels) };
}
