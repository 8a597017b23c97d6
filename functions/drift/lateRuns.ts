import { isClosed } from '../../core/days.ts';
import { addTo, type DayTotals, inTheirOrder } from '../../core/drift/dayTotals.ts';
import { sumsOf } from '../../core/drift/totals.ts';
import { saysLeft } from '../../core/ledger/dueDays.ts';
import type { EndedRun } from '../../core/ledger/ledgerItem.ts';
import { modelId, runId } from '../../core/run.ts';
import { freshFrom, makeCutOff } from './cutOff.ts';
import type { DriftPorts } from './ports.ts';
import { makeRevise } from './revise.ts';

/**
 * A late run that finds itself in a larger crowd, or so many others that no revision has yet, leaves the day, which all of
 * them have marked, to the next sweep: what it costs is bounded, however many files there are.
 */
const CROWD = 100;

/** Revises days that were judged before all of their runs had come to their end. */
export function makeLateRuns(ports: DriftPorts) {
  const cutOffOf = makeCutOff(ports);
  const revise = makeRevise(ports);

  /**
   * A run that lands after its day was judged makes a new revision of that day. It has the latest one's sums, and adds the
   * runs that have come to their end since that one's cut-off: none of those is in them, and each that is not ended later.
   * What an index hid from the sums that it builds upon, the sweep finds, which counts a marked day in full.
   */
  async function reviseIfJudged(day: string, late: EndedRun): Promise<void> {
    if (!isClosed(day, ports.now())) return;
    const latest = await ports.metrics.latestDay(late.model, day);
    if (latest?.cutOff === undefined) return; // not judged yet, or by an older release: the day is due, the sweep counts it
    const { cutOff: before } = latest;
    const asOf = ports.now();
    const marks = await ports.ledger.marksSince(day, freshFrom(asOf), CROWD + 1);
    // A batch is a crowd; and a run that has left is in the latest one's sums, which nobody adds to.
    if (marks.length > CROWD || marks.some(({ batch, mark }) => batch !== undefined || saysLeft(mark))) return;
    const shown: EndedRun[] = [];
    for await (const run of ports.ledger.ofDay(day, { after: before, pageSize: CROWD + 1 }))
      if (shown.push(run) > CROWD) return;
    // Whose end the index shows need not be asked for; itself it may not show yet.
    const known = new Map([...shown, late].map((run) => [run.run, run]));
    const fresh = marks.filter(({ landing: of }) => of === undefined || !known.has(runId(of.scene, of.model)));
    const { cutOff, landed } = await cutOffOf(day, asOf, fresh);
    for (const run of landed) known.set(run.run, run);

    const own = modelId(late.model);
    const isNew = ({ changed, model }: EndedRun) => before < changed && changed <= cutOff && modelId(model) === own;
    const since = inTheirOrder([...known.values()]).filter(isNew);
    let totals: DayTotals = { model: late.model, runs: latest.runs, ...sumsOf(latest.judgement) };
    for (const run of since) totals = addTo(totals, run);
    const isOvertaken = since.length > 0 && (await revise(day, cutOff, totals, { seen: latest })) === 'overtaken';
    if (isOvertaken) await reviseIfJudged(day, late);
  }

  return { reviseIfJudged };
}
