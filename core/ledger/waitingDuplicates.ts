import * as z from 'zod';
import { type RunRef, type SceneRef, sceneRefSchema } from '../messages.ts';
import { expiry } from './expiry.ts';
import { queryItems, type TableWith } from './table.ts';

const waitingDuplicateSchema = z.object({ heirScene: sceneRefSchema });

type Waiting = Pick<RunRef, 'id' | 'scene'> & { day?: string | undefined };

/**
 * Registers the runs with the same content that wait in case their owner fails; until then they are its duplicates.
 * They have one row each, under the owner's id, because no row may grow without limit.
 */
export const makeAddWaitingDuplicate = (table: TableWith<'put'>, TableName: string, requestDays = Infinity) => ({
  /** Written before the run becomes a duplicate, so that it is started if its owner fails. */
  async addWaitingDuplicate(owner: string, { id, scene, day }: Waiting): Promise<void> {
    const Item = { scene: partition(owner), model: id, heirScene: scene, ...expiry(requestDays, scene, day) };
    await table.put({ TableName, Item });
  },
});

export const makeWaitingDuplicatesOf = (table: TableWith<'query'>, TableName: string) => ({
  /** Yields the scenes of the runs that wait for `owner`; all are of its model version. */
  async *waitingDuplicatesOf(owner: string): AsyncGenerator<SceneRef> {
    const request = {
      TableName,
      KeyConditionExpression: 'scene = :heirs',
      ExpressionAttributeValues: { ':heirs': partition(owner) },
      ConsistentRead: true,
    };
    for await (const item of queryItems(table, request)) yield waitingDuplicateSchema.parse(item).heirScene;
  },
});

function partition(owner: string): string {
  return `heirs#${owner}`;
}
