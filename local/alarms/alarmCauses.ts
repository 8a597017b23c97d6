import { latestWritten } from '../../core/base/time/clocks.ts';
import { daysBefore } from '../../core/base/time/days.ts';
import { findCause, movers } from '../../core/drift/cause.ts';
import { accuracyText } from '../../core/drift/driftText.ts';
import type { MetricsTable } from '../../core/drift/metricsTable.ts';
import { recentWindows } from '../../core/drift/recentWindow.ts';
import { accuracyOf, isDrifting, missedSegments, segmentsOfPackage } from '../../core/drift/segments.ts';
import { sumsOf } from '../../core/drift/totals.ts';
import { judgeDrift, limitsOf } from '../../core/drift/window.ts';
import type { Ledger } from '../../core/ledger/contract.ts';
import type { EndedRun } from '../../core/ledger/ledgerItem.ts';
import type { State } from '../../core/ledger/states.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import type { Models } from '../../core/releases/contract.ts';
import { noneIfUnusable, type Promotion } from '../../core/releases/models.ts';
import type { Alarm } from '../../observability/alarms.ts';
import type { ObservedParameters } from '../../observability/parameters.ts';

/** How many files are named; the ledger has all of them. */
const MOST_NAMED = 5;
/** An error's message may be 4,000 letters long; its beginning says what is wrong. */
const LETTERS = 200;

/** The alarms that are about files, and the state in which those are. */
const STATES: Readonly<Record<string, State>> = { 'failed-runs': 'FAILED', 'invalid-files': 'INVALID' };

type Ports = {
  ledger: Pick<Ledger, 'byState' | 'ofDay' | 'byRun'>;
  models: Pick<Models, 'load' | 'promotion'>;
  metrics: Pick<MetricsTable, 'days'>;
  parameters: Pick<ObservedParameters, 'driftThreshold' | 'driftMinimum' | 'driftWindow' | 'falseAlarmsPerYear'>;
  now: () => Date;
};

/** What is behind an alarm, a line each: what moved most, or the newest files of its evaluation time and their errors. */
export async function alarmCauses(ports: Ports, { id, periodSeconds, evaluationPeriods }: Alarm): Promise<string[]> {
  if (id === 'drift' || id === 'band-drift' || id === 'accuracy-below') {
    const live = await ports.models.promotion();
    const causesOf = async (one: Promotion) =>
      id === 'accuracy-below' ? missedDays(ports, one) : recentMovers(ports, await ports.models.load(one));
    const causes = live === null ? [] : await causesOf(live);
    return causes.map((sentence) => sentence.replaceAll('\u00a0', ' ')); // an e-mail with other spaces would be encoded
  }
  const state = STATES[id];
  if (state === undefined) return [];
  const { ledger, now } = ports;
  const at = now();
  const since = new Date(at.getTime() - periodSeconds * evaluationPeriods * 1000);
  const { rows } = await ledger.byState(state, { since, until: latestWritten(at), limit: MOST_NAMED });
  return rows.map(({ scene, run, changed, error }) => {
    const message = error === undefined ? '' : `: ${error.name}: ${error.message.slice(0, LETTERS).toWellFormed()}`;
    return `${scene.key} (run ${run}, ${changed})${message}`;
  });
}

async function recentMovers({ ledger, metrics, parameters, now }: Ports, model: ModelPackage): Promise<string[]> {
  const { window, counted } = await recentWindows(ledger, model, { now: now(), predictions: parameters.driftWindow });
  const limits = limitsOf(parameters);
  const judgement = judgeDrift(sumsOf(window), model, limits);
  const fileOf = async ({ run }: EndedRun) => (await ledger.byRun(run))?.scene.key;
  const cause = await findCause(metrics, daysBefore(1, now()), judgement, model);
  const moved = [...(cause ? [cause.sentence] : []), ...(await movers(judgement, model, counted, fileOf))];
  for (const { by, name, judgement: own } of segmentsOfPackage(counted, model, limits).filter(isDrifting))
    for (const sentence of await movers(own, model, [], fileOf)) moved.push(`Within ${by} ${name}: ${sentence}`);
  return moved;
}

/** How long ago the days were that accuracies are looked for: truth may come late. */
const DAYS_OF_TRUTH = 90;

/** The days that miss the expected accuracy, and their segments that do: of the few judged last, also by versions that were live before. */
async function missedDays({ ledger, models, metrics, parameters, now }: Ports, live: Promotion): Promise<string[]> {
  const limits = limitsOf(parameters);
  const { name, version, replaced, before } = live;
  const versions = new Set([version, ...(replaced === null ? [] : [replaced]), ...before]);
  const known = [];
  for (const ref of Array.from(versions, (one) => ({ name, version: one }))) {
    const rows = await metrics.days(ref, daysBefore(DAYS_OF_TRUTH, now()), daysBefore(1, now()));
    const model = rows.length === 0 ? null : await models.load(ref).catch(noneIfUnusable);
    if (model === null) continue;
    for (const row of rows) known.push({ ...row, model, accuracy: accuracyOf(row.judgement, model, limits) });
  }
  const newest = known.filter(({ accuracy }) => accuracy).toSorted((a, b) => (a.cutOff < b.cutOff ? 1 : -1));
  const missed: string[] = [];
  for (const { day, model, accuracy, cutOff } of newest.slice(0, MOST_NAMED)) {
    if ((accuracy!.shortfall ?? 0) > 0) missed.push(`Right on ${day}: ${accuracyText(accuracy!)}.`);
    for (const { by, name, ...own } of await missedSegments(ledger.ofDay(day, { cutOff }), model, limits))
      missed.push(`Right on ${day}, within ${by} ${name}: ${accuracyText(own)}.`);
  }
  return missed;
}
