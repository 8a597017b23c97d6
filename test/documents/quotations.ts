import { readSections } from '../../console/answers/runbook.ts';
import type { Alarm } from '../../observability/alarms.ts';

function quotationOf({ title, meaning, firstStep }: Alarm): string {
  return `> **${title}.** ${meaning}\n>\n> **First:** ${firstStep}`;
}

/** Updates the quotations in the runbook; sections without an alarm stay as they are. */
export function withQuotations(runbook: string, alarms: Alarm[]): string {
  const start = runbook.search(/^## /m);
  const sections = readSections(runbook).map(({ id, quotation, text }) => {
    const alarm = alarms.find((one) => one.id === id);
    return `## ${id}\n\n${alarm === undefined ? quotation : quotationOf(alarm)}\n\n${text}\n`;
  });
  return `${runbook.slice(0, start)}${sections.join('\n')}`;
}
