import { latestWritten } from '../clocks.ts';
import type { Datum } from '../metrics.ts';
import type { Ledger } from './ledger.ts';

/** The period of the alarms on these numbers: counted over more, a trouble would outlive itself. */
const COUNTED_MILLISECONDS = 5 * 60_000;
/** Whoever reads this number wants to know whether there are any, a few, or a great many. */
const MOST_COUNTED = 100;

const METRIC = { FAILED: 'FailedRuns', INVALID: 'InvalidFiles' } as const;

/**
 * How many runs came into a bad end state within the last five minutes, as a datum. Those that were interrupted are not
 * among them: somebody stopped the service, and the next start takes them up.
 *
 * @param atLeast so many just did, which the ledger's index may not show yet
 */
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
