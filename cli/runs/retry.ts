import { counted } from '../../charts/format.ts';
import type { Service } from '../../console/service.ts';
import { jsonLine } from '../../core/base/text/jsonLine.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { whyNot } from '../../core/ledger/retry.ts';
import { STATES } from '../../core/ledger/states.ts';
import { OwnerGone } from '../../local/stack/control.ts';
import { commandFor, type Where, withService } from '../service/ledger.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { bold, coloured, dim, printable, table, timeOf, WrongUse } from '../terminal/output.ts';
import { showProgress } from '../terminal/progress.ts';
import { number, summaryTable, toJson } from './report.ts';
import { type Chosen, chooseFailed, chosenByName, type Failed, type Tried, tryAll } from './retryRuns.ts';
import { runNamed } from './runNamed.ts';

type Choice = { state?: string; since?: string; error?: string; limit?: number };
type Options = Where & Choice & { atOnce: number; dryRun?: boolean; follow: boolean };

/** How many runs are listed individually; those that failed come first. */
const NAMED = 20;

type Outcome = ReturnType<typeof makeOutcome>;

/** `swath retry RUN…`, or `--state FAILED`: gives failed runs another attempt, even if their attempts are used up. */
export async function retry(runs: string[], { atOnce, dryRun = false, follow, ...options }: Options): Promise<void> {
  const { state, since, error, limit, ...where } = options;
  const choice = { ...(since && { since }), ...(error && { error }), ...(limit && { limit }) };
  const asked = askedBy(runs, { ...(state && { state }), ...choice });
  const open = new Set(runs);
  let outcome: Outcome | undefined;
  await withService(where, async (service) => {
    // If the process that owns the data folder ends meanwhile, this one continues with the rest.
    const isFirst = outcome === undefined;
    outcome ??= makeOutcome(service.results, where, { dryRun, follow });
    const { tell: tellOf } = outcome;
    const tell = (tried: Tried) => {
      open.delete(tried.row.run);
      tellOf(tried);
    };
    const from = since === undefined ? {} : { since: timeOf('--since', since, service.now()) };
    const chosen =
      asked !== null
        ? await chooseFailed(service.ledger, { ...asked, ...from })
        : chosenByName(isFirst ? await named(service, runs, where) : await left(service, open, tell));
    const isWorthSaying = runs.length !== 1 && (isFirst || chosen.count > 0);
    if (where.json !== true && isWorthSaying) console.log(announced(chosen, { dryRun, ...choice }));
    if (chosen.count > 0) await tryThrough(service, chosen, { atOnce, follow, dryRun }, { ...outcome, tell }, where);
    if (chosen.count > 0 || !isFirst) outcome.conclude();
  });
}

async function tryThrough(
  service: Service,
  chosen: Chosen,
  pace: Parameters<typeof tryAll>[2],
  { told, tell, conclude }: Outcome,
  where: Where,
): Promise<void> {
  const verb = pace.dryRun ? 'found' : pace.follow ? 'ended' : 'started';
  using endProgress = showProgress(() => `retry: ${number(told())} of ${number(chosen.count)} ${verb}`);
  const goesOn =
    where.stage === undefined ? 'continues in the running stack, or with the next start' : 'continues by itself';
  using interrupt = onInterrupt(
    async () => {
      conclude();
      await service.close();
    },
    `interrupted; no more runs are started. What was started ${goesOn}: "${commandFor(where, 'runs')}" shows it.`,
  );
  const { stopped, wait, never } = interrupt;
  try {
    await tryAll(service, chosen, pace, { wait, stopped, tell });
    if (stopped.aborted) await never();
  } catch (trouble) {
    if (stopped.aborted) await never();
    endProgress();
    if (!(trouble instanceof OwnerGone)) conclude(); // print the runs that were retried before an error
    throw trouble;
  }
}

/** Checks the options that select runs; null if runs are named. */
function askedBy(runs: string[], { state, since, error, limit = Infinity }: Choice): Failed | null {
  const given = since !== undefined ? '--since' : error !== undefined ? '--error' : limit < Infinity ? '--limit' : null;
  if (since !== undefined) timeOf('--since', since); // refuse an invalid value before anything else
  if (runs.length > 0) {
    const other = state === undefined ? given : '--state';
    if (other === null) return null;
    throw new WrongUse(
      `${other}: found it beside the run ${JSON.stringify(runs[0])}; allowed is one or the other: name runs, or select them with options.`,
    );
  }
  if (state === undefined)
    throw new WrongUse(
      given === null
        ? 'no run is named. Name one or several, or select failed ones: --state FAILED --since 1d'
        : `${given}: found it without --state; allowed is --state FAILED beside it.`,
    );
  const known = STATES.find((one) => one === state.toUpperCase());
  if (known === 'FAILED') return { limit, ...(error !== undefined && { error }) };
  const why = known === undefined ? '' : ` Of runs that are ${known}: ${whyNot({ state: known })}`;
  throw new WrongUse(`--state: found ${JSON.stringify(state)}, allowed is FAILED.${why}`);
}

/** The rows of the named runs; throws if any cannot be retried, before one is. */
const named = ({ ledger }: Service, runs: string[], where: Where): Promise<LedgerRow[]> =>
  Array.fromAsync(new Set(runs), async (run) => {
    const row = await runNamed({ ledger }, run, where);
    if (row.shadow === true)
      throw new WrongUse(
        `the run ${row.run} belongs to a shadow, and is not retried: it counts nowhere, and nothing waits for it.`,
      );
    if (row.state !== 'FAILED') throw new WrongUse(`Run ${row.run} is ${row.state}: ${whyNot(row)}`);
    return row;
  });

/** The rest of the runs after another process took over: those that have ended meanwhile are done. */
async function left({ ledger }: Service, open: Set<string>, tell: (tried: Tried) => void): Promise<LedgerRow[]> {
  const rows: LedgerRow[] = [];
  for (const run of [...open]) {
    const row = await ledger.byRun(run);
    if (row?.state === 'FAILED') rows.push(row);
    else if (row !== undefined) tell({ outcome: 'ended', row, execution: row.execution, why: null });
  }
  return rows;
}

/** The announcement before anything is done: how many runs, and their errors. */
export function announced({ count, errors }: Chosen, { dryRun, since, error }: Choice & { dryRun: boolean }): string {
  const time = since === undefined ? '' : ` since ${since}`;
  if (count === 0)
    return error === undefined
      ? `No run is FAILED${time}.`
      : `No run is FAILED with the error ${printable(error)}${time}. "swath runs --state FAILED" lists them.`;
  const lines = [...errors]
    .sort(([, a], [, b]) => b - a)
    .map(([kind, times]) => `  ${number(times).padStart(6)}  ${printable(kind)}`);
  const what = dryRun ? 'to try again' : count === 1 ? 'is retried' : 'are retried, the oldest first';
  return [`${counted(count, 'failed run')} ${what}:`, ...lines, ''].join('\n');
}

/** Collects the outcomes of the runs, a limited number of them individually, and prints them at the end. */
function makeOutcome(results: string | null, where: Where, { dryRun, follow }: { dryRun: boolean; follow: boolean }) {
  const counts = new Map<string, number>();
  const bad: Tried[] = [];
  const good: Tried[] = [];
  let told = 0;
  return {
    told: () => told,
    tell: (tried: Tried) => {
      told += 1;
      const what = tried.outcome === 'ended' ? tried.row.state : tried.outcome;
      counts.set(what, (counts.get(what) ?? 0) + 1);
      const kept = tried.outcome === 'lost' || ['FAILED', 'INVALID'].includes(what) ? bad : good;
      if (kept.length < NAMED) kept.push(tried);
      const { row, outcome, execution, why } = tried;
      if (where.json) console.log(jsonLine({ ...toJson(row.scene.key, row, results), outcome, execution, why }));
    },
    conclude: () => {
      if (where.json !== true && told > 0) console.log(concluded());
      process.exitCode = bad.length > 0 ? 1 : 0;
    },
  };

  function concluded(): string {
    const shown = [...bad, ...good].slice(0, NAMED);
    const ended = shown.flatMap(({ row, outcome }) => (outcome === 'ended' ? [{ row }] : []));
    const others = shown.filter(({ outcome }) => outcome !== 'ended');
    const tables = [
      ...(ended.length === 0 ? [] : [summaryTable(ended)]),
      ...(others.length === 0 ? [] : [listOf(others)]),
      ...(told > shown.length ? [dim(`… and ${number(told - shown.length)} more`)] : []),
    ];
    const isTold = told === 1 && ended.length === 1; // it has its own line
    const counts = `${bold(number(told))} ${told === 1 ? 'run' : 'runs'}: ${inWords()}.`;
    return [...tables, ...(isTold ? [] : [`\n${counts}`]), ...whatNext()].join('\n');
  }

  function whatNext(): string[] {
    if (bad[0] !== undefined) return [dim(`The whole story of one: ${commandFor(where, `show ${bad[0].row.run}`)}`)];
    return dryRun || follow ? [] : [dim(`See how they end: ${commandFor(where, 'runs')}`)];
  }

  function inWords(): string {
    const order = [...STATES, ...Object.keys(WORDS)];
    return [...counts]
      .sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))
      .map(([what, times]) => `${number(times)} ${WORDS[what] ?? coloured(what)}`)
      .join(', ');
  }
}

const WORDS: Record<string, string> = {
  'to try': 'to retry; nothing was started',
  started: 'started again',
  lost: 'ended without recording a result; the next sweep settles them',
  'not tried': 'not retried: another process has started them meanwhile',
};

function listOf(tried: Tried[]): string {
  const rows = tried.map(({ row, outcome, why }) => [
    row.run,
    printable(row.scene.key),
    outcome === 'lost' || outcome === 'not tried' ? coloured(outcome) : outcome,
    printable(why ?? row.error?.name ?? '–'),
  ]);
  return table(['run', 'file', '', 'why'], rows);
}
