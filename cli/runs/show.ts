import { shadowsOf } from '../../console/answers/run.ts';
import type { Service } from '../../console/service.ts';
import { jsonLine } from '../../core/base/text/jsonLine.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { isRunning } from '../../core/ledger/states.ts';
import { type ToldViolation, toldViolations } from '../../core/measures/bands/toldViolations.ts';
import { measuresOfRow } from '../../core/measures/registry.ts';
import { noneIfUnusable } from '../../core/releases/models.ts';
import type { LogLine } from '../../observability/logs.ts';
import { commandFor, type Where, withService } from '../service/ledger.ts';
import { sentenceOf } from '../terminal/failure.ts';
import { bold, dim } from '../terminal/text.ts';
import { asText, toJson as lineToJson } from './logs.ts';
import { toLedgerJson } from './report.ts';
import { runNamed } from './runNamed.ts';
import { MOST_WAITING_DUPLICATES, storyOf } from './story.ts';

export async function show(run: string, where: Where): Promise<void> {
  await withService(where, async (service) => {
    const row = await runNamed(service, run, where);
    const { results, now, executions } = service;
    const [lines, owner, duplicates, shadows, execution, isTrial, violations] = await Promise.all([
      linesOf(service, row),
      row.state === 'DUPLICATE' && row.duplicateOf ? service.ledger.byRun(row.duplicateOf) : undefined,
      waitingDuplicatesOf(service, row),
      shadowsOf(service, row),
      isRunning(row.state) ? executions.describe(row.execution).catch(said('its execution cannot be read')) : undefined,
      service.models.isTrial(row.model),
      violationsOf(service, row),
    ]);
    if (where.json === true) {
      const beside = {
        owner: owner ? { run: owner.run, state: owner.state, file: owner.scene.key } : null,
        shadows: shadows.map(({ run: id, model, state }) => ({ run: id, model, state })),
        executionStatus: execution?.status ?? null,
        violations,
        logs: lines?.map(lineToJson) ?? null,
      };
      return console.log(jsonLine({ ...toLedgerJson(row, results), ...beside }));
    }
    const told = { row, owner, duplicates, shadows, execution, isTrial, violations, results, where, now: now() };
    console.log(withLog(storyOf(told), row, lines, where));
  });
}

/** Keys of the first few duplicates that wait for a run: the same bytes under other names. */
async function waitingDuplicatesOf({ ledger }: Service, { run }: LedgerRow): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of ledger.waitingDuplicatesOf(run)) {
    keys.push(key);
    if (keys.length > MOST_WAITING_DUPLICATES) break;
  }
  return keys;
}

/** The data quality rules that its source bands break. They are in the package: none if it is gone. */
async function violationsOf({ models }: Service, row: LedgerRow): Promise<ToldViolation[]> {
  const sums = measuresOfRow(row);
  if (!sums.bands?.some(({ violations }) => violations !== undefined)) return [];
  const model = await models.load(row.model).catch(noneIfUnusable);
  return model === null ? [] : toldViolations(sums, model);
}

const LINES = 50;
/** Log lines can precede the claim, if a step dies before it, and follow the end, if it publishes last. */
const AROUND_MILLISECONDS = 2 * 60_000;

/** The functions' log lines of a run's last attempt; null if they cannot be read. */
async function linesOf({ readLogs, now }: Service, row: LedgerRow): Promise<LogLine[] | null> {
  const end = isRunning(row.state) ? now().getTime() : Date.parse(row.changed);
  const from = new Date(Date.parse(row.claimedAt) - AROUND_MILLISECONDS);
  const to = new Date(end + AROUND_MILLISECONDS);
  return readLogs.read({ run: row.run, limit: LINES, from, to }).catch(said("the run's log lines cannot be read"));
}

/** Prints the problem, and lets the rest be shown without this part. */
function said(what: string) {
  return (error: unknown): null => {
    console.error(`swath: ${what}: ${sentenceOf(error)}`);
    return null;
  };
}

/** How many of the newest log lines are shown; `--json` has all that were read. */
const SHOWN_LINES = 15;

/** The run, and its newest log lines. */
export function withLog(story: string[], { run }: LedgerRow, lines: LogLine[] | null, where: Where): string {
  if (lines === null) return story.join('\n');
  if (lines.length === 0) return [...story, '', dim('There are no log lines of it from these days.')].join('\n');
  const shown = lines.slice(-SHOWN_LINES).map((line) => {
    const { run: _, execution, ...fields } = line.fields;
    return `  ${asText({ ...line, fields })}`;
  });
  const isAll = shown.length === lines.length;
  const more = isAll ? [] : [dim(`There may be more: ${commandFor(where, `logs --run ${run} --since 30d`)}`)];
  return [...story, '', bold('log'), ...shown, ...more].join('\n');
}
