import { modelId, runId } from '../../../core/base/run.ts';
import { isClosed } from '../../../core/base/time/days.ts';
import { addTo, type DayTotals, inTheirOrder } from '../../../core/drift/dayTotals.ts';
import { sumsOf } from '../../../core/drift/totals.ts';
import { saysLeft } from '../../../core/ledger/dueDays.ts';
import type { EndedRun } from '../../../core/ledger/ledgerItem.ts';
import type { DriftPorts } from '../ports.ts';
import { freshFrom, makeCutOff } from './cutOff.ts';
import { makeReviseDay } from './reviseDay.ts';

/** A late run counts so many others itself; with more, it leaves the day to the next sweep, which bounds the cost. */
const CROWD = 100;

/** Revises days that were judged before all of their runs had ended. */
export function makeLateRuns(ports: DriftPorts) {
  const cutOffOf = makeCutOff(ports);
  const reviseDay = makeReviseDay(ports);

  /**
   * Writes a new revision of a judged day: the latest revision's sums, which contain none that ended after its cut-off,
   * plus the runs that have. Runs that an index did not show are found by the sweep, which counts a marked day
   * completely.
   */
  async function reviseIfJudged(day: string, late: EndedRun): Promise<void> {
    if (!isClosed(day, ports.now())) return;
    const latest = await ports.metrics.latestDay(late.model, day);
    if (latest === undefined) return; // not judged yet: the day is due, and the sweep counts it
    const { cutOff: before } = latest;
    const asOf = ports.now();
    const marks = await ports.ledger.marksSince(day, freshFrom(asOf), CROWD + 1);
    // A batch is too many runs. A run that has left is in the latest sums, which cannot be subtracted from.
    if (marks.length > CROWD || marks.some(({ batch, mark }) => batch !== undefined || saysLeft(mark))) return;
    const shown: EndedRun[] = [];
    for await (const run of ports.ledger.ofDay(day, { after: before, pageSize: CROWD + 1 }))
      if (shown.push(run) > CROWD) return;
    // Runs whose end the index shows need not be read by key; it may not show this run yet.
    const known = new Map([...shown, late].map((run) => [run.run, run]));
    const fresh = marks.filter(({ landing: of }) => of === undefined || !known.has(runId(of.scene, of.model)));
    const { cutOff, landed } = await cutOffOf(day, asOf, fresh);
    for (const run of landed) known.set(run.run, run);

    const own = modelId(late.model);
    const isNew = ({ changed, model }: EndedRun) => before < changed && changed <= cutOff && modelId(model) === own;
    const since = inTheirOrder([...known.values()]).filter(isNew);
    let totals: DayTotals = { model: late.model, runs: latest.runs, ...sumsOf(latest.judgement) };
    for (const run of since) totals = addTo(totals, run);
    const isOvertaken = since.length > 0 && (await reviseDay(day, cutOff, totals, { seen: latest })) === 'overtaken';
    if (isOvertaken) await reviseIfJudged(day, late);
  }

  return { reviseIfJudged };
}
