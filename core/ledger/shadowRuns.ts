import { modelId, type SceneRef, type ShadowRef, shadowRunId } from '../base/messages.ts';
import { expiry, shadowsOfScene, stateOfShadow, toChanged, toRow } from './ledgerItem.ts';
import type { LedgerRow } from './ledgerRow.ts';
import { isWritten, type TableWith, when, wholePartition } from './table.ts';

/**
 * Runs of shadows: what a candidate version predicted for chips that were prepared for the live one. Each has its own
 * row, written once, when it ends, under a scene and a state that other runs do not use. Queries for a scene's runs, a
 * state or a day therefore never find shadow runs; a reader that wants them asks for them.
 */
export const makeEndShadow = (table: TableWith<'put'>, TableName: string, requestDays = Infinity) => ({
  /** Writes a shadow's run when it ends. A `DONE` row is never replaced by a failure: its worker may die after writing it. */
  async endShadow({ scene, model, changed, state, shadow: _, ...row }: LedgerRow): Promise<void> {
    const key = { scene: shadowsOfScene(scene), model: modelId(model), ...expiry(requestDays, scene, row.day) };
    const Item = { ...row, ...scene, ...key, state: stateOfShadow(state), changed: toChanged(changed, row.run) };
    const isLeft = when('attribute_not_exists(scene) OR #state <> :done', { done: stateOfShadow('DONE') });
    await isWritten(table.put({ TableName, Item, ...(state !== 'DONE' && isLeft) }));
  },
});

export const makeShadowsOf = (table: TableWith<'query'>, TableName: string) => ({
  async shadowsOf(scene: SceneRef): Promise<LedgerRow[]> {
    const { Items = [] } = await table.query(wholePartition(TableName, shadowsOfScene(scene)));
    return Items.map(toRow);
  },
});

/** Returns a shadow's row except for how it ends. It has one attempt, and the file of the run it shadows. */
export function shadowRow(
  { run: { scene, digest, day }, model, parts, chips, blank }: ShadowRef,
  own: { execution: string; began: Date | string; ended: Date; batch?: string | undefined },
): Omit<LedgerRow, 'state'> {
  const { execution, began, ended, batch } = own;
  const about = { run: shadowRunId(scene, model), scene, model, digest, day, parts, chips, blank, execution };
  return {
    ...about,
    attempt: 1,
    attemptLimit: 1,
    ...(batch !== undefined && { batch }),
    changed: ended.toISOString(),
    claimedAt: new Date(began).toISOString(),
    shadow: true,
  };
}

export const SHADOW_STEP = 'Shadow';
