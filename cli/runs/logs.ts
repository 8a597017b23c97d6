import * as z from 'zod';
import { jsonIn } from '../../core/base/errors.ts';
import type { LogLine, LogQuery } from '../../observability/logs.ts';
import { commandFor, type Where, withService } from '../service/ledger.ts';
import { stopOnInterrupt } from '../terminal/interrupt.ts';
import { coloured, dim, print, printable, refused, timeOf } from '../terminal/output.ts';
import { runNamed } from './runNamed.ts';

type Options = Where & { run?: string; function?: string; since: string; limit: number; follow?: boolean };

/** CloudWatch shows lines seconds late, and not in order across functions. */
const LATE_MILLISECONDS = 60_000;

export async function logs({ run, function: name, since, limit, follow, ...where }: Options): Promise<void> {
  timeOf('--since', since); // refuse an invalid value before anything else
  using interrupt = follow === true ? stopOnInterrupt() : null;
  const seen = new Set<string>();
  let oldest: string | undefined;
  await withService(where, async (service) => {
    const { readLogs, now } = service;
    const functions = name === undefined ? [] : await readLogs.functions();
    if (name !== undefined && !functions.includes(name))
      throw refused('--function', name, `is one of ${functions.join(', ')}`);
    // A complete id may be of a run that the ledger no longer has.
    const id = run === undefined || run.length === 32 ? run : (await runNamed(service, run, where)).run;
    const tell = async (query: Pick<LogQuery, 'from' | 'to' | 'limit'>) => {
      const lines = await readLogs.read({ ...(id && { run: id }), ...(name && { functions: [name] }), ...query });
      oldest ??= lines[0]?.time;
      for (const line of lines) {
        if (seen.has(line.id)) continue;
        seen.add(line.id);
        print(where.json, toJson(line), () => asText(line));
      }
      return lines.length;
    };
    const count = await tell({ from: timeOf('--since', since, now()), to: soon(now()), limit });
    if (interrupt === null) {
      if (where.json === true) return;
      const further = commandFor(where, count === 0 ? 'logs --since 3d' : `logs --limit ${10 * limit}`);
      if (count === 0) console.log(`No lines since ${since}. Look back further: ${further}`);
      else if (count === limit) console.log(dim(`\nThe newest ${limit}. There may be more: ${further}`));
      return;
    }
    const { stopped, wait } = interrupt;
    while (!stopped.aborted) {
      await wait(3000).catch(() => {}); // rejects when stopped, which ends the loop
      // Lines that the limit has cut must not appear later.
      const from = new Date(Math.max(Date.parse(oldest ?? '') || 0, now().getTime() - LATE_MILLISECONDS));
      if (!stopped.aborted) await tell({ from, to: soon(now()), limit: Number.POSITIVE_INFINITY });
    }
  });
}

/** Clocks differ slightly: this keeps a line that was written just now. */
const soon = (now: Date): Date => new Date(now.getTime() + LATE_MILLISECONDS);

export function toJson({ time, function: name, event, fields, text }: LogLine) {
  return { time, function: name, event, text, fields };
}

export function asText({ time, function: name, event, fields, text }: LogLine): string {
  const began = `${dim(time)}  ${name}`;
  if (event === null) return `${began}  ${printable(withoutTrace(text ?? ''))}`;
  const what = event.startsWith(`${name}.`) ? event.slice(name.length + 1) : event;
  const said = Object.entries(fields).map(([key, value]) => `${dim(`${printable(key)}=`)}${valueText(value)}`);
  return [`${began} ${what === 'failed' ? coloured('FAILED') : printable(what)}`, ...said].join('  ');
}

/** Lambda's line about an error that a handler threw ends with JSON, most of which is the stack trace: remove that. */
function withoutTrace(text: string): string {
  const json = /\{"errorType":.*\}\s*$/s.exec(text)?.[0] ?? '';
  const error = thrownSchema.safeParse(jsonIn(json)).data;
  return error === undefined ? text : `${text.slice(0, -json.length)}${error.errorType}: ${error.errorMessage}`;
}

const thrownSchema = z.object({ errorType: z.string(), errorMessage: z.string() });

const valueText = (value: unknown): string =>
  printable(typeof value === 'string' && value !== '' && !/\s/.test(value) ? value : JSON.stringify(value));
