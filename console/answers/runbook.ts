import { readFile } from 'node:fs/promises';
import { alarmsOf, LAPTOP } from '../../observability/alarms.ts';
import type { ObservedParameters } from '../../observability/parameters.ts';
import type { Runbook } from '../api.ts';
import { parseMarkdown } from '../markdown.ts';

const RUNBOOK = new URL('../../docs/runbook.md', import.meta.url);

/** The runbook, a section for each alarm, with the thresholds of this service. */
export async function runbookOf(parameters: ObservedParameters): Promise<Runbook> {
  const alarms = new Map(alarmsOf(parameters).map((alarm) => [alarm.id, alarm]));
  return {
    sections: readSections(await readFile(RUNBOOK, 'utf8')).flatMap(({ id, text }) => {
      const alarm = alarms.get(id);
      if (alarm === undefined) return [];
      const { title, meaning, firstStep } = alarm;
      return [{ id, title, meaning, firstStep, text: parseMarkdown(asTyped(text, parameters)) }];
    }),
  };
}

/** Adapts the runbook's commands to this stage, or to a laptop without one. */
function asTyped(text: string, { stage }: ObservedParameters): string {
  if (stage === LAPTOP) return text.replaceAll(' --stage dev', '');
  return text.replaceAll('--stage dev', `--stage ${stage}`).replaceAll('swath-dev', `swath-${stage}`);
}

/** A section of docs/runbook.md: an alarm's id as its heading, a generated quotation of meaning and first step, and the text. */
type Section = { id: string; quotation: string; text: string };

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
