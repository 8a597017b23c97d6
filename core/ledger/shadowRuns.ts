import type { SceneRef } from '../messages.ts';
import { keyOfShadow, shadowsOfScene, stateOfShadow, toChanged, toRow } from './ledgerItem.ts';
import type { LedgerRow } from './ledgerRow.ts';
import { isWritten, type TableWith } from './table.ts';

/**
 * Runs of shadows: what a candidate version has made of chips that were prepared for the live one. Each has a row of its own, written
 * once, when it has come to its end, under another scene and in another state than runs have. So no reader has to leave it
 * out: a scene's runs, those in a state, those of a day are found without it, and whoever wants it asks for it.
 */
export const makeEndShadow = (table: TableWith<'put'>, TableName: string) => ({
  /** Writes a shadow's run at its end. One that is done stays so: whoever died over it was done before. */
  async endShadow({ scene, model, changed, state, shadow: _, ...row }: LedgerRow): Promise<void> {
    const key = keyOfShadow(scene, model);
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
  /** The runs of shadows on a scene, one for each version that has shadowed it. */
  async shadowsOf(scene: SceneRef): Promise<LedgerRow[]> {
    const { Items = [] } = await table.query({
      TableName,
      KeyConditionExpression: 'scene = :scene',
      ExpressionAttributeValues: { ':scene': shadowsOfScene(scene) },
      ConsistentRead: true,
    });
    return Items.map(toRow);
  },
});
