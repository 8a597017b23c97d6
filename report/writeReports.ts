import { InvalidModelPackage, NoModelPromoted, ObjectNotFound, onError } from '../core/base/errors.ts';
import { reportKey } from '../core/base/keys.ts';
import { isUnassigned, type ModelRef, modelId } from '../core/base/messages.ts';
import type { WriteObject } from '../core/base/objectStore.ts';
import type { Invocation } from '../core/base/step.ts';
import type { LedgerRow } from '../core/ledger/ledgerRow.ts';
import type { Models } from '../core/releases/contract.ts';
import { type DayRuns, type DayRunsPorts, readDayRuns } from './dayRuns.ts';
import { gatherReport, type Report, type ReportPorts } from './report.ts';

export type WriteReportsPorts = ReportPorts &
  DayRunsPorts & {
    models: Pick<Models, 'load' | 'serving' | 'isTrial'>;
    writeResult: WriteObject;
    render: (report: Report) => string;
  };

/** A report that was written, or why there is none. */
export type Written = { day: string; model: ModelRef } & (Awaited<ReturnType<typeof writeReport>> | { why: string });

/**
 * Writes the reports of a UTC day (YYYY-MM-DD), as HTML and as JSON; a repeated one overwrites itself. There is one for each
 * model version that a file of the day came to: each has its own verdict, size limit and place beside its predictions, and can be
 * sent by itself. On a day without files there is one of each live version. A version that somebody only tries has none.
 *
 * @throws NoModelPromoted where there is no version to report on
 */
export async function writeReports(ports: WriteReportsPorts, day: string, invocation: Invocation): Promise<Written[]> {
  const runs = await readDayRuns(ports, day);
  const written: Written[] = [];
  for (const model of await versionsOf(ports, runs, day)) {
    /** With it, the files that no model version could be named for. */
    const isMeant = (row: LedgerRow) => modelId(row.model) === modelId(model) || isUnassigned(row.model);
    const ofModel = { ...runs, counted: runs.counted.filter(isMeant), others: runs.others.filter(isMeant) };
    written.push({ day, model, ...(await writeReport(ports, day, model, ofModel, invocation).catch(asReason)) });
  }
  return written;
}

/** A package that is broken or was taken away leaves the other versions' reports alone. */
const asReason = onError([InvalidModelPackage, ObjectNotFound], ({ message: why }) => ({ why }));

async function versionsOf({ models }: WriteReportsPorts, { counted, others }: DayRuns, day: string) {
  const seen = new Map<string, ModelRef>();
  for (const { model } of [...counted, ...others]) if (!isUnassigned(model)) seen.set(modelId(model), model);
  const trials = await Promise.all([...seen.values()].map((model) => models.isTrial(model)));
  for (const [i, id] of [...seen.keys()].entries()) if (trials[i] === true) seen.delete(id);
  if (seen.size > 0) return [...seen.keys()].toSorted().map((id) => seen.get(id)!);
  const { live } = await models.serving();
  if (live.length > 0) return live.map(({ model }) => model);
  const but = trials.length > 0 ? ' other than one that is only tried' : '';
  throw new NoModelPromoted(
    `There is no report on ${day}: no file of that day was classified by a model version${but}, and none is promoted.`,
  );
}

async function writeReport(ports: WriteReportsPorts, day: string, model: ModelRef, runs: DayRuns, invoked: Invocation) {
  const report = await gatherReport(ports, day, model, runs, invoked);
  const [html, json] = [reportKey(model, day, 'html'), reportKey(model, day, 'json')];
  await ports.writeResult(json, new TextEncoder().encode(`${JSON.stringify(report)}\n`));
  await ports.writeResult(html, new TextEncoder().encode(ports.render(report)));
  return { report, html, json };
}
