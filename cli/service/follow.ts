import { setTimeout } from 'node:timers/promises';
import type { Service } from '../../console/service.ts';
import { errorNamed } from '../../core/base/errors.ts';
import { isUnassigned, type ModelRef, modelId, type SceneRef } from '../../core/base/messages.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { isRunning } from '../../core/ledger/states.ts';
import type { Wait } from '../send/pacing.ts';

export type Followed = {
  ledger: Pick<Service['ledger'], 'ofScene'>;
  executions: Pick<Service['executions'], 'describe'>;
};

type Meant = Pick<ModelRef, 'name'> & Partial<ModelRef>;

/** A scene got no run, or its run ended without recording a result; the message gives no remedy. */
export class NoRun extends errorNamed('NoRun') {}

const FIRST_LOOK_MILLISECONDS = 25;
const LAST_LOOK_MILLISECONDS = 1000;
/** S3's events usually arrive within seconds, but can take over a minute. */
const PATIENCE_MILLISECONDS = 5 * 60_000;
const LOST_LOOK_MILLISECONDS = 10_000;

/**
 * Waits for the run of a scene, by `model` if others may have runs; returns its row. A model without a version stands for
 * the one that was live when the event came; if none was, the row names no model. Without `execution`, an event starts it.
 */
export async function followRun(
  { ledger, executions }: Followed,
  scene: SceneRef,
  { model, execution }: { model?: Meant; execution?: string },
  { now, wait }: { now: () => number; wait: Wait } = { now: Date.now, wait: setTimeout },
): Promise<LedgerRow> {
  const began = now();
  let askedAt = began;
  const over = new Set<string>();
  for (let pause = FIRST_LOOK_MILLISECONDS; ; pause = Math.min(pause * 1.3, LAST_LOOK_MILLISECONDS)) {
    const wasOver = new Set(over); // read the ledger after an execution is known to be over: its rows are authoritative
    const rows = await ledger.ofScene(scene);
    const row = newestOf(rows.filter((one) => model === undefined || isOf(one, model)));
    const isSettled = row !== undefined && !isRunning(row.state);
    // A run that was settled before this execution is its result only if the execution ends and found nothing to do.
    if (isSettled && (execution === undefined || row.execution === execution || wasOver.has(execution))) return row;
    const working = isSettled ? execution : (row?.execution ?? execution);
    if (working !== undefined && wasOver.has(working))
      throw new NoRun(`its execution has ended without recording a result in the ledger${where(row)}.`);
    if (working === undefined && now() - began >= PATIENCE_MILLISECONDS)
      throw new NoRun(`no run of it has begun within ${PATIENCE_MILLISECONDS / 60_000} minutes: no event came of it.`);
    if (working !== undefined && (isSettled || now() - askedAt >= LOST_LOOK_MILLISECONDS)) {
      askedAt = now();
      const { status } = await executions.describe(working);
      if (status === 'UNKNOWN' ? now() - began >= LOST_LOOK_MILLISECONDS : status !== 'RUNNING') {
        over.add(working);
        continue;
      }
    }
    await wait(pause);
  }
}

function isOf({ model, shadow }: LedgerRow, { name, version }: Meant): boolean {
  if (version !== undefined) return modelId(model) === modelId({ name, version });
  return isUnassigned(model) || (model.name === name && shadow !== true);
}

export const newestOf = (rows: LedgerRow[]) => rows.toSorted((a, b) => a.changed.localeCompare(b.changed)).at(-1);

const where = (row?: LedgerRow): string => (row === undefined ? '' : `, where run ${row.run} is ${row.state}`);
