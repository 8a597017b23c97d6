import type { Alarm } from './alarms.ts';

/**
 * docs/runbook.md: a section for each alarm, whose heading is the alarm's id. It begins with a quotation of the alarm,
 * what it means and what to do first; the rest is written by hand.
 */
export type Section = { id: string; quotation: string; text: string };

const HEADING = /^## (.+)$/m;

/** The runbook's sections, in their order; what stands before the first one belongs to none. */
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

/** What an alarm says of itself, as its section quotes it. */
function quotationOf({ title, meaning, firstStep }: Alarm): string {
  return `> **${title}.** ${meaning}\n>\n> **First:** ${firstStep}`;
}

/** The runbook with each section's quotation as its alarm says it now; a section of no alarm stays as it is. */
export function withQuotations(runbook: string, alarms: Alarm[]): string {
  const start = runbook.search(HEADING);
  const sections = readSections(runbook).map(({ id, quotation, text }) => {
    const alarm = alarms.find((one) => one.id === id);
    return `## ${id}\n\n${alarm === undefined ? quotation : quotationOf(alarm)}\n\n${text}\n`;
  });
  return `${runbook.slice(0, start)}${sections.join('\n')}`;
}
