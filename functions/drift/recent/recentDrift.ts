import { makeKept } from '../../../core/base/concurrency/keepPromise.ts';
import { lastWordInput, type ModelRef, modelId } from '../../../core/base/messages.ts';
import { isWithin } from '../../../core/base/time/clocks.ts';
import { gradualDriftUntil } from '../../../core/drift/gradualDrift.ts';
import { type JudgedRun, type Lately, recentWindows } from '../../../core/drift/recentWindow.ts';
import { isDrifting, segmentsOfPackage, withEnds, withSegments } from '../../../core/drift/segments.ts';
import { predictionsOfRun, sumsOf } from '../../../core/drift/totals.ts';
import { datumsOf, type Judgement, judgeDrift, publishedScore } from '../../../core/drift/window.ts';
import { verdictsOnMeasures } from '../../../core/measures/expectedRegistry.ts';
import { accuracyIn } from '../../../core/tasks/registry.ts';
import type { DriftPorts } from '../ports.ts';

/** How long the live version is cached, which saves requests for nearly every run. */
const LIVE_MILLISECONDS = 60_000;

/** Former windows in memory: one of each model that is usually live. */
const FORMER_KEPT = 3;

export type RecentDrift = ReturnType<typeof makeRecentDrift>;

/** Judges and publishes the window `recent`, which the alarms follow. */
export function makeRecentDrift(ports: DriftPorts) {
  const lastWord = makeLastWord(ports);
  let known: { live: ModelRef[]; asked: Date } | undefined;
  /** In a burst, a former window is read once a minute, however many runs are judged. */
  const keptFormer = makeKept<Lately>(FORMER_KEPT);

  /** Judges the window of these runs. Runs that end together find each other: each is in the ledger before it looks. */
  async function publishAfter(model: ModelRef, runs: readonly JudgedRun[]): Promise<void> {
    const { name, version } = model;
    if (!(await isLive(model)) && (await ports.models.isTrial(model))) return; // trials do not count
    const value = runs.reduce((sum, run) => sum + predictionsOfRun(run), 0);
    await ports.publish([
      ...(await datumsOfRecent(model, runs)),
      { metric: 'VersionPredictions', value, dimensions: { Model: name, Version: version } },
    ]);
  }

  /** Judges the window after an empty run, which has only added blanks. */
  async function publish(model: ModelRef): Promise<void> {
    await ports.publish(await datumsOfRecent(model));
  }

  /**
   * Judges each live version's window; in the sweep, also how far the days up to `until`, the last closed one, have moved, and ends alarms that
   * would wait for enough data for ever, if that day had runs and did not drift.
   */
  async function publishLive(until?: string): Promise<void> {
    for (const ref of await live()) {
      const recent = await datumsOfRecent(ref);
      if (until === undefined) {
        await ports.publish(recent);
        continue;
      }
      const model = { ...(await ports.models.load(ref)), ...ref };
      const day = await ports.metrics.latestDay(ref, until);
      const ofDay = recent.length > 0 && day?.runs ? datumsOf(day.judgement, ref, model, 'day') : null;
      await ports.publish(ofDay === null ? recent : withEnds(recent, ofDay, ref, ports.threshold));
      const found = await gradualDriftUntil(ports.metrics, until, model, ports);
      const value = publishedScore(found) ?? 0; // a former version's alarm ends with the first day of the next one
      if (found !== null) await ports.publish([{ metric: 'GradualDrift', value, dimensions: { Model: ref.name } }]);
    }
  }

  /** Metrics name the model and not its version, so only the live version's window is published. */
  async function datumsOfRecent(ref: ModelRef, runs: readonly JudgedRun[] = []) {
    if (!(await isLive(ref))) return [];
    const model = await ports.models.load(ref);
    const now = ports.now();
    const of = { ...model, ...ref };
    const asked = { now, predictions: ports.driftWindow, runs };
    const { window, counted, others, newest } = await recentWindows(ports.ledger, of, asked);
    if (window.runs === 0) return [];
    const judgement = judgeDrift(sumsOf(window), model, ports);
    const segments = segmentsOfPackage([...runs, ...counted], of, ports);
    const asOf = lastWord.before(now);
    const isAlone = newest === undefined || newest <= asOf.toISOString();
    const asThen = () => recentWindows(ports.ledger, of, { now: asOf, predictions: ports.driftWindow, isThen: true });
    const before = isAlone ? others() : await keptFormer(`${modelId(of)} ${asOf.getTime()}`, asThen);
    const isSame =
      lastWord.isSame(judgement, judgeDrift(sumsOf(before.window), model, ports)) &&
      segments.some(isDrifting) === segmentsOfPackage(before.counted, of, ports).some(isDrifting);
    if (!isSame) await lastWord.ask(now); // before publishing, so that no judgement is published without it
    return withSegments(datumsOf(judgement, ref, model, 'recent'), segments, of);
  }

  async function isLive(ref: ModelRef): Promise<boolean> {
    const isAmong = (models: readonly ModelRef[]) => models.some((model) => modelId(model) === modelId(ref));
    const isFresh = known !== undefined && isWithin(LIVE_MILLISECONDS, known.asked, ports.now());
    return (isFresh && isAmong(known!.live)) || isAmong(await live());
  }

  async function live(): Promise<ModelRef[]> {
    const models = (await ports.models.serving()).live.map(({ model }) => model);
    known = { live: models, asked: ports.now() };
    return models;
  }

  return { publishAfter, publish, publishLive };
}

/** The period of the alarms on the window `recent`: within one, they see the highest number, not the last. */
const PERIOD_MILLISECONDS = 60_000;

/**
 * Makes sure that the final judgement of a burst is published in a period of its own. Whoever publishes a judgement that differs
 * from the one that held two minutes ago asks for another look two minutes from now: by then, everything in progress has been
 * published, in an earlier period. So for a period with two different judgements, at least one publisher has asked; the
 * execution's name makes sure that the look happens once.
 */
function makeLastWord({ executions, blankShareLimit, accuracyLimit }: DriftPorts) {
  let asked: string | undefined;

  /** The time of the judgement to compare with: an index is sure to show everything that ended by then. */
  const before = (now: Date): Date => periodsFrom(now, -1);

  /** Whether two windows have the same effect on every alarm. */
  const isSame = (one: Judgement, other: Judgement): boolean =>
    [drifts, measuresDrift, hasTooManyBlanks, isTooOftenWrong].every((says) => says(one) === says(other));

  /** Schedules another judgement and publication of the window, after the minutes in which it may change. */
  async function ask(now: Date): Promise<void> {
    const at = periodsFrom(now, 2);
    const name = `last-word-${at.toISOString().replace(/\D/g, '').slice(0, 12)}`;
    if (name === asked) return;
    await executions.start(name, lastWordInput(at));
    asked = name;
  }

  const hasTooManyBlanks = ({ chips, blank }: Judgement): boolean => chips > 0 && blank / chips > blankShareLimit;
  const isTooOftenWrong = (judgement: Judgement): boolean => (accuracyIn(judgement) ?? Infinity) < accuracyLimit;

  return { before, isSame, ask };
}

const measuresDrift = (judgement: Judgement): boolean => verdictsOnMeasures(judgement).includes('drift');
const drifts = ({ drift }: Judgement): boolean => drift?.verdict === 'drift';

const periodsFrom = (now: Date, count: number): Date =>
  new Date((Math.floor(now.getTime() / PERIOD_MILLISECONDS) + count) * PERIOD_MILLISECONDS);
