import { open } from 'node:fs/promises';
import { onError } from '../../core/base/errors.ts';
import { EMBEDDED_FUNCTIONS } from '../../core/base/functions.ts';
import { type LogLine, type LogReader, parseLogLine } from '../../observability/logs.ts';

/** The functions' log file behind the logs' reader: lines as they were written, each with its time in front. */
export const readLogIn = (file: string): LogReader => ({
  functions: async () => [...EMBEDDED_FUNCTIONS].sort(),
  read: async ({ from, to, run, functions, limit }) => {
    const [first, last] = [from.toISOString(), to.toISOString()];
    let lines: LogLine[] = [];
    let number = 0;
    await using opened = await open(file).catch(onError('ENOENT', () => undefined)); // nothing was logged yet
    for await (const text of opened?.readLines() ?? []) {
      number += 1;
      const time = /^\{"time":"([^"]+)"/.exec(text)?.[1] ?? ''; // without a look at the rest of it
      if (time < first || time >= last || (run !== undefined && !text.includes(run))) continue;
      const line = parseLogLine(text, { id: String(number), time, function: '' });
      if (line.event === null) continue; // one that is being written just now
      const [name = ''] = line.event.split('.');
      if (functions?.includes(name) === false) continue;
      lines.push({ ...line, function: name });
      if (lines.length > 2 * limit) lines = newestOf(lines, limit);
    }
    return newestOf(lines, limit);
  },
});

/** By their time and not by their place: the stack's clock may have been set between two of them. */
const newestOf = (lines: LogLine[], limit: number) => lines.sort((a, b) => a.time.localeCompare(b.time)).slice(-limit);
