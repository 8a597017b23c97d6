import * as z from 'zod';
import { ClaimLost } from '../errors.ts';
import { type ModelRef, type RunRef, type SceneRef, sceneRefSchema } from '../messages.ts';
import { modelId } from '../run.ts';
import type { LedgerRow, State } from './ledgerRow.ts';
import type { makeFindBatch } from './openBatches.ts';
import { isWritten, type TableWith } from './table.ts';
import type { makeAddWaitingDuplicate } from './waitingDuplicates.ts';

/**
 * Which run owns some bytes for a model version, and by which of its attempts it came to own them. A run that a batch has
 * claimed has no row before its end: the batch, as long as it is open, says that there will be one.
 */
export const contentClaimSchema = z.object({
  owner: z.string(),
  ownerScene: sceneRefSchema,
  ownerAttempt: z.int(),
  batch: z.string().optional(),
});
type ContentClaim = z.infer<typeof contentClaimSchema>;

/** An owner in such a state will not classify the bytes, unless it comes here once more. */
const NO_OWNERS: State[] = ['FAILED', 'INVALID', 'DUPLICATE'];

type Ports = { get: (scene: SceneRef, model: ModelRef) => Promise<LedgerRow | undefined> } & ReturnType<
  typeof makeAddWaitingDuplicate
> &
  Pick<ReturnType<typeof makeFindBatch>, 'isOpen'>;

export function makeClaimContent(
  table: TableWith<'get' | 'put'>,
  TableName: string,
  { get, addWaitingDuplicate, isOpen }: Ports,
) {
  /**
   * Makes the run the owner of its bytes for its model version, or says which run is, by its id. One conditional put
   * decides. An owner that failed is succeeded by whoever comes next, unless it has begun another attempt and got here
   * before: that is why the row keeps the attempt, and a successor names the one that it saw. Whoever comes second waits as
   * a duplicate, and says so before it looks: either it sees that the owner has failed, or the owner's failure finds it waiting.
   *
   * @throws ClaimLost when a later attempt of the run owns them
   */
  async function claimContent(run: RunRef): Promise<string> {
    const isOurs = '#owner = :run AND ownerAttempt <= :attempt';
    const owner = await own(run, undefined, isOurs);
    if (owner !== null) return owner;
    throw new ClaimLost(`Attempt ${run.attempt} of the run ${run.id} is outdated: a later one owns its bytes.`);
  }

  /**
   * The same for a run that a batch brings to its end: this is its claim. Null where the run is another's, which will
   * bring it to its end or has done so: an execution of its own, or another batch that is open.
   */
  function claimDigest(run: RunRef, batch: string): Promise<string | null> {
    // AND binds before OR, and dynalite takes ten times as long to read what stands within brackets within brackets.
    const isThisBatch = '#owner = :run AND ownerAttempt = :attempt AND #batch = :batch';
    return own(run, batch, `#owner = :run AND ownerAttempt < :attempt OR ${isThisBatch}`);
  }

  /**
   * Whether a run that has just become a duplicate is one of a run that counts, or may come to. An owner that failed while it
   * was on its way there has not found it among the duplicates to be tried in its place.
   */
  async function isOwned({ digest, model }: Pick<RunRef, 'digest' | 'model'>, by: string): Promise<boolean> {
    const { owner, ownerScene } = await claimOf(keyOf(digest, model));
    if (owner !== by) return false; // another one has succeeded it
    const holding = await get(ownerScene, model);
    return holding?.state !== 'FAILED' && holding?.prefix !== true;
  }

  async function claimOf(Key: ReturnType<typeof keyOf>): Promise<ContentClaim> {
    const { Item } = await table.get({ TableName, Key, ConsistentRead: true });
    return contentClaimSchema.parse(Item);
  }

  async function own(run: RunRef, batch: string | undefined, isOurs: string): Promise<string | null> {
    const Key = keyOf(run.digest, run.model);
    const row: ContentClaim = { owner: run.id, ownerScene: run.scene, ownerAttempt: run.attempt };

    const Item = { ...Key, ...row, ...(batch !== undefined && { batch }) };
    const putIf = (condition: string, values: Record<string, unknown>): Promise<boolean> => {
      const names = { '#owner': 'owner', ...(condition.includes('#batch') && { '#batch': 'batch' }) };
      return isWritten(
        table.put({
          TableName,
          Item,
          ConditionExpression: condition,
          ExpressionAttributeNames: names,
          ExpressionAttributeValues: values,
        }),
      );
    };
    const ours = { ':run': run.id, ':attempt': run.attempt, ...(batch !== undefined && { ':batch': batch }) };
    // Most bytes are new. To hold them against a condition of several parts takes the tables of a laptop longer than to write them.
    const isFree = 'attribute_not_exists(scene)';
    if (await isWritten(table.put({ TableName, Item, ConditionExpression: isFree }))) return run.id;
    for (;;) {
      const { owner, ownerScene, ownerAttempt, batch: theirs } = await claimOf(Key);
      const isOwn = owner === run.id;
      if (isOwn && batch === undefined) {
        if (ownerAttempt > run.attempt) return null;
        if (await putIf(isOurs, ours)) return run.id; // a worker of an earlier attempt has woken up, and come before
        continue;
      }
      const isSameBatch = ownerAttempt === run.attempt && theirs === batch;
      if (isOwn && (ownerAttempt < run.attempt || isSameBatch)) {
        if (await putIf(isOurs, ours)) return run.id;
        continue;
      }
      if (!isOwn) await addWaitingDuplicate(owner, run);
      // Asked before the row is: a batch closes when each of its files has one.
      const isAwaited = theirs !== undefined && (await isOpen(theirs));
      const holding = await get(ownerScene, run.model);
      const isTaken = holding !== undefined && holding.attempt >= ownerAttempt;
      if (isOwn && (isTaken || isAwaited)) return null;
      if (!isOwn && holding !== undefined && !NO_OWNERS.includes(holding.state)) return owner;
      if (!isOwn && isAwaited && !isTaken) return owner;
      const isStillTheirs = `#owner = :owner AND ownerAttempt = :attempt AND ${theirs === undefined ? 'attribute_not_exists(#batch)' : '#batch = :batch'}`;
      const seen = { ':owner': owner, ':attempt': ownerAttempt, ...(theirs !== undefined && { ':batch': theirs }) };
      if (await putIf(isStillTheirs, seen)) return run.id;
      // The failed owner has come back, or somebody else has succeeded it.
    }
  }

  return { claimContent, claimDigest, isOwned };
}

function keyOf(digest: string, model: ModelRef) {
  return { scene: `digest#${digest}`, model: modelId(model) };
}
