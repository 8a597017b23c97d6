import { isDeepStrictEqual } from 'node:util';
import { isUnusable } from '../../core/base/errors.ts';
import type { BatchRef, BatchResult, DailyDriftResult, DriftInput, ModelRef } from '../../core/base/messages.ts';
import { driftInputSchema, modelId } from '../../core/base/messages.ts';
import { type Invocation, type LogFields, makeStep } from '../../core/base/step.ts';
import { isAhead } from '../../core/base/time/clocks.ts';
import { dayOf, daysBefore, isClosed } from '../../core/base/time/days.ts';
import { type DayTotals, inOrderOfEnds, totalsOf } from '../../core/drift/dayTotals.ts';
import { accuracyOf, missedSegments } from '../../core/drift/segments.ts';
import { noTotals, sumsOf } from '../../core/drift/totals.ts';
import { datumsOf, judgeDrift } from '../../core/drift/window.ts';
import { saysLeft } from '../../core/ledger/dueDays.ts';
import { countedRunSchema, type EndedRun } from '../../core/ledger/ledgerItem.ts';
import { countRecentFailures } from '../../core/ledger/recentFailures.ts';
import { noneIfUnusable } from '../../core/releases/models.ts';
import { freshFrom, makeCountedRows, makeCutOff } from './days/cutOff.ts';
import { makeFinishRun } from './finish/finishRun.ts';
import type { DriftPorts } from './ports.ts';
import { makeRecentDrift, type RecentDrift } from './recent/recentDrift.ts';

export const driftStep = (ports: DriftPorts) => makeStep('drift', driftInputSchema, makeDrift(ports));

/** Finishes a run or a batch, judges every closed UTC day that is due, or says the last word on the window `recent`. */
export function makeDrift(ports: DriftPorts) {
  const recent = makeRecentDrift(ports);
  const finishRun = makeFinishRun(ports, recent);
  const watchBatch = makeWatchBatch(ports, recent);
  const judgeDays = makeJudgeDays(ports);

  return async (input: DriftInput, invocation: Invocation, log: LogFields) => {
    if ('run' in input) return finishRun(input.run, input.parts, log);
    if ('empty' in input) return finishRun(input.empty, [], log);
    if ('batch' in input) return watchBatch(input.batch, input.result, log);
    if ('before' in input) {
      const result = await judgeDays(input.before, invocation, log);
      await recent.publishLive(daysBefore(1, input.before));
      return result;
    }
    log['lastWord'] = input.lastWord;
    await recent.publishLive();
    return { status: 'said' } as const;
  };
}

/** How many closed days are checked if none was judged before. */
const FIRST_DAYS = 31;
/** The time needed for a day, of which the largest take some ten seconds; with less left, it waits for the next sweep. */
const NEEDED_SECONDS = 30;

/** The mark for a day that the sweep had to leave. It belongs to no run, so it is never fresh. */
const LEFT = { mark: 'left', at: new Date(0).toISOString() };

/** Judges closed UTC days, separately for each model version. */
function makeJudgeDays(ports: DriftPorts) {
  const cutOffOf = makeCutOff(ports);

  /** Judges the days since the last one judged, and those with late runs; yesterday first, as it is published. */
  async function judgeDays(before: string, invocation: Invocation, log: LogFields): Promise<DailyDriftResult> {
    const last = await ports.ledger.judgedUntil();
    // If the clock was ahead then, all earlier days are checked again.
    const until = last !== null && isClosed(last, ports.now()) ? last : null;
    const yesterday = daysBefore(1, before);
    const settled = until ?? daysBefore(FIRST_DAYS + 1, before);
    const closed = [yesterday]; // the days after the last judged one, and at least yesterday
    for (let day = daysBefore(2, before); day > settled; day = daysBefore(1, day)) closed.push(day);
    const due = new Set(await ports.ledger.dueDays(dayOf(new Date(before))));
    const needed = Math.min(NEEDED_SECONDS, invocation.remainingSeconds() / 2); // the time-out may be shorter than that
    const hasTime = () => invocation.remainingSeconds() > needed;
    const judged: DailyDriftResult['judged'] = [];
    const shortfalls = makeShortfalls(ports);
    for (const day of [...new Set([...closed, ...due])].toSorted().reverse())
      if (!(hasTime() && (await judge(day))) && !due.has(day)) await ports.ledger.markDue({ day, ...LEFT });
    await shortfalls.tellNone();
    if (until === null || until < yesterday) await ports.ledger.setJudgedUntil(yesterday);
    log['judged'] = judged.length;
    return { judged: judged.reverse() };

    /**
     * Judges a day; returns whether it is settled, as far as is known. Reads its marks before counting it, and afterwards
     * deletes those that are no longer fresh: only these were counted.
     */
    async function judge(day: string): Promise<boolean> {
      const asOf = ports.now();
      const since = freshFrom(asOf);
      const done = await ports.ledger.marksBefore(day, since);
      const fresh = await ports.ledger.marksSince(day, since);
      const hasLeft = [...done, ...fresh.map(({ mark }) => mark)].some(saysLeft);
      const { cutOff, isLanding, landed, left } = await cutOffOf(day, await endOf(day, asOf), fresh);
      const totals = await totalsOf(ports.ledger.ofDay(day, { cutOff }), landed, left);
      let isSettled = !isLanding;
      for (const sums of [...totals.values(), ...(hasLeft ? await emptied(day, totals) : [])]) {
        if (await hasLostRuns(day, sums.model)) {
          log['rowsExpired'] = `${modelId(sums.model)} on ${day}`;
          continue;
        }
        try {
          const row = await reviseDay(day, cutOff, sums, hasLeft);
          if (row !== undefined) judged.push({ day, model: sums.model, ...row });
          await shortfalls.tell(day, sums, log, ports.ledger.ofDay(day, { cutOff }));
        } catch (error) {
          if (!isUnusable(error)) throw error; // a broken package must not keep other versions and days from being judged
          log['notJudged'] = `${modelId(sums.model)} on ${day}: ${error.message}`;
          isSettled = false;
        }
      }
      if (day === yesterday) await publishDay([...totals.values()]);
      if (isSettled) await ports.ledger.clearMarks(done, hasTime);
      return isSettled;
    }
  }

  /**
   * Writes the next revision of a day, if its numbers differ from the latest one's. It may have fewer runs only if one is known to
   * have `left` the day since, because an index that lags would show fewer as well. A caller whose count is older than the latest
   * revision, because it was suspended, writes none: a run may have left since.
   *
   * @returns the revision written, if any
   */
  async function reviseDay(day: string, cutOff: string, totals: DayTotals, hasLeft: boolean) {
    const judgement = judgeDrift(sumsOf(totals), await ports.models.load(totals.model), ports);
    for (;;) {
      const latest = await ports.metrics.latestDay(totals.model, day);
      const isSame = latest?.runs === totals.runs && isDeepStrictEqual(latest.judgement, judgement);
      const isFewer = latest !== undefined && latest.runs > totals.runs;
      const before = latest?.cutOff ?? '';
      const isLater = before < cutOff;
      const isOld = cutOff < before && !isAhead(before, ports.now()); // a clock that was ahead proves nothing
      const isNothing = latest === undefined && totals.runs === 0;
      if (isSame || isNothing || isOld || (isFewer && !(hasLeft && isLater))) return undefined;
      const revision = (latest?.revision ?? 0) + 1;
      const row = { day, revision, runs: totals.runs, cutOff, judgement };
      await ports.ledger.markRevised(day, ports.now());
      if (await ports.metrics.putDay(totals.model, row)) return { revision, verdict: judgement.drift?.verdict ?? null };
    }
  }

  /** Whether rows of requests that a day counts have expired: it keeps its numbers, as nothing else has theirs. */
  async function hasLostRuns(day: string, model: ModelRef): Promise<boolean> {
    if (day > daysBefore(ports.requestDays, ports.now())) return false;
    const latest = await ports.metrics.latestDay(model, day);
    if (latest === undefined) return false;
    const left = await totalsOf(ports.ledger.ofDay(day, { cutOff: latest.cutOff }));
    return (left.get(modelId(model))?.runs ?? 0) < latest.runs;
  }

  /** Model versions whose last run of the day has left it. */
  async function emptied(day: string, totals: ReadonlyMap<string, DayTotals>): Promise<DayTotals[]> {
    const models = new Map<string, ModelRef>();
    for (const { mark, landing } of await ports.ledger.marksSince(day, new Date(0)))
      if (landing !== undefined && saysLeft(mark)) models.set(modelId(landing.model), landing.model);
    const without: DayTotals[] = [];
    for (const [id, ref] of models) {
      const model = totals.has(id) ? null : await ports.models.load(ref).catch(noneIfUnusable);
      if (model !== null) without.push({ model: ref, runs: 0, ...noTotals(model) });
    }
    return without;
  }

  /** The time as of which a day is counted: now, or the end of its last run, if the clock was ahead then. */
  async function endOf(day: string, now: Date): Promise<Date> {
    for await (const { changed } of ports.ledger.ofDay(day, { newestFirst: true, pageSize: 1 }))
      return isAhead(changed, now) ? new Date(changed) : now;
    return now;
  }

  /** Metrics name no version: of two of a model, the live one's numbers are published, and trials are left out. */
  async function publishDay(versions: DayTotals[]): Promise<void> {
    const areTrials = await Promise.all(versions.map(({ model }) => ports.models.isTrial(model)));
    const counted = versions.filter((_, i) => !areTrials[i]);
    const byName = [...Map.groupBy(counted, ({ model }) => model.name).values()];
    const live = byName.some((some) => some.length > 1) ? (await ports.models.serving()).live : [];
    for (const some of byName) {
      const isLive = (one: DayTotals) => live.some(({ model }) => modelId(model) === modelId(one.model));
      const totals = some.find(isLive) ?? some.at(-1)!;
      const model = await ports.models.load(totals.model).catch(noneIfUnusable);
      if (model !== null)
        await ports.publish(datumsOf(judgeDrift(sumsOf(totals), model, ports), totals.model, model, 'day'));
    }
  }

  return judgeDays;
}

/**
 * Judges and publishes after a batch of files that arrived: the window with its runs, and its failures, so that alarms react as
 * soon as for files with an execution each. If the batch's day is over, the batch has marked it as due.
 */
export function makeWatchBatch(ports: DriftPorts, { publishAfter }: Pick<RecentDrift, 'publishAfter'>) {
  const countedRows = makeCountedRows(ports);

  return async (batch: BatchRef, result: BatchResult, log: LogFields) => {
    Object.assign(log, { batch: batch.id, ...result });
    const read = async (isNow: boolean) => (await countedRows(batch, isNow)).filter((row) => row.batch === batch.id);
    const shown = await read(false);
    // If the eventually consistent read lacks some of the batch's counted runs, read consistently.
    const rows = shown.length === result.done + result.empty ? shown : await read(true);
    const newestFirst = rows.sort((one, other) => inOrderOfEnds(other, one));
    const runs = newestFirst.map((row) => ({ ...countedRunSchema.parse(row), day: batch.day }));
    if (runs.length > 0) await publishAfter(batch.model, runs);
    const failures = (['FAILED', 'INVALID'] as const).flatMap((state) => {
      const count = result[state === 'FAILED' ? 'failed' : 'invalid'];
      return count > 0 ? [countRecentFailures(ports, state, count)] : [];
    });
    if (failures.length > 0) await ports.publish(await Promise.all(failures));
    return { status: 'watched' } as const;
  };
}

type ShortfallPorts = Pick<DriftPorts, 'publish' | 'falseAlarmsPerYear'> & {
  models: Pick<DriftPorts['models'], 'load' | 'isTrial'>;
};

/** How many days a log line lists. */
const MOST_NAMED = 31;

/**
 * Publishes the accuracy of the days that a sweep checks: yesterday, days that it judges late, and days whose truth came late. The
 * metric is the largest shortfall of them and of their segments that miss the expectation, so that a good day does not hide a bad one of the same sweep. One that is missed is
 * published before the day's marks are deleted, so that a sweep that dies in between publishes it again; that none is, once all days are judged. Trials are ignored.
 */
export function makeShortfalls({ models, publish, ...limits }: ShortfallPorts) {
  const largest = new Map<string, number>();
  const below: string[] = [];

  /** @param runs those of the day, for its segments; the index may not show those still landing, which the next sweep judges */
  async function tell(day: string, totals: DayTotals, log: LogFields, runs: AsyncIterable<EndedRun>) {
    const ref = totals.model;
    const model = await models.load(ref);
    const shortfall = accuracyOf(totals, model, limits)?.shortfall ?? null;
    if (shortfall === null || (await models.isTrial(ref))) return;
    const segments = await missedSegments(runs, { ...model, ...ref }, limits);
    const names = segments.map(({ by, name }) => `${by} ${name}`).slice(0, MOST_NAMED);
    if (shortfall > 0 || names.length > 0) {
      below.push(`${modelId(ref)} on ${day}${names.length === 0 ? '' : ` (${names.join(', ')})`}`);
      log['belowExpected'] = below.slice(0, MOST_NAMED).join(', ');
    }
    const value = Math.max(shortfall, ...segments.map((segment) => segment.shortfall!));
    if (value <= (largest.get(ref.name) ?? Number.NEGATIVE_INFINITY)) return;
    largest.set(ref.name, value);
    if (value > 0) await publish([{ metric: 'AccuracyShortfall', value, dimensions: { Model: ref.name } }]);
  }

  async function tellNone(): Promise<void> {
    for (const [Model, value] of largest)
      if (value <= 0) await publish([{ metric: 'AccuracyShortfall', value, dimensions: { Model } }]);
  }

  return { tell, tellNone };
}
