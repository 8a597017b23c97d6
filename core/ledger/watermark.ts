import * as z from 'zod';
import { isWritten, type TableWith } from './table.ts';

const Key = { scene: 'sweep#inbox', model: '-' };
const watermarkSchema = z.object({ sweptUntil: z.iso.datetime() });

export type Watermark = ReturnType<typeof makeWatermark>;

/** The watermark: when the last completed sweep began. Everything before it has been swept. */
export function makeWatermark(table: TableWith<'get' | 'update' | 'delete'>, TableName: string) {
  /**
   * Returns the watermark, or null if no sweep has completed, or if the clock was ahead when one did: a watermark later
   * than `now` is meaningless. Such a watermark is removed at once, or a later sweep would believe it.
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

  /** Raises the watermark. Of two concurrent sweeps, the one that began first may end last; it must not lower it. */
  const raiseWatermark = (time: Date) => set(time, 'attribute_not_exists(sweptUntil) OR sweptUntil < :time');

  /** Lowers the watermark, so that everything after `time` is swept again. */
  const lowerWatermark = (time: Date) => set(time, 'sweptUntil > :time');

  async function set(time: Date, ConditionExpression: string): Promise<void> {
    const request = { TableName, Key, UpdateExpression: 'SET sweptUntil = :time', ConditionExpression };
    await isWritten(table.update({ ...request, ExpressionAttributeValues: { ':time': time.toISOString() } }));
  }

  return { sweptUntil, raiseWatermark, lowerWatermark };
}
