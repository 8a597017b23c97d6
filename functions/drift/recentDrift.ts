import { isWithin } from '../../core/clocks.ts';
import { type RecentWindow, recentWindow, recentWindows } from '../../core/drift/recentWindow.ts';
import { predictionsIn, type Totals } from '../../core/drift/totals.ts';
import { datumsOf, judge } from '../../core/drift/window.ts';
import type { CountedRun } from '../../core/ledger/ledgerItem.ts';
import type { ModelRef } from '../../core/messages.ts';
import { noneIfInvalid } from '../../core/models/models.ts';
import { modelId } from '../../core/run.ts';
import { makeLastWord } from './lastWord.ts';
import type { DriftPorts } from './ports.ts';

/** So long, a version that was live is taken to be so still: one request less for nearly every run. */
const LIVE_MILLISECONDS = 60_000;

/** Judges and publishes the window `recent`, which the alarms follow. */
export function makeRecentDrift(ports: DriftPorts) {
  const lastWord = makeLastWord(ports);
  let live: { model: ModelRef | null; asked: Date } | undefined;
  let former: { of: string; window: Promise<RecentWindow> } | undefined;

  /**
   * After a run that is done: what came lately, this run included. Runs that end together find each other in the
   * ledger, as each of them is there before it looks.
   */
  async function publishAfter(run: CountedRun & { day: string }): Promise<void> {
    const { name, version } = run.model;
    const value = predictionsIn({ counts: run.classes.map(({ count }) => count) });
    await ports.publish([
      ...(await datumsOfRecent(run.model, run)),
      { metric: 'VersionPredictions', value, dimensions: { Model: name, Version: version } },
    ]);
  }

  /** What came lately, an empty run among it that has only added blanks. */
  async function publish(model: ModelRef): Promise<void> {
    await ports.publish(await datumsOfRecent(model));
  }

  /** What came lately of the version that is live: the last word of a burst, and the sweep's. */
  async function publishLive(): Promise<void> {
    const model = await promoted();
    if (model !== null) await publish(model);
  }

  /** Metrics name the model and not its version, so nothing but the live version's window goes under its name. */
  async function datumsOfRecent(ref: ModelRef, run?: CountedRun & { day: string }) {
    if (!(await isLive(ref))) return [];
    const model = await ports.models.load(ref);
    const now = ports.now();
    const of = { ...ref, classes: model.classes };
    const asked = { now, predictions: ports.driftWindow, ...(run && { run }) };
    const { window, others, newest } = await recentWindows(ports.ledger, of, asked);
    if (window.runs === 0) return [];
    const judgement = judge(totalsOf(window), model, ports);
    const asOf = lastWord.before(now);
    const isAlone = newest === undefined || newest <= asOf.toISOString();
    const before = judge(totalsOf(isAlone ? others : await windowAt(asOf, of)), model, ports);
    if (!lastWord.isSame(judgement, before)) await lastWord.ask(now); // before it is published: no word is out without it
    return datumsOf(judgement, ref, model, 'recent');
  }

  /** The window as it was. Of a burst, this function looks at it once a minute, however many runs it judges. */
  async function windowAt(asOf: Date, model: ModelRef & { classes: readonly unknown[] }): Promise<RecentWindow> {
    const of = `${modelId(model)} ${asOf.toISOString()}`;
    if (former?.of !== of) {
      const asked = { now: asOf, predictions: ports.driftWindow, isThen: true };
      const window = recentWindow(ports.ledger, model, asked);
      window.catch(() => {
        if (former?.window === window) former = undefined; // a look that failed must not stay
      });
      former = { of, window };
    }
    return former.window;
  }

  async function isLive(ref: ModelRef): Promise<boolean> {
    const isFresh = live !== undefined && isWithin(LIVE_MILLISECONDS, live.asked, ports.now());
    if (isFresh && live?.model !== null && modelId(live!.model) === modelId(ref)) return true;
    const model = await promoted();
    return model !== null && modelId(model) === modelId(ref);
  }

  async function promoted(): Promise<ModelRef | null> {
    const model = await ports.models.promotedOrNone().catch(noneIfInvalid);
    live = { model, asked: ports.now() };
    return model;
  }

  return { publishAfter, publish, publishLive };
}

function totalsOf({ runs: _runs, ...totals }: RecentWindow): Totals {
  return totals;
}
