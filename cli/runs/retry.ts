import { counted } from '../../charts/format.ts';
import type { Service } from '../../console/service.ts';
import { forEach } from '../../core/base/concurrency/forEach.ts';
import { onError } from '../../core/base/errors.ts';
import { isUnassigned } from '../../core/base/messages.ts';
import { jsonLine } from '../../core/base/text/jsonLine.ts';
import { rowsInState } from '../../core/ledger/ledgerQueries.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { makeRetry, NotRetryable, whyNot } from '../../core/ledger/retry.ts';
import { STATES } from '../../core/ledger/states.ts';
import { OwnerGone } from '../../local/stack/control.ts';
import { startWithinLimit, type Wait } from '../send/pacing.ts';
import { followRun, NoRun } from '../service/follow.ts';
import { commandFor, type Where, withService } from '../service/ledger.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { bold, coloured, dim, printable, showProgress, table, timeOf, WrongUse } from '../terminal/output.ts';
import { number, summaryTable, toJson } from './report.ts';
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
    if (chosen.count > 0) await tryThrough(service, chosen, { ...outcome, tell });
    if (chosen.count > 0 || !isFirst) outcome.conclude();
  });

  async function tryThrough(service: Service, chosen: Chosen, { told, tell, conclude }: Outcome): Promise<void> {
    const verb = dryRun ? 'found' : follow ? 'ended' : 'started';
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
      await tryAll(service, chosen, { atOnce, follow, dryRun }, { wait, stopped, tell });
      if (stopped.aborted) await never();
    } catch (trouble) {
      if (stopped.aborted) await never();
      endProgress();
      if (!(trouble instanceof OwnerGone)) conclude(); // print the runs that were retried before an error
      throw trouble;
    }
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
      ...(others.length === 0 ? [] : [table(['run', 'file', '', 'why'], others.map(cellsOf))]),
      ...(told > shown.length ? [dim(`… and ${number(told - shown.length)} more`)] : []),
    ];
    const isTold = told === 1 && ended.length === 1; // it has its own line
    const order = [...STATES, ...Object.keys(WORDS)];
    const words = [...counts]
      .sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))
      .map(([what, times]) => `${number(times)} ${WORDS[what] ?? coloured(what)}`);
    const all = `\n${bold(number(told))} ${told === 1 ? 'run' : 'runs'}: ${words.join(', ')}.`;
    return [...tables, ...(isTold ? [] : [all]), ...whatNext()].join('\n');
  }

  function whatNext(): string[] {
    if (bad[0] !== undefined) return [dim(`The whole story of one: ${commandFor(where, `show ${bad[0].row.run}`)}`)];
    return dryRun || follow ? [] : [dim(`See how they end: ${commandFor(where, 'runs')}`)];
  }
}

const WORDS: Record<string, string> = {
  'to try': 'to retry; nothing was started',
  started: 'started again',
  lost: 'ended without recording a result; the next sweep settles them',
  'not tried': 'not retried: another process has started them meanwhile',
};

const cellsOf = ({ row, outcome, why }: Tried): string[] => [
  row.run,
  printable(row.scene.key),
  outcome === 'lost' || outcome === 'not tried' ? coloured(outcome) : outcome,
  printable(why ?? row.error?.name ?? '–'),
];

export type RetriedService = Pick<Service, 'ledger' | 'executions' | 'onTheirWay' | 'now'>;

export type Failed = { since?: Date; error?: string; limit: number };

/** The selected runs, and their errors. The rows are read lazily, never all at once. */
type Chosen = {
  count: number;
  /** The number of runs by error; rare errors are together in `of other errors`. */
  errors: Map<string, number>;
  rows: () => Iterable<LedgerRow> | AsyncIterable<LedgerRow>;
};

export type Tried = { row: LedgerRow; execution: string | null; why: string | null } & {
  outcome: 'ended' | 'started' | 'to try' | 'not tried' | 'lost';
};

export function chosenByName(rows: LedgerRow[]): Chosen {
  const errors = new Map<string, number>();
  for (const row of rows) count(errors, row);
  return { count: rows.length, errors, rows: () => rows };
}

/** Selects `FAILED` runs, the oldest first, counted before any is retried. Later ones are left out: they may have failed again. */
export async function chooseFailed(ledger: Pick<RetriedService['ledger'], 'byState'>, { since, error, limit }: Failed) {
  async function* meant() {
    for await (const row of rowsInState(ledger, 'FAILED', { oldestFirst: true, ...(since && { since }) }))
      if (error === undefined || row.error?.name.toLowerCase() === error.toLowerCase()) yield row;
  }
  const errors = new Map<string, number>();
  let found = 0;
  let until = '';
  for await (const row of meant()) {
    count(errors, row);
    found += 1;
    until = row.changed;
    if (found === limit) break;
  }
  async function* rows() {
    let left = found;
    for await (const row of meant()) {
      if (left === 0 || row.changed > until) return;
      left -= 1;
      yield row;
    }
  }
  return { count: found, errors, rows };
}

/** Retries each run, as many at once as allowed, and optionally follows it to its end. */
export async function tryAll(
  { ledger, executions, onTheirWay, now }: RetriedService,
  chosen: Pick<Chosen, 'rows'>,
  { atOnce, follow, dryRun }: { atOnce: number; follow: boolean; dryRun: boolean },
  { wait, stopped, tell }: { wait: Wait; stopped: AbortSignal; tell: (tried: Tried) => void },
): Promise<void> {
  const retry = makeRetry({ ledger, executions, now });
  const startWithinLimits = startWithinLimit(atOnce, onTheirWay, wait);
  await forEach(chosen.rows(), atOnce, async (row) => {
    if (stopped.aborted) return;
    tell(dryRun ? { outcome: 'to try', row, execution: null, why: null } : await attempt(row));
  });

  async function attempt(row: LedgerRow): Promise<Tried> {
    try {
      const { execution } = await startWithinLimits(() => retry(row.run));
      return follow ? await ended(row, execution) : { outcome: 'started', row, execution, why: null };
    } catch (error) {
      if (error instanceof NotRetryable) return { outcome: 'not tried', row, execution: null, why: error.message };
      // The process that owns the data folder is being stopped: whoever takes it over continues.
      if (error instanceof Error && error.name === 'Interrupted') throw new OwnerGone({ cause: error });
      throw error;
    }
  }

  async function ended(row: LedgerRow, execution: string): Promise<Tried> {
    // A file that arrived while no model was promoted gets a run of its own once one is; its placeholder row is then removed.
    const isStandIn = isUnassigned(row.model);
    const of = isStandIn ? { execution } : { execution, model: row.model };
    const lost = (why: string): Tried => ({ outcome: 'lost', row, execution, why });
    const following = followRun({ ledger, executions }, row.scene, of, { now: Date.now, wait });
    const last = await following.catch(onError(NoRun, ({ message }) => message));
    if (typeof last === 'string') return lost(last);
    if (isStandIn && !isUnassigned(last.model)) await ledger.forget(row);
    if (last.state === 'FAILED' && last.attempt === row.attempt && last.run === row.run)
      return lost('its execution has ended without recording a result in the ledger.');
    return { outcome: 'ended', row: last, execution, why: null };
  }
}

function count(errors: Map<string, number>, { error }: LedgerRow): void {
  const kind = error === undefined ? 'without an error' : `${error.name} in ${error.step}`;
  const known = errors.has(kind) || errors.size < 20 ? kind : 'of other errors';
  errors.set(known, (errors.get(known) ?? 0) + 1);
}
