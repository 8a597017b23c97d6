import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';

const SAMPLE = new URL('../../samples/spam/texts.csv', import.meta.url);

/** Each of the sample's texts as an input. */
export function mailInputs(): { text: string }[] {
  const rows = parse<{ text: string }>(readFileSync(SAMPLE), { columns: true });
  return rows.map(({ text }) => ({ text }));
}
