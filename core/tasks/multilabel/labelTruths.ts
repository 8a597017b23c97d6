import * as z from 'zod';
import { citedStart, InvalidSceneFile, listed } from '../../base/errors.ts';
import { slug } from '../../base/names.ts';
import type { PackageFacts } from '../../package/facts.ts';
import type { ChipTruth, TruthCounter, TruthSaid } from '../../package/task.ts';
import { SEPARATOR } from '../classes.ts';
import { hitsOf, meanOf, shareOf, total } from '../confusion.ts';

const count = z.int().min(0);
const ofEachLabel = z.array(count);

/** Counts of truths, which add up from parts to runs, windows and days. In the order of the package's labels. */
export const labelTruthsSchema = z.object({
  /** Chips with a prediction and a truth, and those of them with exactly the right labels. */
  n: z.int().min(1),
  exact: count,
  /** Chips that have each label, chips predicted to have it, and chips for which both hold. */
  truth: ofEachLabel,
  predicted: ofEachLabel,
  both: ofEachLabel,
});
type LabelTruths = z.infer<typeof labelTruthsSchema>;

/** Counts chips whose predicted and true labels are both known. */
export function countLabelTruths({ classes }: Pick<PackageFacts, 'classes'>): TruthCounter<{ truths: LabelTruths }> {
  const places = new Map(classes.map(({ name }, place) => [name, place]));
  const none = () => classes.map(() => 0);
  const sum = { n: 0, exact: 0, truth: none(), predicted: none(), both: none() };

  function add({ text = null, truth }: ChipTruth): void {
    if (text === null || typeof truth !== 'string') return; // scene files cannot state several labels
    const [has, given] = [new Set(namesIn(truth)), new Set(namesIn(text))];
    sum.n += 1;
    const both = [...has].filter((name) => given.has(name));
    if (both.length === has.size && both.length === given.size) sum.exact += 1;
    for (const name of has) at(sum.truth, name);
    for (const name of given) at(sum.predicted, name);
    for (const name of both) at(sum.both, name);
  }

  /** A label of another version's truth that this one does not know is not counted. */
  function at(counts: number[], name: string): void {
    const place = places.get(name);
    if (place !== undefined) counts[place]! += 1;
  }

  return { fields: ['truths'], add, counts: () => (sum.n === 0 ? {} : { truths: sum }) };
}

/** Returns scikit-learn's numbers; null instead of a division by 0. */
export function labelNumbers({ n, exact, truth, predicted, both }: LabelTruths) {
  const labels = both.map((hits, place) => ({
    ...hitsOf(truth[place]!, predicted[place]!, hits),
    f1: shareOf(2 * hits, truth[place]! + predicted[place]!),
  }));
  const [has, given, hits] = [total(truth), total(predicted), total(both)];
  return {
    /** The share of chips with exactly the right labels: `accuracy_score`. */
    subsetAccuracy: exact / n,
    /** The share of all labels of all chips that are wrongly predicted or wrongly missing: `hamming_loss`. */
    hammingLoss: (has + given - 2 * hits) / (n * both.length),
    /** `f1_score(average="micro")` over the labels of all chips; null if no chip has, or is predicted to have, any. */
    microF1: shareOf(2 * hits, has + given),
    /** The mean of the labels' own F1, over labels that occur: `f1_score(average="macro", zero_division=numpy.nan)`. */
    macroF1: meanOf(labels.map(({ f1 }) => f1)),
    /** For each label `precision_recall_fscore_support(average=None)`. */
    labels,
  };
}

/** Stands for a chip without labels. A package may not call a label so. */
export const NO_LABEL = 'no label';

/** Splits joined label names, as stored or as shown in a prediction. */
export const namesIn = (text: string): string[] => (text === '' || text === NO_LABEL ? [] : text.split(SEPARATOR));

/** Separates a chip's labels in a text. No name contains it. */
export const BETWEEN = ';';

/**
 * Reads the true labels of a chip: a list of names, or a text with ";" between them, ignoring case and spaces; an empty
 * list, or "no label", for a chip without labels. Returns them in the form of predictions, in the package's order, so that
 * equal labels are equal texts. Throws `InvalidSceneFile` for others; the message begins with `where`.
 */
export function readLabels({ classes }: Pick<PackageFacts, 'classes'>) {
  const byName = new Map(classes.map(({ name }) => [slug(name), name]));
  for (const { name, title = name } of classes) byName.set(name, name).set(title, name); // names may differ only in case
  const names = classes.map(({ name }) => name);

  return (says: TruthSaid, where: () => string): string => {
    const said = typeof says === 'object' ? says : String(says).trim() === NO_LABEL ? [] : String(says).split(BETWEEN);
    const found = new Set<string>();
    for (const one of said) {
      const name = byName.get(one.trim()) ?? byName.get(slug(one));
      if (name === undefined)
        throw new InvalidSceneFile(
          `${where()}: found the label ${citedStart(one, 40)}, allowed are labels of ${listed(names)}, with "${BETWEEN}" between two; or "${NO_LABEL}"`,
        );
      if (found.has(name))
        throw new InvalidSceneFile(`${where()}: found the label ${citedStart(one, 40)} twice, allowed is each once`);
      found.add(name);
    }
    return names.filter((name) => found.has(name)).join(SEPARATOR);
  };
}
