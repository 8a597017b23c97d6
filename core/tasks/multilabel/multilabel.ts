import type { Values } from '../../package/carry.ts';
import type { PackageFacts } from '../../package/facts.ts';
import type { Task } from '../../package/task.ts';
import * as shared from '../classes.ts';
import { classification, probabilityColumn } from '../classification/classification.ts';
import { LABELS, type LabelCounts, type Labels, labelCounts } from './labelCounts.ts';
import { BETWEEN, countLabelTruths, NO_LABEL, namesIn } from './labelTruths.ts';
import { type LabelReference, parseLabels } from './reference.ts';

const NAMED = 'multi-label-classification';
const PROBABILITIES =
  'probabilities from 0 to 1. Of a model that gives logits, item.json says in mlm:output[0]: "post_processing_function": {"format": "swath", "expression": "sigmoid"}';

/** Assigns each chip any number of labels: those whose probabilities reach their thresholds, independently. */
export const multilabel: Task<LabelCounts, LabelReference> = {
  name: 'multilabel',
  mlmTasks: [NAMED, 'classification', 'scene-classification'],
  takes: ({ isOfPixels, activation }, mlmTask) => !isOfPixels && (activation === 'sigmoid' || mlmTask === NAMED),
  shape: ({ classes }) => [classes.length],
  output: classification.output,
  checkOutput: (about, path, check) => {
    classification.checkOutput(about, path, check);
    const titles = about.classes.map(({ name, title = name }) => title);
    const reserved = titles.filter((title) => title.trim() === NO_LABEL || title.includes(BETWEEN));
    const rule = `names without "${BETWEEN}", which separates true labels, and other than "${NO_LABEL}"`;
    check(reserved.length === 0, `${path}.classification:classes`, reserved, rule);
  },

  parseReference: parseLabels,
  truth: classification.truth,
  truthLater: { column: { name: 'true_labels', type: 'STRING', isOptional: true } },

  columns: ({ classes }) => [...LABELS, ...classes.map(({ value }) => probabilityColumn(value))],
  offence: (outputs) => {
    const isOutside = (one: number) => Number.isFinite(one) && (one < -shared.TOLERANCE || one > 1 + shared.TOLERANCE);
    const outlier = Array.from(outputs).find(isOutside);
    return outlier === undefined ? undefined : { found: shared.sixDigits(outlier), allowed: PROBABILITIES };
  },
  decode: (outputs, chips, model) => ({ values: valuesOf(outputs, chips, model), planes: null }),
  said: {
    columns: LABELS,
    of: (values, chip) => {
      const { labels, label_count: count, certainty } = values as Values & Labels;
      const [text, certain] = [labels[chip]!, certainty[chip]!];
      return { value: count[chip]!, text: text === '' ? NO_LABEL : text, probability: certain, rank: certain };
    },
  },
  answer: (values, chip, model) => {
    const { labels, certainty } = values as Values & Labels;
    const text = labels[chip]!;
    return {
      labels: text === null ? null : namesIn(text),
      certainty: certainty[chip]!,
      probabilities: shared.ofClasses(values, chip, 'p', model),
    };
  },

  summary: labelCounts,
  labels: { chips: ({ predicted }) => predicted, inReference: ({ reference: { chips } }) => chips },
  answers: ['max_accuracy_drop', 'min_agreement'],
  right: ({ truths }) => (truths === undefined ? null : { n: truths.n, correct: truths.exact }),
  countTruths: countLabelTruths,
  reference: ({ classes, reference: { counts } }) => classes.map(({ name }, i) => ({ name, count: counts[i]! })),
  referenceOf: ({ counts, predicted: chips }, { classes }) => ({
    chips,
    classes: shared.countsByName(classes, counts),
  }),
  mix: (parts) => ({
    counts: shared.mixCounts(parts.map(({ share, reference: { counts, chips } }) => ({ share, counts, n: chips }))),
    chips: shared.mixedSize(parts.map(({ share, reference }) => ({ share, n: reference.chips }))),
  }),
  datums: ({ counts, predicted, truths }, { classes, reference }) => [
    { metric: 'Accuracy', value: truths === undefined ? null : truths.exact / truths.n },
    ...shared.shareDatums(classes, { counts, n: predicted }, { counts: reference.counts, n: reference.chips }),
  ],
};

function valuesOf(outputs: ArrayLike<number>, chips: number, { classes, output: { thresholds } }: PackageFacts) {
  const limits = outputs instanceof Float32Array ? Float32Array.from(thresholds) : thresholds;
  const rows = shared.finiteRows(outputs, chips, classes.length);
  const held = rows.map((row) => (row === null ? null : classes.filter((_, place) => row[place]! >= limits[place]!)));
  return {
    labels: held.map((of) => of?.map(({ name }) => name).join(shared.SEPARATOR) ?? null),
    label_count: held.map((of) => of?.length ?? null),
    certainty: rows.map((row) => row && Math.fround(2 * Math.min(...row.map((one) => Math.abs(one - 0.5))))),
    ...shared.columnsOf(rows, 'p', classes),
  };
}
