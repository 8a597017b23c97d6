import * as z from 'zod';
import { isWritten, type TableWith } from './table.ts';

const Key = { scene: 'sweep#inbox', model: '-' };
const watermarkSchema = z.object({ sweptUntil: z.iso.datetime() });

export type Watermark = ReturnType<typeof makeWatermark>;

/** Up to when everything has been swept: when the last sweep began that came to its end. */
export function makeWatermark(table: TableWith<'get' | 'update' | 'delete'>, TableName: string) {
  /**
   * Null where no sweep ever came to its end, or where the clock was ahead when one did: a watermark later than now says
   * nothing of what lies before it. Such a one is removed at once, or the next sweep would believe it once its time has come.
   */
  async function sweptUntil(now: Date): Promise<Date | null> {
    const { Item } = await table.get({ TableName, Key, ConsistentRead: true });
    if (Item === undefined) return null;
    const { sweptUntil: seen } = watermarkSchema.parse(Item);
    if (new Date(seen) <= now) return new Date(seen);
    await isWritten(
      table.delete({
        TableName,
        Key,
        ConditionExpression: 'sweptUntil = :seen',
        ExpressionAttributeValues: { ':seen': seen },
      }),
    );
    return null;
  }

  /** Of two sweeps at once, the one that began first may end last: it sets no earlier time. */
  const raiseWatermark = (time: Date) => set(time, 'attribute_not_exists(sweptUntil) OR sweptUntil < :time');

  /** What lies behind a time has to be looked at once more. */
  const lowerWatermark = (time: Date) => set(time, 'sweptUntil > :time');

  async function set(time: Date, ConditionExpression: string): Promise<void> {
    const request = { TableName, Key, UpdateExpression: 'SET sweptUntil = :time', ConditionExpression };
    await isWritten(table.update({ ...request, ExpressionAttributeValues: { ':time': time.toISOString() } }));
  }

  return { sweptUntil, raiseWatermark, lowerWatermark };
}
