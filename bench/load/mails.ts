import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';

const SAMPLE = new URL('../../samples/spam/texts.csv', import.meta.url);

/** Each of the sample's texts as an input. A long one is followed by all others, so that the model reads as much of it as it can. */
export function mailInputs(isLong = false): { text: string }[] {
  const texts = parse<{ text: string }>(readFileSync(SAMPLE), { columns: true }).map(({ text }) => text);
  return texts.map((text, i) => ({ text: isLong ? [...texts.slice(i), ...texts.slice(0, i)].join(' ') : text }));
}
