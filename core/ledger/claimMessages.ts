import { inOrder } from '../inOrder.ts';
import { isWritten, type TableWith } from './table.ts';

const AT_ONCE = 32;

/** Which run counts a message that a queue may deliver more than once: a row each, as long as the ledger. */
export const makeClaimMessages = (table: TableWith<'put'>, TableName: string) => ({
  /**
   * Claims messages for a run. Each is one run's for ever, whatever becomes of that: claimed again by the same run it is its own,
   * by whichever of its attempts.
   *
   * @returns those that are the run's
   */
  async claimMessages(ids: readonly string[], run: string): Promise<Set<string>> {
    const claim = async (id: string): Promise<string[]> => {
      const isOurs = await isWritten(
        table.put({
          TableName,
          Item: { ...keyOfMessage(id), owner: run },
          ConditionExpression: 'attribute_not_exists(scene) OR #owner = :run',
          ExpressionAttributeNames: { '#owner': 'owner' },
          ExpressionAttributeValues: { ':run': run },
        }),
      );
      return isOurs ? [id] : [];
    };
    const own = new Set<string>();
    for await (const claimed of inOrder(new Set(ids), AT_ONCE, claim)) for (const id of claimed) own.add(id);
    return own;
  },
});

/** Whose a message is. */
export const makeMessageOwner = (table: TableWith<'get'>, TableName: string) => ({
  /** The run that counts it; undefined where none has claimed it yet. */
  async messageOwner(id: string): Promise<string | undefined> {
    const { Item } = await table.get({ TableName, Key: keyOfMessage(id), ConsistentRead: true });
    return Item === undefined ? undefined : String(Item['owner']);
  },
});

function keyOfMessage(id: string) {
  return { scene: `answered#${id}`, model: '-' };
}
