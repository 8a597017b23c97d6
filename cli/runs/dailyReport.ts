import { join, parse, resolve } from 'node:path';
import * as z from 'zod';
import { counted } from '../../charts/format.ts';
import type { Service } from '../../console/service.ts';
import { dayOf, daysBefore } from '../../core/base/time/days.ts';
import { limitsOf } from '../../core/drift/window.ts';
import { renderReport as render } from '../../report/html.ts';
import { type Written, writeReports } from '../../report/writeReports.ts';
import { type Where, withService } from '../service/ledger.ts';
import { bold, coloured, dim, print, printable, refused, writeNamed } from '../terminal/output.ts';

type Options = Where & { day?: string; out?: string };
type Made = Extract<Written, { report: unknown }> & { out: string | null };

export async function dailyReport({ day: asked, out, ...where }: Options): Promise<void> {
  await withService(where, async (service) => {
    const day = askedDay(asked, service.now());
    const written = await reportsOf(service, day);
    const areSeveral = written.filter((one) => 'report' in one).length > 1;
    for (const one of written) {
      if ('report' in one) {
        const { dir, name, ext } = parse(resolve(out ?? ''));
        // Its name has the version if several versions have a report on that day.
        const copy = out === undefined ? null : join(dir, `${name}${areSeveral ? `-${one.model.version}` : ''}${ext}`);
        if (copy !== null) await writeNamed('--out', copy, await service.readResult(one.html));
        tell({ ...one, out: copy }, service, where);
      } else {
        const { model, why } = one;
        console.error(`swath: no report for ${printable(`${model.name} ${model.version}: ${why}`)}`);
        process.exitCode = 1;
      }
    }
  });
}

/** Writes the reports of a day. No function's time-out applies here. */
export function reportsOf(service: Service, day: string): Promise<Written[]> {
  const invocation = { remainingSeconds: () => Infinity, signal: new AbortController().signal };
  return writeReports({ ...service, ...limitsOf(service.parameters), render }, day, invocation);
}

function askedDay(asked: string | undefined, now: Date): string {
  const today = dayOf(now);
  if (asked === undefined) return daysBefore(1, today);
  if (asked === 'today') return today;
  if (z.iso.date().safeParse(asked).success && asked <= today) return asked;
  throw refused('--day', asked, `is a UTC day such as 2026-01-31, up to today, ${today}, or the word today`);
}

function tell({ report, html, json, out }: Made, { results }: Service, asked: Where): void {
  const placed = (key: string) => (results === null ? key : join(results, ...key.split('/')));
  const { day, model, verdict, accuracy, parts, partsRead } = report;
  const told = { day, model, verdict, accuracy, html: placed(html), json: placed(json), out };
  const where = results === null ? `${html}, in the results bucket` : placed(html);
  print(asked.json, told, () =>
    [
      `${bold(day)}  ${printable(`${model.name} ${model.version}`)}  ${coloured(verdict.outcome)}`,
      printable(verdict.sentence),
      ...(accuracy === null ? [] : [printable(accuracy.sentence)]),
      ...(partsRead === parts ? [] : [`That is read from ${partsRead} of ${counted(parts, 'file')} of predictions.`]),
      `What to do: ${verdict.action}`,
      ...verdict.findings.map((finding) => `- ${printable(finding)}`),
      `${dim('report')}  ${printable(where)}`,
      `${dim('data')}    ${printable(placed(json))}`,
      ...(out === null ? [] : [`${dim('copy')}    ${printable(out)}`]),
    ].join('\n'),
  );
}
