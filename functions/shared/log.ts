/** One wide line per unit of work: fixed keys, the data in fields, never a file's contents. */
export type LogFields = Record<string, string | number | boolean | null | undefined>;

let write = (line: string): void => {
  process.stdout.write(line);
};

/** Sends the log lines elsewhere; on a laptop they go into a file, because stdout belongs to the answer. */
export function logTo(sink: (line: string) => void): void {
  write = sink;
}

export function logLine(event: string, fields: LogFields): void {
  write(`${JSON.stringify({ time: new Date().toISOString(), event, ...fields })}\n`);
}
