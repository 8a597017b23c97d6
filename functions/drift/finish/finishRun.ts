import { ClaimLost, onError } from '../../../core/base/errors.ts';
import { resultItemKey } from '../../../core/base/keys.ts';
import type { PartResult, RunRef } from '../../../core/base/messages.ts';
import type { LogFields } from '../../../core/base/step.ts';
import { monthAcquired } from '../../../core/base/time/acquired.ts';
import { totalsOfRun } from '../../../core/drift/totals.ts';
import { judgeDrift } from '../../../core/drift/window.ts';
import { makeAccept } from '../../../core/ledger/accept.ts';
import { dueByRun, makeEnding } from '../../../core/ledger/dueDays.ts';
import { countedRunSchema, storedDrift } from '../../../core/ledger/ledgerItem.ts';
import type { LedgerRow } from '../../../core/ledger/ledgerRow.ts';
import { makeStartShadow } from '../../../core/releases/startShadow.ts';
import { itemOfRun } from '../../../core/results/maps/itemOfRun.ts';
import { inRow } from '../../../core/tasks/registry.ts';
import { addSummaries } from '../../../core/tasks/summaries.ts';
import type { DriftPorts } from '../ports.ts';
import type { RecentDrift } from '../recent/recentDrift.ts';

/**
 * Finishes a run: its end in the ledger, with its own drift and the STAC Item of its results, then the window `recent`, and its
 * shadow's start. A run without parts has only blank chips. If its day is over, the run has marked it as due.
 */
export function makeFinishRun(ports: DriftPorts, recent: RecentDrift) {
  const { ofRun: startShadow } = makeStartShadow(ports);

  /** Writes the ledger before the metrics, which are derived from it. */
  return async (run: RunRef, parts: readonly PartResult[], log: LogFields) => {
    Object.assign(log, { run: run.id, key: run.scene.key });
    const isEmpty = parts.length === 0;
    const recording = isEmpty ? recordEmpty(run) : record(run, parts);
    const row = await recording.catch((error: unknown) => rowOfRepetition(run, error));
    if (isEmpty || row.maps !== undefined) await startMasked(run, log);
    if (isEmpty) {
      await recent.publish(run.model); // it only adds to the share of blanks
      return { status: 'watched' } as const;
    }
    await recent.publishAfter(run.model, [{ ...countedRunSchema.parse(row), day: run.day }]);
    await startShadow(run, row, parts.length, log);
    const { drift = null } = row;
    Object.assign(log, { n: drift?.n, drift: drift?.jensenShannon, verdict: drift?.verdict });
    return { status: drift === null ? 'unjudged' : 'judged', verdict: drift?.verdict ?? null } as const;
  };

  /** Starts the runs of the file that have failed for want of a mask, as this run's map may be theirs. */
  async function startMasked({ scene }: RunRef, log: LogFields): Promise<void> {
    for (const row of await ports.ledger.ofScene(scene)) {
      if (!/^Mask(Awaited|Missing)$/.test(row.error?.name ?? '')) continue;
      const granted = await ports.ledger.grantAttempt(row, ports.now()).catch(onError(ClaimLost, () => null));
      log['restarted'] =
        granted && (await makeAccept(ports.executions)({ scene, model: row.model, attempt: granted.attempt + 1 }));
    }
  }

  async function record(run: RunRef, parts: readonly PartResult[]): Promise<LedgerRow> {
    const started = ports.now();
    const model = await ports.models.load(run.model);
    const { sum, perChip } = await addSummaries(ports.readResult, run, parts, model);
    // The ledger has the predictions before any number is derived from them.
    const numbers = inRow(sum, model, monthAcquired(run));
    const row = await ports.ledger.advance(run, 'PREDICTED', started, numbers);
    const { raster, maps = [] } = row;
    if (raster !== undefined) {
      // With a georeference, the results have a STAC Item.
      const item = itemOfRun({ run, raster, parts: parts.length, model, maps, hrefOf: ports.hrefOf });
      await ports.writeResult(resultItemKey(run), new TextEncoder().encode(`${JSON.stringify(item)}\n`));
    }
    // Of one scene, truths say nothing of how scenes differ; and its land is known from its row.
    const { truthScenes: _, knownLand: __, ...totals } = totalsOfRun({ ...row, ...numbers, changed: run.day });
    const judgement = judgeDrift(totals, model, ports);
    await ports.metrics.putRun(run, judgement);
    const done = await makeEnding(ports, dueByRun(run))();
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
  async function recordEmpty(run: RunRef): Promise<LedgerRow> {
    const started = ports.now();
    const model = await ports.models.load(run.model);
    const row = await ports.ledger.advance(run, 'PREDICTED', started, inRow(model.task.summary.zero(model), model));
    const done = await makeEnding(ports, dueByRun(run))();
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
const since = (start: string | Date | undefined, end: Date): number =>
  start === undefined ? 0 : Math.max(0, end.getTime() - new Date(start).getTime());
