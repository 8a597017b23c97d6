import { listed } from '../base/errors.ts';
import { capitalised } from '../base/text/capitalised.ts';
import { percent, precise } from '../base/text/numbers.ts';
import { printable } from '../base/text/printable.ts';
import { daysBefore } from '../base/time/days.ts';
import type { Mover } from '../measures/expected.ts';
import { EXPECTED } from '../measures/expectedRegistry.ts';
import type { ModelPackage } from '../package/package.ts';
import { labelShift } from '../statistics/labelShift.ts';
import { deviationsOfChance } from '../statistics/noiseFloor.ts';
import { shortfallOf } from '../tasks/classification/intervalOfRight.ts';
import { total } from '../tasks/confusion.ts';
import { chipsIn, chipsInReference } from '../tasks/registry.ts';
import type { Accuracy } from '../tasks/shown.ts';
import { shownOf } from '../tasks/shownRegistry.ts';
import { knownCounts } from './areas.ts';
import { inSeason } from './inSeason.ts';
import type { MetricsTable } from './metricsTable.ts';
import { isDrifting } from './segments.ts';
import { addTotals, isPredicted, type Sums, sumsOf, type Totals, totalsOfRun } from './totals.ts';
import { type Judgement, sharesOf } from './window.ts';

/** The days before, whose truth tells how the model confuses classes. */
const DAYS = 30;
/** How often chance may name a class that has not moved. */
const ALPHA = 0.01;
/** With fewer truths of a class, its confusion says nothing; it matters of a class with a larger share than is rare. */
const [LEAST_TRUTHS, RARE] = [10, 0.05];
/** Truths of a window with which an accuracy as expected says that its classes look as before. */
const LEAST_CHECKED = 30;

export type Cause = ReturnType<typeof causeOf>;

/** Finds the cause for a window that begins on a day, if it drifts or misses the accuracy that its package expects; else null. */
export async function findCause(
  metrics: Pick<MetricsTable, 'days'>,
  firstDay: string,
  judgement: Judgement,
  model: ModelPackage,
): Promise<Cause | null> {
  const isMissed = (sum: Totals) => shownOf(model).accuracy(sum, model)?.expected?.isMissed === true;
  if (!isDrifting({ judgement }) && !isMissed(judgement)) return null;
  const days = await metrics.days(model, daysBefore(DAYS, firstDay), daysBefore(1, firstDay));
  const before = days.map((day) => day.judgement).filter((sum) => !isMissed(sum));
  return causeOf(judgement, model, before.length === 0 ? null : before.map(sumsOf).reduce(addTotals));
}

/**
 * Says whether the inputs changed, the mix of classes, or the model's errors, in a sentence with the evidence for and against. The model errs more if fewer
 * are right than of the same classes before, and no band drifts. The mix of classes is named if it explains the predictions, and as many are right
 * as before. Without enough truth for that, drifting bands may be the cause as well, also where one is odd beside the others.
 * @param before the sums of days before, with the truth that is known of them; null without any
 * @returns what `changed`, which is several if they cannot be told apart, and nothing if nothing tells; what is null is not known
 */
export function causeOf(judgement: Judgement, model: ModelPackage, before: Totals | null) {
  const bands = bandsOf(judgement, model);
  const mix = before && mixOf(judgement, model, before);
  const own = shownOf(model).accuracy(judgement, model);
  const accuracy = accuracyOf(own, model, before);
  const [moved, isWrong] = [bands?.length ?? 0, accuracy?.isMissed === true];
  const isOdd = bands?.some((band) => band.isOdd);
  const isChecked = accuracy !== null && accuracy.n >= LEAST_CHECKED;
  const isMix = mix?.hasMoved && mix.isExplained && !isWrong;
  const isOpen = judgement.drift?.verdict === 'drift' && (mix === null || (mix.isExplained && !mix.hasMoved));
  const mayBeMix = isOpen && moved > 1 && !isOdd && !isWrong && model.classes.length > 0;
  const all = [
    { what: 'inputs', lead: 'the inputs changed', is: moved > 0 && !(isMix && isChecked) },
    { what: 'mix', lead: 'the mix of classes changed', is: isMix || mayBeMix }, // bands that move alike may move with it
    { what: 'errors', lead: 'the model errs more than expected', is: isWrong && moved === 0 },
  ] as const;
  const changed = all.filter(({ is }) => is);
  const lead = capitalised(changed.map((one) => one.lead).join(', or ') || 'what changed is not known');
  const evidence = [
    bandsText(bands, model, isMix),
    ...(model.classes.length > 0 ? [mixText(mix)] : []),
    accuracyText(accuracy, own),
  ];
  const sentence = `${lead}: ${evidence.join('; ')}.`;
  return { changed: changed.map(({ what }) => what), sentence, bands, mix, accuracy };
}

/** The source bands that drift, and whether their mean is odd beside the others; null without a profile, or of predictions over HTTP. */
function bandsOf({ bandDrift }: Judgement, { profile, effect }: ModelPackage) {
  const bands = bandDrift?.flatMap(({ band, mean, expectedMean, expectedMeanNoise, meanShift, verdict }, i) => {
    const by = expectedMean === null ? 0 : mean! - expectedMean;
    const gain = by / Math.max(Math.abs(expectedMean ?? 0), profile![i]!.deviation); // as when it is judged
    const isOdd = Math.abs(by) > (expectedMeanNoise ?? 0) && Math.abs(gain) > effect.gain;
    return verdict === 'drift' ? [{ band, mean, expectedMean, meanShift, gain, isOdd }] : [];
  });
  return bands ?? null;
}

/** The class whose true share, as estimated, has moved furthest beyond chance; null if the truth of a common class, or how it is confused, is not known. */
function mixOf({ drift, ...sums }: Judgement, model: ModelPackage, before: Totals) {
  const shares = sharesOf({ ...sums }, model);
  const names = shares.map(({ name }) => name);
  const known = knownCounts(before, model, names);
  if (known === null || drift === null) return null;
  const worth = (drift.scenes?.independentChips ?? drift.n) / drift.n; // chips count as many as those of the window do
  const found = labelShift(
    shares.map(({ count }) => count * worth),
    shares.map(({ reference }) => reference * chipsInReference(model.task, model) * worth),
    known.map((row) => row.map((count) => count * worth)),
  );
  const isUnknown = shares.some(({ share, reference }, j) => {
    return known.reduce((sum, row) => sum + row[j]!, 0) < LEAST_TRUTHS && Math.max(share, reference) > RARE;
  });
  if (isUnknown || found === undefined) return null;
  const chance = deviationsOfChance({}, ALPHA / names.length);
  const moves = found.classes.map((one) => Math.abs(one.share - one.reference) - chance * one.error);
  const most = moves.indexOf(Math.max(...moves));
  const { share, reference } = found.classes[most]!;
  const isExplained = found.misfit <= Math.max(drift.noiseFloor, drift.jensenShannon / 2);
  return { name: names[most]!, reference, share, hasMoved: moves[most]! > 0, isExplained };
}

/** The accuracy, and what is expected: as many of each class that truly was there as were right before, or else what the package says. */
function accuracyOf(own: Accuracy | null, model: ModelPackage, before: Totals | null) {
  const share = own?.figure.unit === 'share' ? own.figure.value : null;
  if (!own || share === null) return null;
  const then = before && shownOf(model).accuracy(before, model);
  const [classes, now] = [new Map(then?.confusion && inChips(then)), inChips(own)];
  let [expected, variance] = [0, 0];
  for (const [name, { truth }] of now) {
    const { truth: n, correct } = classes.get(name) ?? { truth: 0, correct: 0 };
    const weight = truth / own.n;
    if (weight > 0) expected += n < LEAST_TRUTHS ? Number.NaN : (weight * correct) / n;
    if (weight > 0) variance += (weight ** 2 * correct * (n - correct)) / n ** 3;
  }
  if (!then || !own.interval || !own.classes || Number.isNaN(expected))
    return { share, n: own.n, expected: own.expected?.value ?? null, isMissed: own.expected?.isMissed ?? false };
  const heldOut = { chips: variance === 0 ? then.n : (expected * (1 - expected)) / variance, right: 0 };
  const right = { n: own.n, correct: share * own.n };
  const isMissed = shortfallOf(right, own.interval, { expectedAccuracy: expected, heldOut })! > 0;
  return { share, n: own.n, expected, isMissed };
}

/** The truths of each class, and those that are right, in chips: a pixel is its part of one. */
function inChips({ n, classes = [] }: Accuracy) {
  const each = n / total(classes.map(({ truth }) => truth));
  return classes.map(({ name, truth, correct }) => [name, { truth: truth * each, correct: correct * each }] as const);
}

/** @param isMix whether the mix of classes may have moved them */
function bandsText(bands: ReturnType<typeof bandsOf>, { profile }: ModelPackage, isMix = false): string {
  if (bands === null && profile) return 'the source bands of these predictions were not measured';
  if (bands === null) return 'no profile says how source bands should be';
  if (bands.length === 0) return 'no source band drifts';
  const names = bands.map(({ band }) => printable(band));
  const odd = bands.flatMap(({ isOdd, gain }, i) =>
    isOdd ? [`${names[i]} reads ${percent(Math.abs(gain))} ${gain < 0 ? 'low' : 'high'}`] : [],
  );
  const moved = odd.length > 0 ? listed(odd) : `${listed(names)} moved`;
  if (bands.length > 1) return `${moved}, which points to the scenes`;
  return isMix ? moved : `${moved}, which points to the instrument or its processing`;
}

function mixText(mix: ReturnType<typeof mixOf>): string {
  if (mix === null) return 'too few truths yet of earlier days to show how classes are confused';
  const { name, reference, share, hasMoved, isExplained } = mix;
  if (!hasMoved) return 'no class has moved beyond chance';
  if (!isExplained) return 'no mix of classes explains the predictions';
  return `${printable(name)} ${share > reference ? 'rose' : 'fell'} from ${percent(reference)} to an estimated ${percent(share)}`;
}

/** @param own of predicted numbers as well, none of which is right or wrong: the error is said of them */
function accuracyText(accuracy: ReturnType<typeof accuracyOf>, own: Accuracy | null): string {
  if (accuracy === null && own === null) return 'no truth yet of these predictions';
  if (accuracy === null)
    return `${own!.figure.name.toLowerCase()} ${precise(own!.figure.value!)} of ${own!.n.toLocaleString('en')}`;
  const wanted = accuracy.expected === null ? 'and nothing is expected' : `expected ${percent(accuracy.expected)}`;
  return `${percent(accuracy.share)} of ${accuracy.n.toLocaleString('en')} right, ${wanted}`;
}

/**
 * Says what moved a drifting window most: the class, with its shares; what the measures name, such as a source band; and for each
 * the file that contributed most. Nothing if neither the predictions nor the measures drift.
 * @param runs those of the window
 * @param fileOf looks up the name of a run's file
 */
export async function movers<Run extends { [Field in keyof Sums]?: Sums[Field] | undefined }>(
  judgement: Judgement,
  of: ModelPackage,
  runs: readonly Run[],
  fileOf: (run: Run) => Promise<string | undefined> | string,
): Promise<string[]> {
  if (judgement.drift === null || !isDrifting({ judgement })) return [];
  const model = inSeason(of, judgement);
  const predicted = runs.filter(isPredicted);
  const parts = [classMover(judgement, model), ...EXPECTED.flatMap(({ mover }) => mover(judgement, model) ?? [])];
  return Promise.all(
    parts.map(async ({ sentence, pull, there }) => {
      const most = furthest(predicted, (run) => pull(totalsOfRun(run)));
      const file = most && (await fileOf(most));
      if (most === undefined || file === undefined) return sentence;
      return `${sentence} The file ${printable(file)} contributed most: ${there(totalsOfRun(most))}.`;
    }),
  );
}

function classMover(judgement: Judgement, model: ModelPackage): Mover<Totals> {
  const task = model.task;
  const { one, isOfShares } = shownOf(model).words;
  const shares = sharesOf(judgement, model);
  const { name, share, reference } = furthest(shares, (of) => Math.abs(of.share - of.reference))!;
  const place = shares.findIndex((of) => of.name === name);
  const countIn = (run: Totals) => run.counts[place] ?? 0;
  return {
    sentence: `The ${one} that moved most is ${printable(name)}: from ${percent(reference)} of the reference to ${percent(share)}.`,
    pull: (run) => Math.sign(share - reference) * (countIn(run) - chipsIn(task, run) * reference),
    there: (run) => {
      const n = chipsIn(task, run);
      return `${percent(n === 0 ? 0 : countIn(run) / n)} of ${isOfShares ? 'its pixels' : `its ${n} predictions`}`;
    },
  };
}

/** Returns the first of the largest; a day's runs are too many to keep the sums of all. */
function furthest<T>(all: readonly T[], size: (one: T) => number): T | undefined {
  let found: { one: T; size: number } | undefined;
  for (const one of all) {
    const own = size(one);
    if (found === undefined || own > found.size) found = { one, size: own };
  }
  return found?.one;
}
