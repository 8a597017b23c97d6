import type { Publish } from '../../observability/metrics.ts';
import type { Ledger } from '../shared/ledger.ts';
import { type CountedRun, storedDrift } from '../shared/ledgerItem.ts';
import type { LogFields } from '../shared/log.ts';
import {
  type DailyDriftResult,
  type DriftInput,
  driftInputSchema,
  type EmptyDriftResult,
  type ModelRef,
  type PartResult,
  type RunDriftResult,
  type RunRef,
} from '../shared/messages.ts';
import type { ModelPackage } from '../shared/model/package.ts';
import type { Models } from '../shared/models.ts';
import { makeStep, type Work } from '../shared/step.ts';
import { makeDailyDrift } from './dailyDrift.ts';
import type { MetricsTable } from './metricsTable.ts';
import { recentWindow } from './recentWindow.ts';
import { predictionsIn, type Totals } from './totals.ts';
import { datumsOf, judge } from './window.ts';

export type DriftPorts = {
  ledger: Pick<Ledger, 'advance' | 'ofDay'>;
  metrics: MetricsTable;
  models: Pick<Models, 'load' | 'promotedOrNone'>;
  publish: Publish;
  now: () => Date;
  threshold: number;
  /** At least so many predictions make the window `recent`. */
  driftWindow: number;
};

/** The function drift: a raw message in, an answer out. */
export const driftStep = (ports: DriftPorts) => makeStep('drift', driftInputSchema, makeDrift(ports));

/** Judges the predictions of one run and of those that came lately, or of every closed UTC day that is due. */
export function makeDrift(ports: DriftPorts): Work<DriftInput, RunDriftResult | EmptyDriftResult | DailyDriftResult> {
  const daily = makeDailyDrift(ports);
  return async (input, _invocation, log) => {
    if ('run' in input) return judgeRun(input.run, input.parts, log);
    if ('before' in input) return daily.judgeDue(input.before, log);
    log['run'] = input.empty.id;
    await publishRecent(input.empty.model);
    return { status: 'watched' };
  };

  async function judgeRun(run: RunRef, parts: PartResult[], log: LogFields): Promise<RunDriftResult> {
    const started = ports.now();
    const model = await ports.models.load(run.model);
    const { counts, missing, probabilitySum } = addUp(parts, model);
    const classes = model.classes.map(({ name }, i) => ({ name, count: counts[i]! }));
    // The ledger knows of the predictions before any number is derived from them.
    const row = await ports.ledger.advance(run, 'PREDICTED', started, { classes, missing, probabilitySum });
    const { chips = 0, blank = 0 } = row;
    const judgement = judge({ chips, blank, counts, missing, probabilitySum }, model, ports.threshold);
    await ports.metrics.putRun(run.model, run.id, judgement);
    const counted: CountedRun = { run: run.id, model: run.model, classes, missing, probabilitySum, chips, blank };
    await publishRecent(run.model, { ...counted, day: run.day });
    const { drift, mostCommonShare, missingShare, meanProbability } = judgement;
    const done = ports.now();
    await ports.ledger.advance(run, 'DONE', done, {
      countedDay: run.day,
      drift: storedDrift(drift),
      mostCommonShare,
      missingShare,
      meanProbability,
      milliseconds: {
        ...row.milliseconds,
        infer: since(row.preparedAt, started),
        drift: done.getTime() - started.getTime(),
        total: since(row.claimedAt, done),
      },
    });
    await daily.reviseIfJudged(run.day, counted);
    Object.assign(log, { run: run.id, n: judgement.n, drift: drift?.jensenShannon, verdict: drift?.verdict });
    return { status: drift === null ? 'unjudged' : 'judged', verdict: drift?.verdict ?? null };
  }

  /** A run that counts changes what came lately, an empty one the share of blanks. */
  async function publishRecent(ref: ModelRef, run?: CountedRun & { day: string }): Promise<void> {
    const model = await ports.models.load(ref);
    const { runs: _runs, ...totals } = await recentWindow(ports.ledger, model, {
      now: ports.now(),
      predictions: ports.driftWindow,
      ...(run && { run }),
    });
    const dimensions = { Model: ref.name, Version: ref.version };
    const value = predictionsIn({ counts: run?.classes.map(({ count }) => count) ?? [] });
    await ports.publish([
      ...datumsOf(judge(totals, model, ports.threshold), ref, model, 'recent'),
      ...(run === undefined ? [] : [{ metric: 'VersionPredictions' as const, value, dimensions }]),
    ]);
  }
}

function addUp(parts: PartResult[], model: ModelPackage): Pick<Totals, 'counts' | 'missing' | 'probabilitySum'> {
  const counts = model.classes.map(() => 0);
  let missing = 0;
  let probabilitySum = 0;
  for (const part of parts) {
    for (const [i, count] of part.counts.entries()) counts[i]! += count;
    missing += part.missing;
    probabilitySum += part.probabilitySum;
  }
  return { counts, missing, probabilitySum };
}

function since(start: string | undefined, end: Date): number {
  return start === undefined ? 0 : end.getTime() - Date.parse(start);
}
