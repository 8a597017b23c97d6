import type { Datum } from '../../observability/metrics.ts';
import type { Ledger } from './ledger.ts';

const HOUR_MILLISECONDS = 3_600_000;
/** Whoever reads this number wants to know whether there are any, a few, or a great many. */
const MOST_COUNTED = 100;

const METRIC = { FAILED: 'FailedRuns', INVALID: 'InvalidFiles' } as const;

/**
 * How many runs came into a bad end state within the last hour, as a datum.
 *
 * @param atLeast so many just did, which the ledger's index may not show yet
 */
export async function countTroubles(
  { ledger, now }: { ledger: Pick<Ledger, 'countByState'>; now: () => Date },
  state: keyof typeof METRIC,
  atLeast: number,
): Promise<Datum> {
  const to = new Date(now().getTime() + 1);
  const from = new Date(to.getTime() - HOUR_MILLISECONDS);
  const count = await ledger.countByState(state, { from, to, atMost: MOST_COUNTED });
  return { metric: METRIC[state], value: Math.max(atLeast, count), dimensions: {} };
}
