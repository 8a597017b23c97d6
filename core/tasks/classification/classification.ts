import { FLOATS, isFloat } from '../../arrays/dataTypes.ts';
import type { Column, Values } from '../../package/carry.ts';
import type { PackageFacts } from '../../package/facts.ts';
import type { Offence, Task } from '../../package/task.ts';
import { predictionSet } from '../../statistics/calibration/conformal.ts';
import * as shared from '../classes.ts';
import { total } from '../confusion.ts';
import type { ClassCounts, Winners } from './classCounts.ts';
import { classCounts, countTruths, knownLand, SET, TOP, topLabel, WINNER } from './classCounts.ts';
import { estimateOf, numbersOf, rightOf } from './numbers.ts';
import { type ClassReference, parseReference } from './reference.ts';

/** Assigns each chip one class: the one with the highest probability. */
export const classification: Task<ClassCounts, ClassReference> = {
  name: 'classification',
  mlmTasks: ['classification', 'scene-classification'],
  takes: ({ isOfPixels, activation, isBinary }) => !isOfPixels && (activation !== 'sigmoid' || isBinary),
  shape: ({ classes, output }) => [output.isBinary ? 1 : classes.length],
  output: {
    dimensions: '"batch", then one dimension of classes',
    shape: 'a row for each chip, a column for each class',
    each: 'a finite number for each class',
  },

  checkOutput: ({ classes, output }, path, check) => {
    check(isFloat(output.dataType), `${path}.result.data_type`, output.dataType, FLOATS);
    const isOne = output.isBinary === true && output.activation === 'softmax';
    const one = 'a sigmoid, or null for a probability: it is one number for two classes';
    check(!isOne, `${path}.post_processing_function`, 'a softmax', one);
    shared.checkClasses({ classes }, path, check);
  },

  parseReference,

  truth: {
    type: 'INT32',
    name: 'truth',
    allowed: ({ classes }) => {
      const values = new Set(classes.map(({ value }) => value));
      return { has: (value) => values.has(value), words: `one integer of ${[...values].join(', ')}` };
    },
  },

  columns: (model) => [
    ...WINNER,
    ...(hasSets(model) ? [SET] : []),
    ...(model.abstains ? [TOP] : []),
    ...model.classes.map(({ value }) => probabilityColumn(value)),
  ],
  offence,
  decode: (outputs, chips, model) => ({ values: valuesOf(outputs, chips, model), planes: null }),
  said: {
    columns: [...WINNER, SET, TOP],
    of: (values, chip) => {
      const winners = values as Values & Winners;
      const certainty = winners.probability[chip]!;
      const set = winners.set?.[chip] ?? null;
      const text = winners.class[chip] ?? set?.split(shared.SEPARATOR)[0] ?? null;
      return { value: topLabel(winners, chip), text, probability: certainty, rank: certainty, set };
    },
  },
  answer: (values, chip, model) => {
    const { label, class: name, probability } = values as Values & Winners;
    return {
      class: name[chip]!,
      label: label[chip]!,
      probability: probability[chip]!,
      probabilities: shared.ofClasses(values, chip, 'p', model),
      ...(hasSets(model) && { set: probability[chip] === null ? null : setOf(values, chip, model) }),
    };
  },

  summary: classCounts,
  hectares: ({ hectares }) => hectares,
  knownLand,
  right: rightOf,
  answers: ['max_accuracy_drop', 'min_agreement'],
  sets: 'chips',
  countTruths,
  reference: ({ classes, reference }) => classes.map(({ name }, i) => ({ name, count: reference[i]! })),
  referenceOf: ({ counts }, { classes }) => ({ classes: shared.countsByName(classes, counts) }),
  mix: (parts) => shared.mixCounts(parts.map(({ share, reference }) => ({ share, counts: reference }))),
  datums: datumsOf,
  numbers: numbersOf,
};

export function probabilityColumn(value: number): Column {
  return { name: shared.classColumn('p', value), type: 'FLOAT', isDistinct: true };
}

const PROBABILITIES =
  'probabilities from 0 to 1 that add up to 1 for each chip, within 0.001, or within what the steps of a quantised output bring';
const logitsOf = (activation: string) =>
  `${PROBABILITIES}. Of a model that gives logits, item.json says in mlm:output[0]: "post_processing_function": {"format": "swath", "expression": "${activation}"}`;
const NOT_WHOLE = `${PROBABILITIES}. Numbers from 0 to 1 are no logits: of a model whose labels hold independently, item.json says "multi-label-classification" in mlm:tasks`;

function offence(outputs: ArrayLike<number>, chips: number, { classes, output }: PackageFacts): Offence | undefined {
  const width = classes.length;
  const areRounded = shared.makeAreRounded();
  for (const row of shared.finiteRows(outputs, chips, width)) {
    if (row === null) continue;
    const sum = total(row);
    const outlier = row.find((value) => value < -shared.TOLERANCE || value > 1 + shared.TOLERANCE);
    if ((outlier === undefined && Math.abs(sum - 1) <= shared.TOLERANCE) || areRounded(row, 0, width)) continue;
    if (outlier !== undefined)
      return { found: shared.sixDigits(outlier), allowed: logitsOf(output.isBinary ? 'sigmoid' : 'softmax') };
    return { found: `probabilities that add up to ${shared.sixDigits(sum)}`, allowed: NOT_WHOLE };
  }
  return undefined;
}

function valuesOf(outputs: ArrayLike<number>, chips: number, model: PackageFacts): Values & Winners {
  const { classes } = model;
  const rows = shared.finiteRows(outputs, chips, classes.length);
  const winners = rows.map((row) => row?.indexOf(Math.max(...row)) ?? null); // the first of equals, like argmax
  const ofWinner = <Value>(value: (winner: number, chip: number) => Value) =>
    winners.map((winner, chip) => (winner === null ? null : value(winner, chip)));
  const values = {
    label: ofWinner((winner) => classes[winner]!.value),
    class: ofWinner((winner) => classes[winner]!.name),
    probability: ofWinner((winner, chip) => Math.fround(rows[chip]![winner]!)),
    ...shared.columnsOf(rows, 'p', classes),
  };
  if (!hasSets(model)) return values;
  const set = ofWinner((_, chip) => setText(setOf(values, chip, model)));
  return model.abstains ? { ...abstaining(values, set), set } : { ...values, set };
}

/** Leaves the class of each chip empty that may be of several, and keeps the most probable one beside it. */
function abstaining<Of extends Winners>({ label, class: name, ...others }: Of, set: readonly (string | null)[]) {
  const given = <Value>(column: ArrayLike<Value>) =>
    Array.from(column, (value, chip) => (set[chip]?.includes(shared.SEPARATOR) ? null : value));
  return { ...others, label: given(label), class: given(name), top_label: label };
}

const hasSets = ({ heldOut }: PackageFacts): boolean => heldOut?.threshold !== undefined;

/** Returns the names of a chip's prediction set, the most probable first. */
function setOf(values: Values, chip: number, { classes, heldOut }: PackageFacts): string[] {
  const probabilities = classes.map(({ value }) => values[shared.classColumn('p', value)]![chip] as number);
  return predictionSet(probabilities, heldOut!.threshold!).map((place) => classes[place]!.name);
}

const MAX_SET_BYTES = 200;

/** Joins the names, as many as fit. */
function setText(names: readonly string[]): string {
  const text = names.join(shared.SEPARATOR);
  return text.length <= MAX_SET_BYTES
    ? text
    : `${text.slice(0, text.lastIndexOf(shared.SEPARATOR, MAX_SET_BYTES - Buffer.byteLength(', …')))}, …`;
}

function datumsOf(sum: ClassCounts, model: PackageFacts<ClassReference>) {
  const { classes, reference } = model;
  const { mostCommonShare, meanProbability } = numbersOf(sum);
  return [
    { metric: 'MostCommonShare', value: mostCommonShare },
    { metric: 'MeanProbability', value: meanProbability },
    { metric: 'Accuracy', value: rightOf(sum)?.share ?? null },
    { metric: 'EstimatedAccuracy', value: estimateOf(sum, model)?.value ?? null },
    ...shared.shareDatums(classes, sum, { counts: reference }),
  ];
}
