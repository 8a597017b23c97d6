import { jsonLine } from './jsonLine.ts';
import { withoutSecrets } from './withoutSecrets.ts';

/** One wide line per unit of work: fixed keys, the data in fields, never a file's contents. */
export type LogFields = Record<string, string | number | boolean | null | undefined>;

let write = (line: string): void => {
  process.stdout.write(line);
};

let now = (): Date => new Date();

/** Sends the log lines elsewhere, with a clock's time; on a laptop they go into a file, because stdout belongs to the answer. */
export function logTo(sink: (line: string) => void, clock = now): void {
  write = sink;
  now = clock;
}

/** @param embedded members beside the fields, by which CloudWatch takes metrics out of the line: core/embeddedMetrics.ts */
export function logLine(event: string, fields: LogFields, embedded: Readonly<Record<string, unknown>> = {}): void {
  write(`${jsonLine({ time: now().toISOString(), event, ...hideSecrets(fields), ...embedded })}\n`);
}

/** The last gate: a text in any of the fields may come from anywhere. */
function hideSecrets(fields: LogFields): LogFields {
  const hidden = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === 'string' ? withoutSecrets(value) : value,
  ]);
  return Object.fromEntries(hidden);
}
