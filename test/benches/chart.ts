import { parseHTML } from 'linkedom';

/** For tests: a document without a browser, as the report draws in. */
export const { document } = parseHTML('<html></html>');

export type DrawnElement = (typeof document)['documentElement'];

/** A chart as that document holds it; Plot's types know a browser's elements only. */
export function elementOf(chart: unknown): DrawnElement {
  return chart as DrawnElement;
}
