import type { Service } from '../../console/service.ts';
import { forEach } from '../../core/base/concurrency/forEach.ts';
import { onError } from '../../core/base/errors.ts';
import { isUnassigned } from '../../core/base/messages.ts';
import { rowsInState } from '../../core/ledger/ledgerQueries.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { makeRetry, NotRetryable } from '../../core/ledger/retry.ts';
import { OwnerGone } from '../../local/stack/control.ts';
import { startWithinLimit, type Wait } from '../send/pacing.ts';
import { followRun, NoRun } from '../service/follow.ts';

export type RetriedService = Pick<Service, 'ledger' | 'executions' | 'onTheirWay' | 'now'>;

export type Failed = { since?: Date; error?: string; limit: number };

/** The selected runs, and their errors. The rows are read lazily, never all at once. */
export type Chosen = {
  count: number;
  /** The number of runs by error; rare errors are together in `of other errors`. */
  errors: Map<string, number>;
  rows: () => Iterable<LedgerRow> | AsyncIterable<LedgerRow>;
};

export type Tried = { row: LedgerRow; execution: string | null; why: string | null } & {
  outcome: 'ended' | 'started' | 'to try' | 'not tried' | 'lost';
};

const MOST_ERRORS = 20;

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
      if (row.changed > until) return;
      yield row;
      left -= 1;
      if (left === 0) return;
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
  const known = errors.has(kind) || errors.size < MOST_ERRORS ? kind : 'of other errors';
  errors.set(known, (errors.get(known) ?? 0) + 1);
}
