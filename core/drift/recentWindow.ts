import { modelId } from '../base/messages.ts';
import { latestWritten } from '../base/time/clocks.ts';
import { daysBefore } from '../base/time/days.ts';
import type { Ledger } from '../ledger/contract.ts';
import type { CountedRun, EndedRun } from '../ledger/ledgerItem.ts';
import type { ModelPackage } from '../package/package.ts';
import * as totals from './totals.ts';

/** The most runs on a page of the index, for runs so small that this many are needed. */
const MAX_PAGE = 500;
/** Where chips of a scene are alike, a window has at least as many scenes, if there are enough: fewer rarely say anything. */
const LEAST_SCENES = 30;
/** The first page's size, when the runs' size is unknown. */
const FIRST_PAGE = 50;
/** The most runs without predictions (empty, or of other versions) to skip; a thousand are 80 kB of the index. */
const MOST_SKIPPED = 1000;

export type Lately = Awaited<ReturnType<typeof recentWindows>>;

export type JudgedRun = CountedRun & { day: string };

type Asked = {
  now: Date;
  /** The window holds at least this many predictions, if there are enough. */
  predictions: number;
  /** The runs being judged, newest first, which the index may not show yet; each counts once, before all others. */
  runs?: readonly JudgedRun[];
  /** Whether the window is wanted as it was at the past time `now`. */
  isThen?: boolean;
};

/**
 * Returns the window `recent`: the newest runs of a model version that count for today or yesterday (UTC), until together
 * they hold at least `predictions`, and enough scenes where only those are independent. It may hold fewer, because older
 * runs say nothing about now, and because the number of runs read is limited: each run that ends reads the window, and
 * that cost must not grow with the runs before it.
 *
 * Also returns which runs it holds beside those being judged; what it would be without the latter, from the same reads but
 * computed on demand, and its runs; and when the newest of the others ended.
 */
export async function recentWindows(
  ledger: Pick<Ledger, 'ofDay'>,
  model: ModelPackage,
  { now, predictions, runs = [], isThen = false }: Asked,
) {
  const days = [0, 1].map((back) => daysBefore(back, now));
  const nothing: totals.TotalsOfRuns = { ...totals.noTotals(model), runs: 0 };
  let window = nothing;
  const others: EndedRun[] = [];
  let [predictionsOfOthers, squaresOfOthers] = [0, 0];
  const isFull = (n: number, squares: number) =>
    n >= predictions && (model.unit === 'chip' || n ** 2 >= LEAST_SCENES * squares);
  const isWindowFull = () => isFull(totals.predictionsIn(window), window.sceneSquares);
  for (const run of runs)
    if (days.includes(run.day) && !isWindowFull()) window = totals.withTotals(window, totals.totalsOfRun(run));
  const judged = new Set(runs.map(({ run }) => run));
  // Runs tend to be alike, so the size of these predicts how many a page should bring.
  const predictionsPerRun = totals.predictionsIn(window) / Math.max(1, window.runs);
  const needed = judged.size === 0 ? FIRST_PAGE : Math.ceil(predictions / Math.max(1, predictionsPerRun)) + judged.size;
  const ofPage = Math.max(needed, model.unit === 'chip' ? 0 : LEAST_SCENES);
  const cutOff = (isThen ? now : latestWritten(now)).toISOString(); // an end dated by a clock that was ahead is not the newest
  const query = { newestFirst: true, pageSize: Math.min(MAX_PAGE, ofPage), cutOff } as const;
  let newest: string | undefined;
  let skipped = 0;
  const isDone = () => isFull(predictionsOfOthers, squaresOfOthers) || skipped >= MOST_SKIPPED;
  for (const day of days) {
    if (isDone()) break;
    for await (const ended of ledger.ofDay(day, query)) {
      if (judged.has(ended.run)) continue;
      let predicted = 0;
      if (modelId(ended.model) === modelId(model)) {
        newest = newest === undefined || newest < ended.changed ? ended.changed : newest;
        predicted = totals.predictionsOfRun(ended);
        others.push(ended);
      }
      predictionsOfOthers += predicted;
      squaresOfOthers += totals.squaresOf(predicted, ended.scene);
      if (predicted === 0) skipped += 1;
      if (isDone()) break;
    }
  }
  const counted: EndedRun[] = [];
  for (const run of others) {
    if (isWindowFull()) break;
    window = totals.withTotals(window, totals.totalsOfRun(run));
    counted.push(run);
  }
  const ofOthers = () => others.reduce((sum, run) => totals.withTotals(sum, totals.totalsOfRun(run)), nothing);
  return { window, counted, others: () => ({ window: ofOthers(), counted: others }), newest };
}
