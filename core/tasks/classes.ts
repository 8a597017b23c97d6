import * as z from 'zod';
import { listed } from '../base/errors.ts';
import { MAX_CLASSES } from '../base/limits.ts';
import { largest } from '../base/text/largest.ts';
import type { Values } from '../package/carry.ts';
import type { ModelClass, PackageFacts } from '../package/facts.ts';
import type { ModelPackage } from '../package/package.ts';
import { type Check, checkDistinct } from '../package/problems.ts';
import { total } from './confusion.ts';

/** Separates the names of a chip's labels, and of the classes of its prediction set. */
export const SEPARATOR = ', ';

/** Checks that an output has classes with unique names and values; `path` is the output's. */
export function checkClasses({ classes }: Pick<PackageFacts, 'classes'>, path: string, check: Check): void {
  const named = `${path}.classification:classes`;
  const [names, values] = [classes.map(({ name }) => name), classes.map(({ value }) => value)];
  check(classes.length > 0, named, classes, 'a list of classes, at least one');
  checkDistinct(named, values, check);
  const titles = classes.map(({ name, title = name }) => (title === name ? name : `${title} (${name})`));
  const same = titles.filter((_, i) => names.indexOf(names[i]!) !== names.lastIndexOf(names[i]!));
  check(same.length === 0, named, same, KEYS);
}

/** Makes what states a truth of one version as another does, by the name of its class: NaN for one that the other does not have. */
export function makeMatchTruth(from: ModelPackage, to: ModelPackage) {
  const places = new Map(to.classes.map(({ name, value }) => [name, value]));
  const values = new Map(from.classes.map(({ name, value }) => [value, places.get(name) ?? Number.NaN]));
  return <Truth extends string | number | null>(truth: Truth) =>
    typeof truth === 'number' && from.task.truth.type === 'INT32' ? values.get(truth)! : truth; // labels are names
}

const KEYS =
  'each name and value once; of names, only Latin letters, digits, "-" and "_" tell them apart, where there are any';

type Prefix = 'p' | 'share';

/** The name of a class's column by its value: `p_4`, and `p_minus_1` for −1, as SQL would require quotes for `p_-1`. */
export const classColumn = (prefix: Prefix, value: number): string =>
  value < 0 ? `${prefix}_minus_${-value}` : `${prefix}_${value}`;

/** Returns a chip's values in the columns of the model's classes, by class name. */
export function ofClasses(values: Values, chip: number, prefix: Prefix, { classes }: Pick<PackageFacts, 'classes'>) {
  const numberOf = (value: number) => (values[classColumn(prefix, value)]?.[chip] ?? null) as number | null;
  return Object.fromEntries(classes.map(({ name, value }) => [name, numberOf(value)]));
}

/** Returns such columns of rows with a number for each class, or null; a probability is the float32 that predictions store. */
export function columnsOf(rows: readonly (readonly number[] | null)[], prefix: Prefix, classes: readonly ModelClass[]) {
  const stored = prefix === 'p' ? Math.fround : (share: number) => share;
  const column = (place: number) => rows.map((row) => row && stored(row[place]!));
  return Object.fromEntries(classes.map(({ value }, place) => [classColumn(prefix, value), column(place)]));
}

/** Returns each chip's row of numbers; null for one that has a number that is not finite, so that no sum becomes NaN. */
export const finiteRows = (outputs: ArrayLike<number>, chips: number, width: number): (number[] | null)[] =>
  Array.from({ length: chips }, (_, chip) => {
    const row: number[] = [];
    for (let at = chip * width; at < (chip + 1) * width; at += 1) row.push(outputs[at]!);
    return row.every(Number.isFinite) ? row : null;
  });

/** Returns counts in the order of a model's classes by class name, as in a reference. */
export const countsByName = (classes: PackageFacts['classes'], counts: readonly number[]): Numbers =>
  Object.fromEntries(classes.map(({ name }, i) => [name, counts[i]!]));

/** Counts the parts of a mixture would have, if it had as many chips as say as much as theirs. */
export function mixCounts(parts: readonly { share: number; counts: readonly number[]; n?: number }[]): number[] {
  const n = mixedSize(parts.map(({ share, counts, n = total(counts) }) => ({ share, n })));
  return parts[0]!.counts.map((_, i) =>
    parts.reduce((sum, { share, counts, n: of = total(counts) }) => sum + (n * share * counts[i]!) / of, 0),
  );
}

/** The size of a mixture whose mean is no more certain than if each part's were off by chance alike. */
export const mixedSize = (parts: readonly { share: number; n: number }[]): number =>
  1 / parts.reduce((sum, { share, n }) => sum + share / n, 0);

/** Counts of each class, and of how many chips; by default, these have one class each. */
type Counted = { counts: readonly number[]; n?: number };

/**
 * The metrics of each class's share of the predictions and of the reference; null without predictions. CloudWatch charges for each
 * class: of many, the ten largest of the reference are published, which stay the same, and the others together.
 */
export function shareDatums(
  classes: readonly { readonly name: string }[],
  { counts, n = total(counts) }: Counted,
  { counts: reference, n: all = total(reference) }: Counted,
) {
  const named = classes.map(({ name }, i) => ({ name, share: counts[i]! / n, expected: reference[i]! / all }));
  return largest(named, ({ expected }) => expected).flatMap(({ name: Class, share, expected }) => [
    { metric: 'ClassShare', value: n === 0 ? null : share, Class },
    { metric: 'ReferenceShare', value: n === 0 ? null : expected, Class },
  ]);
}

/** The most that a probability may exceed 0…1, and their sum differ from 1, by rounding, even in a 16-bit model. */
export const TOLERANCE = 1e-3;

/** Levels between 0 and 1 of 7 bits, as of a symmetric int8, and of 8. */
const [LEAST_LEVELS, MOST_LEVELS] = [127, 256];

/** What a float32 may be off, in steps: 256 × 2^-24, with a margin. */
const EXACT = 1e-4;

/**
 * Makes the function that says whether a row of numbers are probabilities that a quantised model has rounded to multiples
 * of one step: the scale of an output of 8 bits, about 1/255. Each is off by half a step, and the largest by one if it is
 * cut off at the end of the range, so that n of them add up to 1 within n / 2 + 1 steps. The last row's is tried first.
 */
export function makeAreRounded() {
  let known = 0;
  return (outputs: ArrayLike<number>, start: number, count: number, stride = 1): boolean => {
    const row = Array.from({ length: count }, (_, i) => outputs[start + i * stride]!);
    const areMultiples = (step: number) =>
      step > 0 && row.every((value) => Math.abs(value / step - Math.round(value / step)) <= EXACT);
    const largest = Math.max(...row);
    let step = known;
    for (let levels = Math.ceil(LEAST_LEVELS * largest); !areMultiples(step); levels += 1) {
      if (!(levels <= MOST_LEVELS)) return false;
      step = largest / levels;
    }
    known = step;
    return Math.min(...row) >= -step && largest <= 1 + step && Math.abs(total(row) - 1) <= (count / 2 + 1) * step;
  };
}

/** The schema of numbers by class name in `reference.json`; `what` they are, such as `counts`. */
export const byClass = <Entry extends z.ZodType>(entry: Entry, what: string) =>
  z
    .record(z.string(), z.unknown(), `an object of ${what} by class name`)
    .refine((classes) => Object.keys(classes).length <= MAX_CLASSES, `${what} of at most ${MAX_CLASSES} classes`)
    .pipe(z.record(z.string(), entry));

type Numbers = { [name: string]: number };

/** Returns such numbers in the order of the classes, 0 for one that is omitted. Other names are refused. */
export function inOrderOf(
  classes: readonly Pick<ModelClass, 'name' | 'title'>[],
  json: unknown,
  numbers: Readonly<Numbers>,
  check: Check,
): number[] {
  const known = classes.flatMap(({ name, title }) => (title === undefined ? name : [title, name]));
  // Checked on the raw file: a name such as __proto__ does not get through the schema.
  for (const name of Object.keys((json as { classes: object }).classes))
    check(known.includes(name), 'classes', name, `one of the model's classes (${listed(known)})`);
  const found = new Map(Object.entries(numbers)); // not a plain object: a class may be called constructor
  return classes.map(({ name, title = name }) => found.get(name) ?? found.get(title) ?? 0);
}

/** Formats a model's number for an error. */
export const sixDigits = (value: number) => String(Number(value.toPrecision(6)));
