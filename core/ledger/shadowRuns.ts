import type { ModelRef, SceneRef, ShadowRef } from '../base/messages.ts';
import { shadowRunId } from '../base/run.ts';
import { expiry, keyOfShadow, shadowsOfScene, stateOfShadow, toChanged, toRow } from './ledgerItem.ts';
import type { LedgerRow } from './ledgerRow.ts';
import { isWritten, type TableWith, wholePartition } from './table.ts';

/**
 * Runs of shadows: what a candidate version predicted for chips that were prepared for the live one. Each has its own
 * row, written once, when it ends, under a scene and a state that other runs do not use. Queries for a scene's runs, a
 * state or a day therefore never find shadow runs; a reader that wants them asks for them.
 */
export const makeEndShadow = (table: TableWith<'put'>, TableName: string, requestDays = Infinity) => ({
  /** Writes a shadow's run when it ends. A `DONE` row is never replaced by a failure: its worker may die after writing it. */
  async endShadow({ scene, model, changed, state, shadow: _, ...row }: LedgerRow): Promise<void> {
    const key = { ...keyOfShadow(scene, model), ...expiry(requestDays, scene, row.day) };
    const Item = { ...row, ...scene, ...key, state: stateOfShadow(state), changed: toChanged(changed, row.run) };
    const isLeft = {
      ConditionExpression: 'attribute_not_exists(scene) OR #state <> :done',
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: { ':done': stateOfShadow('DONE') },
    };
    await isWritten(table.put({ TableName, Item, ...(state !== 'DONE' && isLeft) }));
  },
});

export const makeShadowsOf = (table: TableWith<'query'>, TableName: string) => ({
  /** Returns the shadow runs of a scene, one per version that has shadowed it. */
  async shadowsOf(scene: SceneRef): Promise<LedgerRow[]> {
    const { Items = [] } = await table.query(wholePartition(TableName, shadowsOfScene(scene)));
    return Items.map(toRow);
  },
});

/**
 * Returns the part of a shadow run's row that does not depend on how it ends. It has one attempt, and the file of the
 * run it shadows.
 */
export function shadowRow(
  { run, model, parts, chips, blank }: ShadowRef,
  { execution, began, ended }: { execution: string; began: Date | string; ended: Date },
): Omit<LedgerRow, 'state'> {
  const { scene, digest, day } = run;
  return {
    run: shadowRunId(scene, model),
    ...{ scene, model, digest, day, parts, chips, blank, execution },
    ...{ attempt: 1, attemptLimit: 1 },
    changed: ended.toISOString(),
    claimedAt: new Date(began).toISOString(),
    shadow: true,
  };
}

/** Returns what a shadow needs to classify a file that was processed in a batch. */
export function shadowRefOf(row: LedgerRow & { digest: string }, model: ModelRef): ShadowRef {
  const { run: id, scene, model: live, attempt, execution, digest, day = '', chips = 0, blank = 0 } = row;
  return { model, run: { id, scene, model: live, attempt, execution, digest, day }, parts: 1, chips, blank };
}

/** The step that is named in a shadow's failure. */
export const SHADOW_STEP = 'Shadow';
