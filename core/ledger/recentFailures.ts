import { latestWritten } from '../base/time/clocks.ts';
import type { Datum } from '../metrics/metrics.ts';
import type { Ledger } from './contract.ts';

/** The period of the alarms on these numbers. A longer one would keep an alarm on after the problem is over. */
const COUNTED_MILLISECONDS = 5 * 60_000;
/** The number only has to tell none, a few and very many apart. */
const MOST_COUNTED = 100;

const METRIC = { FAILED: 'FailedRuns', INVALID: 'InvalidFiles' } as const;

/** Counts runs that failed in the last five minutes, not interrupted ones; at least `atLeast`, as the index may lag. */
export async function countRecentFailures(
  { ledger, now }: { ledger: Pick<Ledger, 'byState'>; now: () => Date },
  state: keyof typeof METRIC,
  atLeast: number,
): Promise<Datum> {
  const at = now();
  const since = new Date(at.getTime() - COUNTED_MILLISECONDS);
  const { rows } = await ledger.byState(state, { since, until: latestWritten(at), limit: MOST_COUNTED });
  const failures = rows.filter(({ error }) => error?.name !== 'Interrupted').length;
  return { metric: METRIC[state], value: Math.max(atLeast, failures), dimensions: {} };
}
