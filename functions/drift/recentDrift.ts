import { isWithin } from '../shared/clocks.ts';
import type { CountedRun } from '../shared/ledgerItem.ts';
import type { ModelRef } from '../shared/messages.ts';
import { noneIfInvalid } from '../shared/models.ts';
import { modelId } from '../shared/run.ts';
import type { DriftPorts } from './drift.ts';
import { recentWindow } from './recentWindow.ts';
import { predictionsIn } from './totals.ts';
import { datumsOf, judge } from './window.ts';

/** So long, a version that was live is taken to be so still: one request less for nearly every run. */
const LIVE_MILLISECONDS = 60_000;

/** Judges and publishes the window `recent`, which the alarms follow. */
export function makeRecentDrift(ports: DriftPorts) {
  let live: { model: ModelRef | null; asked: Date } | undefined;

  /**
   * After a run that is done: what came lately, this run included. Runs that end together find each other in the
   * ledger, as each of them is there before it looks; the sweep looks once more.
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

  /** So that no alarm stands for longer than a day for want of a later number than a burst of files had. */
  async function publishLive(): Promise<void> {
    const model = await promoted();
    if (model !== null) await publish(model);
  }

  /** Metrics name the model and not its version, so nothing but the live version's window goes under its name. */
  async function datumsOfRecent(ref: ModelRef, run?: CountedRun & { day: string }) {
    if (!(await isLive(ref))) return [];
    const model = await ports.models.load(ref);
    const { runs, ...totals } = await recentWindow(
      ports.ledger,
      { ...ref, classes: model.classes },
      {
        now: ports.now(),
        predictions: ports.driftWindow,
        ...(run && { run }),
      },
    );
    return runs === 0 ? [] : datumsOf(judge(totals, model, ports), ref, model, 'recent');
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
