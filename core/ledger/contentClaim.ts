import * as z from 'zod';
import { ClaimLost } from '../errors.ts';
import { type ModelRef, type RunRef, type SceneRef, sceneRefSchema } from '../messages.ts';
import { modelId } from '../run.ts';
import type { LedgerRow, State } from './ledgerRow.ts';
import type { makeFindBatch } from './openBatches.ts';
import { isWritten, type TableWith } from './table.ts';
import type { makeAddWaitingDuplicate } from './waitingDuplicates.ts';

/**
 * Which run owns a content for a model version, and in which attempt it became the owner. A run claimed by a batch has
 * no row until it ends; while the batch is open, the batch vouches that there will be one.
 */
export const contentClaimSchema = z.object({
  owner: z.string(),
  ownerScene: sceneRefSchema,
  ownerAttempt: z.int(),
  batch: z.string().optional(),
});
type ContentClaim = z.infer<typeof contentClaimSchema>;

/** An owner in one of these states will not classify the content, unless it claims it again. */
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
   * Makes the run the owner of its content for its model version, or returns the id of the run that already owns it.
   * One conditional put decides. If the owner failed, the next claimant succeeds it, unless the owner has meanwhile
   * claimed again in a new attempt: the row therefore stores the attempt, and a successor names the attempt it saw. A
   * later claimant waits as a duplicate, and registers as one before it checks the owner: either it sees that the owner
   * has failed, or the failing owner finds it waiting.
   *
   * @throws {ClaimLost} when a later attempt of the run owns the content
   */
  async function claimContent(run: RunRef): Promise<string> {
    const isOurs = '#owner = :run AND ownerAttempt <= :attempt';
    const owner = await own(run, undefined, isOurs);
    if (owner !== null) return owner;
    throw new ClaimLost(`Attempt ${run.attempt} of the run ${run.id} is outdated: a later attempt owns its content.`);
  }

  /**
   * Does the same for a run in a batch; this is also its claim. Returns null if another execution or another open batch
   * has the run, and has ended it or will do so.
   */
  function claimDigest(run: RunRef, batch: string): Promise<string | null> {
    // `AND` binds before `OR`. dynalite takes ten times as long to parse nested brackets.
    const isThisBatch = '#owner = :run AND ownerAttempt = :attempt AND #batch = :batch';
    return own(run, batch, `#owner = :run AND ownerAttempt < :attempt OR ${isThisBatch}`);
  }

  /**
   * Returns whether a run that has just become a duplicate duplicates a run that counts, or still may. An owner that
   * failed in the meantime did not find it among its waiting duplicates.
   */
  async function isOwned({ digest, model }: Pick<RunRef, 'digest' | 'model'>, by: string): Promise<boolean> {
    const { owner, ownerScene } = await claimOf(keyOf(digest, model));
    if (owner !== by) return false; // another run has succeeded it
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
    const ownValues = { ':run': run.id, ':attempt': run.attempt, ...(batch !== undefined && { ':batch': batch }) };
    // Most contents are new. On a laptop's tables, checking a condition of several parts takes longer than the write.
    const isFree = 'attribute_not_exists(scene)';
    if (await isWritten(table.put({ TableName, Item, ConditionExpression: isFree }))) return run.id;
    for (;;) {
      const { owner, ownerScene, ownerAttempt, batch: ownerBatch } = await claimOf(Key);
      const isOwn = owner === run.id;
      if (isOwn && batch === undefined) {
        if (ownerAttempt > run.attempt) return null;
        if (await putIf(isOurs, ownValues)) return run.id; // a late worker of an earlier attempt got here first
        continue;
      }
      const isSameBatch = ownerAttempt === run.attempt && ownerBatch === batch;
      if (isOwn && (ownerAttempt < run.attempt || isSameBatch)) {
        if (await putIf(isOurs, ownValues)) return run.id;
        continue;
      }
      if (!isOwn) await addWaitingDuplicate(owner, run);
      // Read before the row: a batch closes only when each of its files has a row.
      const isAwaited = ownerBatch !== undefined && (await isOpen(ownerBatch));
      const ownerRow = await get(ownerScene, run.model);
      const isTaken = ownerRow !== undefined && ownerRow.attempt >= ownerAttempt;
      if (isOwn && (isTaken || isAwaited)) return null;
      if (!isOwn && ownerRow !== undefined && !NO_OWNERS.includes(ownerRow.state)) return owner;
      if (!isOwn && isAwaited && !isTaken) return owner;
      const isUnchanged = `#owner = :owner AND ownerAttempt = :attempt AND ${ownerBatch === undefined ? 'attribute_not_exists(#batch)' : '#batch = :batch'}`;
      const ownerValues = {
        ':owner': owner,
        ':attempt': ownerAttempt,
        ...(ownerBatch !== undefined && { ':batch': ownerBatch }),
      };
      if (await putIf(isUnchanged, ownerValues)) return run.id;
      // The failed owner is running again, or another run has succeeded it.
    }
  }

  return { claimContent, claimDigest, isOwned };
}

function keyOf(digest: string, model: ModelRef) {
  return { scene: `digest#${digest}`, model: modelId(model) };
}
