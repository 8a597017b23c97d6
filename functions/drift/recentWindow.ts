import type { CountedRun } from '../shared/ledgerItem.ts';
import type { ModelRef } from '../shared/messages.ts';
import { modelId } from '../shared/run.ts';
import { addRun, noTotals, predictionsIn, type Totals } from './totals.ts';

/** A page of the index holds so many runs at most, where they are so small that this many are needed. */
const MAX_PAGE = 500;
/** Where nothing is known of the runs' size. */
const FIRST_PAGE = 50;
/** So many runs that bring no prediction (empty ones, those of other versions) are passed over; a thousand are 80 kB of the index. */
const MOST_PASSED_OVER = 1000;
const DAY_MILLISECONDS = 86_400_000;

export type RecentWindow = Totals & { runs: number };
/** As much of the ledger as this needs. */
type NewestOfDay = {
  ofDay: (day: string, options: { newestFirst: true; pageSize: number }) => AsyncIterable<CountedRun>;
};

/**
 * The window `recent`: the newest runs of a model version that count for today or yesterday (UTC), until together they
 * hold at least `predictions`. What is older says nothing about now, so there may be fewer; and so there may where too many
 * bring none, since each run that ends looks at the window, and what that costs must not grow with the runs before it.
 *
 * @param run the run that is being judged, which the index does not show yet; it counts once, as the newest
 */
export async function recentWindow(
  ledger: NewestOfDay,
  model: ModelRef & { classes: readonly unknown[] },
  { now, predictions, run }: { now: Date; predictions: number; run?: CountedRun & { day: string } },
): Promise<RecentWindow> {
  const days = [0, 1].map((back) => new Date(now.getTime() - back * DAY_MILLISECONDS).toISOString().slice(0, 10));
  const window = { ...noTotals(model.classes.length), runs: 0 };
  const add = (one: CountedRun) => {
    addRun(window, one);
    window.runs += 1;
  };
  if (run !== undefined && days.includes(run.day)) add(run);
  // Runs tend to be alike, so this one's size says how many of them a page should bring.
  const needed = run === undefined ? FIRST_PAGE : Math.ceil(predictions / Math.max(1, predictionsIn(window))) + 1;
  const pageSize = Math.min(MAX_PAGE, needed);
  let passedOver = 0;
  const isDone = () => predictionsIn(window) >= predictions || passedOver >= MOST_PASSED_OVER;
  for (const day of days) {
    if (isDone()) break;
    for await (const one of ledger.ofDay(day, { newestFirst: true, pageSize })) {
      const before = predictionsIn(window);
      if (modelId(one.model) === modelId(model) && one.run !== run?.run) add(one);
      if (predictionsIn(window) === before) passedOver += 1;
      if (isDone()) break;
    }
  }
  return window;
}
