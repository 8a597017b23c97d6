import { dayOf, daysBefore } from '../../core/days.ts';
import { NoModelPromoted } from '../../core/errors.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { LogFields } from '../../core/log.ts';
import { type ReportInput, type ReportResult, reportInputSchema } from '../../core/messages.ts';
import type { Publish } from '../../core/metrics.ts';
import { makeStep, type Work } from '../../core/step.ts';
import {
  type DayTablesPorts,
  daysOfUncounted,
  ROWS_IN_FILE,
  writeDayTables,
} from '../../core/tables/writeDayTables.ts';
import { type WriteReportsPorts, writeReports } from '../../report/writeReports.ts';

/** So much of the time-out is left for the last report that is begun: nearer to it, an alarm tells. */
const NEEDED_SECONDS = 400;

export type ReportStepPorts = WriteReportsPorts & DayTablesPorts & { publish: Publish };

export const reportStep = (ports: ReportStepPorts) => makeStep('report', reportInputSchema, makeReport(ports));

/**
 * Writes the reports of the UTC day that has just closed, be it without files, and of those whose verdict is new; the
 * newest first. Days that there is no time for are left out: "swath report" makes theirs. Before the reports, and for days as
 * well whose runs have failed since yesterday began, it writes what SQL reads of a day. This is the end of a sweep, and it says so.
 */
export function makeReport(ports: ReportStepPorts): Work<ReportInput, ReportResult> {
  return async ({ before, judged }, invocation, log: LogFields) => {
    const yesterday = daysBefore(1, before);
    const days = [...new Set([yesterday, ...judged.map(({ day }) => day)])].toSorted().reverse();
    const result: ReportResult = { reports: [], leftOut: [] };
    const uncounted = await daysOfUncounted(ports.ledger, new Date(`${yesterday}T00:00:00Z`), dayOf(new Date(before)));
    for (const day of new Set([...days, ...[...uncounted].toSorted().reverse()])) {
      if (invocation.remainingSeconds() < NEEDED_SECONDS) result.leftOut.push({ day, why: 'No time was left for it.' });
      else {
        const isReported = days.includes(day);
        const once = isReported ? readingOnce(ports) : ports;
        await writeDayTables(once, day);
        if (isReported) await reportOn(day, once);
      }
    }
    log['reports'] = result.reports.length;
    await ports.publish([{ metric: 'Sweeps', value: 1, dimensions: {} }]);
    log['leftOut'] = result.leftOut.map(({ day, why }) => `${day}: ${why}`).join(' ') || undefined;
    return result;

    async function reportOn(day: string, once: ReportStepPorts): Promise<void> {
      try {
        for (const { model, ...written } of await writeReports(once, day, invocation)) {
          if ('why' in written) result.leftOut.push({ day, why: written.why });
          else result.reports.push({ day, model, key: written.html, outcome: written.report.verdict.outcome });
        }
      } catch (error) {
        if (!(error instanceof NoModelPromoted)) throw error;
        result.leftOut.push({ day, why: error.message });
      }
    }
  };
}

/**
 * The counted runs of a day are read once for its tables and its report, as each row is paid for; not where they are more than
 * the tables hold at a time.
 */
function readingOnce(ports: ReportStepPorts): ReportStepPorts {
  const known = new Map<string, LedgerRow[]>();
  async function* rowsOfDay(day: string): AsyncGenerator<LedgerRow> {
    const before = known.get(day);
    if (before !== undefined) return yield* before;
    const rows: LedgerRow[] = [];
    for await (const row of ports.ledger.rowsOfDay(day)) {
      if (rows.length <= ROWS_IN_FILE) rows.push(row);
      yield row;
    }
    if (rows.length <= ROWS_IN_FILE) known.set(day, rows);
  }
  return { ...ports, ledger: { ...ports.ledger, rowsOfDay } };
}
