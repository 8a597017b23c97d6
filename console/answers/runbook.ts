import { readFile } from 'node:fs/promises';
import { optionsFor } from '../../core/base/text/commandFor.ts';
import { alarmsOf, placeOf } from '../../observability/alarms.ts';
import type { ObservedParameters } from '../../observability/parameters.ts';
import type { Runbook } from '../api.ts';
import { parseMarkdown } from '../markdown.ts';

const RUNBOOK = new URL('../../docs/runbook.md', import.meta.url);

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

/** Adapts the runbook's commands to this stage, or to a laptop's data folder. */
const asTyped = (text: string, parameters: ObservedParameters): string =>
  text
    .replaceAll('swath-dev', `swath-${parameters.stage}`)
    .replaceAll(' --stage dev', () => optionsFor(placeOf(parameters)));

/** A section of docs/runbook.md: an alarm's id as its heading, a generated quotation of meaning and first step, and the text. */
const SECTION = /^## (.+)\s+((?:>.*\n)*)([\s\S]*?)(?=^## |(?![\s\S]))/gm;

/** The runbook's sections, in order; the text before the first belongs to none. */
export const readSections = (runbook: string) =>
  Array.from(runbook.matchAll(SECTION), ([, id = '', quotation = '', text = '']) => {
    return { id, quotation: quotation.trimEnd(), text: text.trim() };
  });
