import * as z from 'zod';
import { type RunRef, type SceneRef, sceneRefSchema } from '../messages.ts';
import { queryItems, type TableWith } from './table.ts';

const waitingDuplicateSchema = z.object({ heirScene: sceneRefSchema });

/**
 * Who waits for a run: the runs of the same bytes, which are its duplicates as long as it does not fail. A row
 * each, under their owner's id, because no row may grow without end.
 */
export const makeAddWaitingDuplicate = (table: TableWith<'put'>, TableName: string) => ({
  /** Written before the run becomes a duplicate: from then on its owner's failure is not its end. */
  async addWaitingDuplicate(owner: string, { id, scene }: Pick<RunRef, 'id' | 'scene'>): Promise<void> {
    await table.put({ TableName, Item: { scene: partition(owner), model: id, heirScene: scene } });
  },
});

export const makeWaitingDuplicatesOf = (table: TableWith<'query'>, TableName: string) => ({
  /** The scenes of those that wait for a run; each is of the same model version. */
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
