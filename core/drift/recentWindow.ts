import { latestWritten } from '../clocks.ts';
import { daysBefore } from '../days.ts';
import type { CountedRun, EndedRun } from '../ledger/ledgerItem.ts';
import type { ModelPackage } from '../models/package.ts';
import { modelId } from '../run.ts';
import {
  noTotals,
  predictionsIn,
  predictionsOfRun,
  type Totals,
  type TotalsOfRuns,
  totalsOfRun,
  totalsWithoutBands,
  withTotals,
} from './totals.ts';

/** A page of the index holds so many runs at most, where they are so small that this many are needed. */
const MAX_PAGE = 500;
/** Where nothing is known of the runs' size. */
const FIRST_PAGE = 50;
/** So many runs that bring no prediction (empty ones, those of other versions) are passed over; a thousand are 80 kB of the index. */
const MOST_PASSED_OVER = 1000;

export type RecentWindow = TotalsOfRuns;
/**
 * The window; what it would be without the runs that are being judged, which is added up where it is asked for; and when the newest of the
 * others came to its end.
 */
export type Lately = { window: RecentWindow; others: () => RecentWindow; newest: string | undefined };
type NewestOfDay = {
  ofDay: (day: string, options: { newestFirst: true; pageSize: number; cutOff: string }) => AsyncIterable<EndedRun>;
};

export type JudgedRun = CountedRun & { day: string };

type Asked = {
  now: Date;
  /** It holds at least so many, where there are. */
  predictions: number;
  /** Those that are being judged, the newest first, which the index may not show yet; each counts once, before all others. */
  runs?: readonly JudgedRun[];
  /** Whether it is asked for as it was at the time `now`, which has gone by. */
  isThen?: boolean;
};

/**
 * The window `recent`: the newest runs of a model version that count for today or yesterday (UTC), until together they
 * hold at least `predictions`. What is older says nothing about now, so there may be fewer; and so there may where too many
 * bring none, since each run that ends looks at the window, and what that costs must not grow with the runs before it.
 */
export async function recentWindow(ledger: NewestOfDay, model: ModelPackage, asked: Asked): Promise<RecentWindow> {
  return (await recentWindows(ledger, model, asked)).window;
}

/** The same without what the bands are like, for whom looks at the predictions alone: those texts are most of what there is to read. */
export async function recentPredictions(ledger: NewestOfDay, model: ModelPackage, asked: Asked): Promise<RecentWindow> {
  return (await look(ledger, model, asked, totalsWithoutBands)).window;
}

/** The same, beside what it would be without the runs that are being judged, as far as that is known by the same look. */
export function recentWindows(ledger: NewestOfDay, model: ModelPackage, asked: Asked): Promise<Lately> {
  return look(ledger, model, asked, totalsOfRun);
}

async function look(
  ledger: NewestOfDay,
  model: ModelPackage,
  { now, predictions, runs = [], isThen = false }: Asked,
  totalsOf: (run: CountedRun) => Totals,
): Promise<Lately> {
  const days = [0, 1].map((back) => daysBefore(back, now));
  const nothing: RecentWindow = { ...noTotals(model), runs: 0 };
  let window = nothing;
  const ofOthers: { run: EndedRun; totals: Totals | undefined }[] = [];
  let predictionsOfOthers = 0;
  for (const run of runs)
    if (days.includes(run.day) && predictionsIn(window) < predictions) window = withTotals(window, totalsOf(run));
  const own = new Set(runs.map(({ run }) => run));
  // Runs tend to be alike, so the size of these says how many of them a page should bring.
  const usual = predictionsIn(window) / Math.max(1, window.runs);
  const needed = own.size === 0 ? FIRST_PAGE : Math.ceil(predictions / Math.max(1, usual)) + own.size;
  const cutOff = (isThen ? now : latestWritten(now)).toISOString(); // what the clock dated that was ahead is not the newest
  const asked = { newestFirst: true, pageSize: Math.min(MAX_PAGE, needed), cutOff } as const;
  let newest: string | undefined;
  let passedOver = 0;
  const isDone = () => predictionsOfOthers >= predictions || passedOver >= MOST_PASSED_OVER;
  for (const day of days) {
    if (isDone()) break;
    for await (const one of ledger.ofDay(day, asked)) {
      if (own.has(one.run)) continue;
      let brought = 0;
      if (modelId(one.model) === modelId(model)) {
        newest = newest === undefined || newest < one.changed ? one.changed : newest;
        brought = predictionsOfRun(one);
        const totals = predictionsIn(window) < predictions ? totalsOf(one) : undefined;
        if (totals !== undefined) window = withTotals(window, totals);
        ofOthers.push({ run: one, totals });
      }
      predictionsOfOthers += brought;
      if (brought === 0) passedOver += 1;
      if (isDone()) break;
    }
  }
  const others = () => ofOthers.reduce((sum, { run, totals }) => withTotals(sum, totals ?? totalsOf(run)), nothing);
  return { window, others, newest };
}
