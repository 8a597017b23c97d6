import type { Publish } from '../../observability/metrics.ts';
import type { Ledger } from './ledger.ts';

const HOUR_MILLISECONDS = 3_600_000;
/** Whoever reads this number wants to know whether there are any, a few, or a great many. */
const MOST_COUNTED = 100;

const METRIC = { FAILED: 'FailedRuns', INVALID: 'InvalidFiles' } as const;

/** Publishes how many runs came into a bad end state within the last hour, after one of them just did. */
export async function publishTroubles(
  { ledger, publish, now }: { ledger: Pick<Ledger, 'countByState'>; publish: Publish; now: () => Date },
  state: keyof typeof METRIC,
): Promise<void> {
  const to = new Date(now().getTime() + 1);
  const from = new Date(to.getTime() - HOUR_MILLISECONDS);
  const count = await ledger.countByState(state, { from, to, atMost: MOST_COUNTED });
  // The index may not show the newest one yet.
  await publish([{ metric: METRIC[state], value: Math.max(1, count), dimensions: {} }]);
}
