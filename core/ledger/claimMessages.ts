import { inOrder } from '../base/concurrency/inOrder.ts';
import { expiryOfDay } from './ledgerItem.ts';
import { isWritten, type TableWith, when } from './table.ts';

const AT_ONCE = 32;

/** Records which run counts a message, which may be delivered repeatedly, in a row that expires with the run's. */
export const makeClaimMessages = (table: TableWith<'put'>, TableName: string, requestDays = Infinity) => ({
  /** A claim holds until it expires, whatever becomes of the run. Any attempt of it may claim its messages again. */
  async claimMessages(ids: readonly string[], run: string, day: string): Promise<Set<string>> {
    const expires = expiryOfDay(requestDays, day);
    const isOurs = when('attribute_not_exists(scene) OR #owner = :run', { run });
    const isOver = when('attribute_not_exists(scene) OR expires <= :day', { day: Date.parse(day) / 1000 });
    const claim = async (id: string): Promise<string[]> => {
      const Item = { ...keyOfMessage(id), owner: run, ...expires };
      const putIf = (condition: typeof isOurs) => isWritten(table.put({ TableName, Item, ...condition }));
      return (await putIf(isOurs)) || (requestDays < Infinity && (await putIf(isOver))) ? [id] : [];
    };
    return new Set((await Array.fromAsync(inOrder(new Set(ids), AT_ONCE, claim))).flat());
  },
});

export const makeMessageOwner = (table: TableWith<'get'>, TableName: string) => ({
  async messageOwner(id: string): Promise<string | undefined> {
    const { Item } = await table.get({ TableName, Key: keyOfMessage(id), ConsistentRead: true });
    return Item === undefined ? undefined : String(Item['owner']);
  },
});

const keyOfMessage = (id: string) => ({ scene: `answered#${id}`, model: '-' });
