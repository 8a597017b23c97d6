import { isDeepStrictEqual } from 'node:util';
import { InvalidModelPackage, ObjectNotFound } from '../shared/errors.ts';
import type { CountedRun } from '../shared/ledgerItem.ts';
import type { LogFields } from '../shared/log.ts';
import type { DailyDriftResult, ModelRef } from '../shared/messages.ts';
import { noneIfInvalid } from '../shared/models.ts';
import { modelId } from '../shared/run.ts';
import type { DriftPorts } from './drift.ts';
import { addRun, noTotals, type Totals } from './totals.ts';
import { datumsOf, judge } from './window.ts';

/** So many closed days are looked at; one that is older and was never judged stays so. */
const LOOK_BACK_DAYS = 31;
const DAY_MILLISECONDS = 86_400_000;

type DayTotals = Totals & { model: ModelRef; runs: number };

/** Judges closed UTC days, each model version by itself. */
export function makeDailyDrift(ports: DriftPorts) {
  /** Every closed day of the last month whose numbers are new: yesterday's, and those that runs landed late in. */
  async function judgeDue(before: string, log: LogFields): Promise<DailyDriftResult> {
    const judged: DailyDriftResult['judged'] = [];
    for (let back = LOOK_BACK_DAYS; back >= 1; back -= 1) {
      const day = new Date(Date.parse(before) - back * DAY_MILLISECONDS).toISOString().slice(0, 10);
      const cutOff = ports.now().toISOString();
      const versions = [...(await totalsOf(ports.ledger.ofDay(day))).values()];
      for (const totals of versions) {
        const row = await revise(day, cutOff, totals).catch((error: unknown) => {
          log['notJudged'] = `${modelId(totals.model)} on ${day}: ${sentenceOfPackage(error)}`;
          return undefined;
        });
        if (row !== undefined) judged.push({ day, model: totals.model, ...row });
      }
      if (back === 1) await publishDay(versions);
    }
    log['judged'] = judged.length;
    return { judged };
  }

  /** A run that lands after its day was judged makes a new revision of that day. */
  async function reviseIfJudged(day: string, late: CountedRun): Promise<void> {
    if (day >= ports.now().toISOString().slice(0, 10)) return;
    if ((await ports.metrics.latestDay(late.model, day)) === undefined) return;
    const cutOff = ports.now().toISOString();
    // The index may not show the run yet; it counts all the same, and once.
    const totals = await totalsOf(ports.ledger.ofDay(day), late);
    await revise(day, cutOff, totals.get(modelId(late.model))!);
  }

  /** Writes the next revision of a day, if its numbers are others than the latest one's. */
  async function revise(day: string, cutOff: string, totals: DayTotals) {
    const model = await ports.models.load(totals.model);
    const judgement = judge(totalsOnly(totals), model, ports);
    for (;;) {
      const latest = await ports.metrics.latestDay(totals.model, day);
      const isSame = latest?.runs === totals.runs && isDeepStrictEqual(latest.judgement, judgement);
      if (isSame || (latest !== undefined && latest.runs > totals.runs)) return undefined;
      const revision = (latest?.revision ?? 0) + 1;
      const row = { day, revision, runs: totals.runs, cutOff, judgement };
      if (await ports.metrics.putDay(totals.model, row)) return { revision, verdict: judgement.drift?.verdict ?? null };
    }
  }

  /** A metric names the model and not its version: where two were at work that day, the live one's numbers are shown. */
  async function publishDay(versions: DayTotals[]): Promise<void> {
    const live = versions.length > 1 ? await ports.models.promotedOrNone().catch(noneIfInvalid) : null;
    const totals = versions.find(({ model }) => model.version === live?.version) ?? versions.at(-1);
    if (totals === undefined) return;
    const model = await ports.models.load(totals.model).catch(noneIfUnusable);
    if (model === null) return;
    await ports.publish(datumsOf(judge(totalsOnly(totals), model, ports), totals.model, model, 'day'));
  }

  return { judgeDue, reviseIfJudged };
}

/** The day's sums for each model version, by its id; a run counts once, however often it comes. */
async function totalsOf(runs: AsyncIterable<CountedRun>, late?: CountedRun): Promise<Map<string, DayTotals>> {
  const totals = new Map<string, DayTotals>();
  let isLateOpen = late !== undefined;
  for await (const run of runs) {
    if (run.run === late?.run) isLateOpen = false;
    add(totals, run);
  }
  if (late !== undefined && isLateOpen) add(totals, late);
  return totals;
}

function add(totals: Map<string, DayTotals>, run: CountedRun): void {
  const id = modelId(run.model);
  const sum = totals.get(id) ?? { model: run.model, runs: 0, ...noTotals(run.classes.length) };
  sum.runs += 1;
  addRun(sum, run);
  totals.set(id, sum);
}

function totalsOnly({ model: _model, runs: _runs, ...totals }: DayTotals): Totals {
  return totals;
}

/** A package that is broken or was taken away must not keep the other versions, and the other days, from their verdict. */
function sentenceOfPackage(error: unknown): string {
  if (error instanceof InvalidModelPackage || error instanceof ObjectNotFound) return error.message;
  throw error;
}

function noneIfUnusable(error: unknown): null {
  sentenceOfPackage(error);
  return null;
}
