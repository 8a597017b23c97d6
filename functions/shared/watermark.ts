import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { TableWith } from './table.ts';

const Key = { scene: 'sweep#inbox', model: '-' };
const watermarkSchema = z.object({ sweptUntil: z.iso.datetime() });

/** Up to when everything has been swept: when the last sweep began that came to its end. */
export function makeWatermark(table: TableWith<'get' | 'update'>, TableName: string) {
  /** Null where no sweep ever came to its end. */
  async function sweptUntil(): Promise<Date | null> {
    const { Item } = await table.get({ TableName, Key, ConsistentRead: true });
    return Item === undefined ? null : new Date(watermarkSchema.parse(Item).sweptUntil);
  }

  /** It only rises: of two sweeps at once, the one that began first may end last. */
  async function raiseWatermark(time: Date): Promise<void> {
    try {
      await table.update({
        TableName,
        Key,
        UpdateExpression: 'SET sweptUntil = :time',
        ConditionExpression: 'attribute_not_exists(sweptUntil) OR sweptUntil < :time',
        ExpressionAttributeValues: { ':time': time.toISOString() },
      });
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  return { sweptUntil, raiseWatermark };
}
