import type { Alarm } from './alarms.ts';

/**
 * docs/runbook.md has a section for each alarm, with the alarm's id as its heading. It begins with a generated quotation of the
 * alarm's meaning and first step; the rest is written by hand.
 */
export type Section = { id: string; quotation: string; text: string };

const HEADING = /^## (.+)$/m;

/** The runbook's sections, in order; the text before the first belongs to none. */
export function readSections(runbook: string): Section[] {
  const [, ...parts] = runbook.split(HEADING);
  const sections: Section[] = [];
  for (let i = 0; i < parts.length; i += 2) {
    const body = parts[i + 1]!.trimStart();
    const quotation = /^(>.*\n)*/.exec(body)![0];
    sections.push({ id: parts[i]!, quotation: quotation.trimEnd(), text: body.slice(quotation.length).trim() });
  }
  return sections;
}

function quotationOf({ title, meaning, firstStep }: Alarm): string {
  return `> **${title}.** ${meaning}\n>\n> **First:** ${firstStep}`;
}

/** Updates the quotations in the runbook; sections without an alarm stay as they are. */
export function withQuotations(runbook: string, alarms: Alarm[]): string {
  const start = runbook.search(HEADING);
  const sections = readSections(runbook).map(({ id, quotation, text }) => {
    const alarm = alarms.find((one) => one.id === id);
    return `## ${id}\n\n${alarm === undefined ? quotation : quotationOf(alarm)}\n\n${text}\n`;
  });
  return `${runbook.slice(0, start)}${sections.join('\n')}`;
}
