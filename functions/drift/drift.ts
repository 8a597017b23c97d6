import { ClaimLost } from '../../core/base/errors.ts';
import { resultItemKey } from '../../core/base/keys.ts';
import type { LogFields } from '../../core/base/log.ts';
import { type DriftInput, driftInputSchema, type PartResult, type RunRef } from '../../core/base/messages.ts';
import { type Invocation, makeStep } from '../../core/base/step.ts';
import { predictionsIn, squaresOf } from '../../core/drift/totals.ts';
import { judgeDrift } from '../../core/drift/window.ts';
import { dueByRun, makeEnding } from '../../core/ledger/dueDays.ts';
import { countedRunSchema, endedRunSchema, storedDrift } from '../../core/ledger/ledgerItem.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { measuresOfRow } from '../../core/measures/registry.ts';
import { makeStartShadow } from '../../core/releases/startShadow.ts';
import { itemOfRun } from '../../core/results/maps/itemOfRun.ts';
import { inRow } from '../../core/tasks/stored.ts';
import { addSummaries } from '../../core/tasks/summaries.ts';
import { makeDailyDrift } from './dailyDrift.ts';
import { makeLateRuns } from './lateRuns.ts';
import type { DriftPorts } from './ports.ts';
import { makeRecentDrift } from './recentDrift.ts';
import { makeWatchBatch } from './watchBatch.ts';

export const driftStep = (ports: DriftPorts) => makeStep('drift', driftInputSchema, makeDrift(ports));

/** Judges a run or a batch together with the window `recent`, or that window alone, or every closed UTC day that is due. */
export function makeDrift(ports: DriftPorts) {
  const daily = makeDailyDrift(ports);
  const lateRuns = makeLateRuns(ports);
  const recent = makeRecentDrift(ports);
  const { ofRun: startShadow } = makeStartShadow(ports);
  const watchBatch = makeWatchBatch(ports, recent.publishAfter);

  return async (input: DriftInput, invocation: Invocation, log: LogFields) => {
    if ('run' in input) return input.parts.length > 0 ? judgeRun(input.run, input.parts, log) : watch(input.run, log);
    if ('before' in input) {
      const result = await daily.judgeDue(input.before, invocation, log);
      await recent.publishLive();
      return result;
    }
    if ('batch' in input) return watchBatch(input.batch, input.result, log);
    if ('lastWord' in input) {
      log['lastWord'] = input.lastWord;
      await recent.publishLive();
      return { status: 'said' } as const;
    }
    return watch(input.empty, log);
  };

  /** A run without chips to judge only adds to the share of blanks. */
  async function watch(empty: Extract<DriftInput, { empty: unknown }>['empty'], log: LogFields) {
    log['run'] = empty.id;
    if ('scene' in empty) await countEmpty(empty);
    await recent.publish(empty.model);
    return { status: 'watched' } as const;
  }

  /** Writes the ledger before the metrics, which are derived from it. */
  async function judgeRun(run: RunRef, parts: PartResult[], log: LogFields) {
    Object.assign(log, { run: run.id, key: run.scene.key });
    const row = await record(run, parts).catch((error: unknown) => rowOfRepetition(run, error));
    const counted = countedRunSchema.parse(row);
    await lateRuns.reviseIfJudged(run.day, endedRunSchema.parse(row));
    await recent.publishAfter(run.model, [{ ...counted, day: run.day }]);
    await startShadow(run, row, parts.length, log);
    const { drift = null } = row;
    Object.assign(log, { n: drift?.n, drift: drift?.jensenShannon, verdict: drift?.verdict });
    return { status: drift === null ? 'unjudged' : 'judged', verdict: drift?.verdict ?? null } as const;
  }

  async function record(run: RunRef, parts: PartResult[]): Promise<LedgerRow> {
    const started = ports.now();
    const model = await ports.models.load(run.model);
    const { sum, perChip } = await addSummaries(ports.readResult, run, parts, model);
    // The ledger has the predictions before any number is derived from them.
    const row = await ports.ledger.advance(run, 'PREDICTED', started, inRow(sum, model));
    const { raster, maps = [] } = row;
    if (raster !== undefined) {
      // With a georeference, the results have a STAC Item.
      const item = itemOfRun({ run, raster, parts: parts.length, model, maps, hrefOf: ports.hrefOf });
      await ports.writeResult(resultItemKey(run), new TextEncoder().encode(`${JSON.stringify(item)}\n`));
    }
    const sceneSquares = squaresOf(predictionsIn(sum), run.scene);
    const judgement = judgeDrift({ sceneSquares, ...measuresOfRow(row), ...sum }, model, ports);
    await ports.metrics.putRun(run, judgement);
    const done = await makeEnding(ports, dueByRun(run)).time();
    const milliseconds = {
      ...row.milliseconds,
      infer: since(row.preparedAt, started),
      drift: since(started, done),
      total: since(row.claimedAt, done),
      ...(perChip !== null && { chip: perChip }),
    };
    const drift = storedDrift(judgement.drift);
    return ports.ledger.advance(run, 'DONE', done, { countedDay: run.day, drift, milliseconds }, row);
  }

  /** A file with only blank chips counts as well: with its chips, of which none was classified. */
  async function countEmpty(run: RunRef): Promise<void> {
    const row = await recordEmpty(run).catch((error: unknown) => rowOfRepetition(run, error));
    await lateRuns.reviseIfJudged(run.day, endedRunSchema.parse(row));
  }

  async function recordEmpty(run: RunRef): Promise<LedgerRow> {
    const started = ports.now();
    const model = await ports.models.load(run.model);
    const none = inRow(model.task.summary.zero(model), model);
    const row = await ports.ledger.advance(run, 'PREDICTED', started, none);
    const done = await makeEnding(ports, dueByRun(run)).time();
    const milliseconds = { ...row.milliseconds, total: since(row.claimedAt, done) };
    return ports.ledger.advance(run, 'EMPTY', done, { countedDay: run.day, milliseconds }, row);
  }

  /** A step that is repeated because it could not publish finds its own run at its end. */
  async function rowOfRepetition(run: RunRef, error: unknown): Promise<LedgerRow> {
    if (!(error instanceof ClaimLost)) throw error;
    const row = await ports.ledger.get(run.scene, run.model);
    const isEnded = row?.state === 'DONE' || row?.state === 'EMPTY';
    if (isEnded && row.execution === run.execution && row.attempt === run.attempt) return row;
    throw error;
  }
}

/** The duration in milliseconds, never negative: the clock may have been set back in between. */
function since(start: string | Date | undefined, end: Date): number {
  return start === undefined ? 0 : Math.max(0, end.getTime() - new Date(start).getTime());
}
