import { mapped } from './mapped.ts';

import { jsonLine } from './text/jsonLine.ts';
import { withoutSecrets } from './text/withoutSecrets.ts';

/** The fields of one wide log line per unit of work: fixed keys, never a file's contents. */
export type LogFields = Record<string, string | number | boolean | null | undefined>;

let write = (line: string): void => {
  process.stdout.write(line);
};

let now = (): Date => new Date();

/** Redirects log lines: on a laptop they go into a file, because stdout is for the command's output. */
export function logTo(sink: (line: string) => void, clock = now): void {
  write = sink;
  now = clock;
}

/** @param embedded members beside the fields, from which CloudWatch extracts metrics: core/metrics/embeddedMetrics.ts */
export function logLine(event: string, fields: LogFields, embedded: Readonly<Record<string, unknown>> = {}): void {
  // The last safeguard: text in any field may come from anywhere.
  const shown = mapped(fields, (value) => (typeof value === 'string' ? withoutSecrets(value) : value));
  write(`${jsonLine({ time: now().toISOString(), event, ...shown, ...embedded })}\n`);
}
