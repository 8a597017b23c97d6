import { NoModelPromoted, onError } from '../../core/base/errors.ts';
import { type ReportInput, type ReportResult, reportInputSchema } from '../../core/base/messages.ts';
import { type LogFields, makeStep, type Work } from '../../core/base/step.ts';
import { dayOf, daysBefore } from '../../core/base/time/days.ts';
import type { makeRevisedDays } from '../../core/ledger/dueDays.ts';
import type { Publish } from '../../core/metrics/metrics.ts';
import { type DayTablesPorts, daysOfUncounted, hasLostRuns, writeDayTables } from '../../core/tables/writeDayTables.ts';
import { type WriteReportsPorts, writeReports } from '../../report/writeReports.ts';

/** The time needed for a report: with less left, no other is begun, as an alarm watches calls close to their time-out. */
const NEEDED_SECONDS = 400;
const KEPT = 'It keeps what was written, as rows of its requests have expired since.';

export type ReportStepPorts = WriteReportsPorts &
  DayTablesPorts & { ledger: ReturnType<typeof makeRevisedDays>; publish: Publish; requestDays: number };

export const reportStep = (ports: ReportStepPorts) => makeStep('report', reportInputSchema, makeReport(ports));

/**
 * Writes the reports of the UTC day that has just closed, even without files, and of days with a new revision, the newest first.
 * A revision is marked until its day is written: one that an earlier sweep did not report is reported now, and one for which no
 * time is left by the next sweep, or by "swath report". Before the reports, it writes the tables for SQL, also of
 * days whose runs have failed since yesterday began. Days of which rows have expired keep what was written while all were
 * there. This is the last step of a sweep, and publishes that the sweep has ended.
 */
export function makeReport(ports: ReportStepPorts): Work<ReportInput, ReportResult> {
  return async ({ before, judged }, invocation, log: LogFields) => {
    const yesterday = daysBefore(1, before);
    const marks = await ports.ledger.revised();
    const revised = new Set([...judged.map(({ day }) => day), ...marks.map(dayOfMark)]);
    const days = [...new Set([yesterday, ...revised])].toSorted().reverse();
    const result: ReportResult = { reports: [], leftOut: [], revised: [...revised] };
    const uncounted = await daysOfUncounted(ports.ledger, new Date(`${yesterday}T00:00:00Z`), dayOf(new Date(before)));
    const oldest = daysBefore(ports.requestDays - 1, before);
    const needed = Math.min(NEEDED_SECONDS, invocation.remainingSeconds() / 2); // the time-out may be shorter than that
    for (const day of new Set([...days, ...[...uncounted].toSorted().reverse()])) {
      if (invocation.remainingSeconds() < needed) {
        result.leftOut.push({ day, why: 'No time was left for it.' });
        continue;
      }
      if (day < oldest && (await hasLostRuns(ports, day))) result.leftOut.push({ day, why: KEPT });
      else {
        await writeDayTables(ports, day);
        if (days.includes(day)) await reportOn(day);
      }
      for (const mark of marks) if (dayOfMark(mark) === day) await ports.ledger.clearRevised(mark);
    }
    log['reports'] = result.reports.length;
    await ports.publish([{ metric: 'Sweeps', value: 1, dimensions: {} }]);
    log['leftOut'] = result.leftOut.map(({ day, why }) => `${day}: ${why}`).join(' ') || undefined;
    return result;

    async function reportOn(day: string): Promise<void> {
      const leaveOut = onError(NoModelPromoted, ({ message: why }) => void result.leftOut.push({ day, why }));
      for (const { model, ...written } of (await writeReports(ports, day, invocation).catch(leaveOut)) ?? [])
        if ('why' in written) result.leftOut.push({ day, why: written.why });
        else result.reports.push({ day, model, key: written.html, outcome: written.report.verdict.outcome });
    }
  };
}

const dayOfMark = (mark: string): string => mark.slice(0, '2026-05-08'.length);
