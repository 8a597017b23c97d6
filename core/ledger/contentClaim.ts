import * as z from 'zod';
import { inOrder, slices } from '../base/concurrency/inOrder.ts';
import { ClaimLost } from '../base/errors.ts';
import type { ModelRef, RunRef, SceneRef } from '../base/messages.ts';
import { modelId, runId, sceneId, sceneRefSchema } from '../base/messages.ts';
import { MAX_KEYS, makeGetAll, placeOf } from './bulkRows.ts';
import type { DuplicateRow, Waiting } from './contract.ts';
import { expiry, hasExpired, keyOfRun } from './ledgerItem.ts';
import { makeFindBatch } from './openBatches.ts';
import { makeRuns } from './runs.ts';
import type { State } from './states.ts';
import { expressed, IS_NEW, type Item, isWritten, queryItems, type TableWith, when, wholePartition } from './table.ts';

/**
 * Which run owns a content for a model version, and in which attempt it became the owner. A run claimed by a batch has
 * no row until it ends; while the batch is open, the batch vouches that there will be one.
 */
export const contentClaimSchema = z.object({
  owner: z.string(),
  ownerScene: sceneRefSchema,
  ownerAttempt: z.int(),
  batch: z.string().optional(),
  /** How many times the content has passed to an owner, this one included. */
  term: z.int().default(1),
  /** Owners of earlier terms whose duplicates may not name this one yet. */
  former: z.array(z.string()).default([]),
  expires: z.number().optional(),
});
type ContentClaim = z.infer<typeof contentClaimSchema>;

/** An owner in one of these states will not classify the content, unless it claims it again. */
const NO_OWNERS: State[] = ['FAILED', 'INVALID', 'DUPLICATE'];

/** @param parts the writes and reads beside those of the claim */
export function makeDigests(
  table: TableWith<'get' | 'put' | 'query' | 'update'>,
  TableName: string,
  requestDays = Infinity,
  parts = {
    ...makeRuns(table, TableName),
    ...makeAddWaitingDuplicate(table, TableName, requestDays),
    ...makeRenameDuplicates(table, TableName, requestDays),
    ...makeFindBatch(table, TableName),
  },
) {
  const { get, nameOwner, addWaitingDuplicate, renameDuplicates, isOpen } = parts;

  /**
   * Makes the run the owner of its content for its model version, or returns the id of the run that already owns it,
   * which the run's row then names. One conditional put decides. If the owner failed, the next claimant succeeds it,
   * unless the owner has meanwhile claimed again in a new attempt: the row therefore stores the attempt, and a
   * successor names the attempt it saw.
   *
   *    owner      → claims ──────── fails ── lets those take over that wait for it and name it
   *    duplicate  → waits for the owner ── names it ── looks at the claim and the owner ── ends, unless let take over
   *    successor  → takes the claim: a new term, with the former owner noted ── renames its duplicates ── notes it no more
   *
   * A duplicate is on the list, and names the owner, before it looks. Either it sees that the owner has failed or that
   * the content has passed on, or whoever did that finds it. A later term's name is never replaced by an earlier one's.
   * A successor that dies before it has renamed all leaves its note to its own next attempt, or to the next successor.
   * In a batch, duplicates have no row while they wait: see `nameOwners`. A claim that has expired is as none: its owner's
   * row may be gone, or go within hours.
   *
   * @throws {ClaimLost} when a later attempt of the run owns the content
   */
  async function claimContent(run: RunRef): Promise<string> {
    const owner = await own(run, undefined, '#owner = :run AND ownerAttempt <= :attempt');
    if (owner !== null) return owner;
    throw new ClaimLost(`Attempt ${run.attempt} of the run ${run.id} is outdated: a later attempt owns its content.`);
  }

  /** The same for a run in a batch, as its claim; null if another execution or open batch has it or has ended it. */
  function claimDigest(run: RunRef, batch: string): Promise<string | null> {
    // `AND` binds before `OR`. dynalite takes ten times as long to parse nested brackets.
    const isThisBatch = '#owner = :run AND ownerAttempt = :attempt AND #batch = :batch';
    return own(run, batch, `#owner = :run AND ownerAttempt < :attempt OR ${isThisBatch}`);
  }

  async function claimOf(Key: ReturnType<typeof keyOfContent>): Promise<ContentClaim | undefined> {
    const { Item } = await table.get({ TableName, Key, ConsistentRead: true });
    return Item && contentClaimSchema.parse(Item);
  }

  async function own(run: RunRef, batch: string | undefined, isOurs: string): Promise<string | null> {
    const Key = keyOfContent(run.digest, run.model);
    const row = {
      owner: run.id,
      ownerScene: run.scene,
      ownerAttempt: run.attempt,
      ...(batch !== undefined && { batch }),
      ...expiry(requestDays, run.scene, run.day),
    };

    type Term = Pick<ContentClaim, 'term' | 'former'>;
    const putIf = ({ term, former }: Term, condition: string, values: Item): Promise<boolean> => {
      const Item = { ...Key, ...row, ...(term > 1 && { term }), ...(former.length > 0 && { former }) };
      return isWritten(table.put({ TableName, Item, ...when(condition, values) }));
    };
    const ownValues = { run: run.id, attempt: run.attempt, batch };
    /** Takes the claim, and is named by all duplicates before it is used. */
    const take = async (next: Term, condition: string, values: Item) => {
      if (!(await putIf(next, condition, values))) return false;
      if (next.former.length === 0) return true;
      await renameDuplicates(next.former, run, next.term);
      await putIf({ ...next, former: [] }, isOurs, ownValues); // if refused, others have the claim, with its note
      return true;
    };
    // Most contents are new. On a laptop's tables, checking a condition of several parts takes longer than the write.
    const claimAnew = (condition: object) =>
      isWritten(table.put({ TableName, Item: { ...Key, ...row }, ...condition }));
    if (await claimAnew(IS_NEW)) return run.id;
    let isNamed = (_claim: ContentClaim) => false;
    for (;;) {
      const claim = await claimOf(Key);
      if (claim === undefined || hasExpired(claim, run.day)) {
        const isAsSeen = claim === undefined ? IS_NEW : when('expires = :expires', { expires: claim.expires });
        if (await claimAnew(isAsSeen)) return run.id;
        continue;
      }
      const { owner, ownerScene, ownerAttempt, batch: ownerBatch, term, former } = claim;
      const isOwn = owner === run.id;
      if (isOwn && batch === undefined && ownerAttempt > run.attempt) return null;
      const isSameBatch = ownerAttempt === run.attempt && ownerBatch === batch;
      if (isOwn && (batch === undefined || ownerAttempt < run.attempt || isSameBatch)) {
        if (await take(claim, isOurs, ownValues)) return run.id; // unless a late worker of an earlier attempt got here first
        continue;
      }
      if (!isOwn && !isNamed(claim)) {
        await addWaitingDuplicate(owner, run);
        isNamed = (now) => now.owner === owner && now.term === term;
        if (batch === undefined) {
          await nameOwner(run, owner, term);
          continue;
        }
      }
      // Read before the row: a batch closes only when each of its files has a row.
      const isAwaited = ownerBatch !== undefined && (await isOpen(ownerBatch));
      const ownerRow = await get(ownerScene, run.model);
      const isTaken = ownerRow !== undefined && ownerRow.attempt >= ownerAttempt;
      if (isOwn && (isTaken || isAwaited)) return null;
      if (!isOwn && ownerRow !== undefined && !NO_OWNERS.includes(ownerRow.state)) return owner;
      if (!isOwn && isAwaited && !isTaken) return owner;
      const isUnchanged = `#owner = :owner AND ownerAttempt = :attempt AND ${ownerBatch === undefined ? 'attribute_not_exists(#batch)' : '#batch = :batch'}`;
      const next = isOwn ? claim : { term: term + 1, former: [...new Set([...former, owner])] };
      if (await take(next, isUnchanged, { owner, attempt: ownerAttempt, batch: ownerBatch })) return run.id;
      // The failed owner is running again, or another run has succeeded it.
    }
  }

  return { claimContent, claimDigest };
}

export const keyOfContent = (digest: string, model: ModelRef) => ({ scene: `digest#${digest}`, model: modelId(model) });

const waitingDuplicateSchema = z.object({ heirScene: sceneRefSchema });

/** Runs with the same content wait in case their owner fails: a row each, because no row may grow without limit. */
export const makeAddWaitingDuplicate = (table: TableWith<'put'>, TableName: string, requestDays = Infinity) => ({
  /** Written before the run becomes a duplicate, so that it is started if its owner fails. */
  async addWaitingDuplicate(owner: string, { id, scene, day }: Waiting): Promise<void> {
    const Item = { scene: partition(owner), model: id, heirScene: scene, ...expiry(requestDays, scene, day) };
    await table.put({ TableName, Item });
  },
});

export const makeWaitingDuplicatesOf = (table: TableWith<'query'>, TableName: string) => ({
  async *waitingDuplicatesOf(owner: string): AsyncGenerator<SceneRef> {
    const request = wholePartition(TableName, partition(owner));
    for await (const item of queryItems(table, request)) yield waitingDuplicateSchema.parse(item).heirScene;
  },
});

const partition = (owner: string): string => `heirs#${owner}`;

const AT_ONCE = 32;

/** Names an owner in the row of a duplicate, unless that names one of the same term or a later one. */
async function rename(
  table: TableWith<'update'>,
  TableName: string,
  { scene, model, owner, term }: { scene: SceneRef; model: ModelRef; owner: string; term: number },
  condition: string,
  values: Item,
): Promise<void> {
  const UpdateExpression = 'SET duplicateOf = :owner, ownerTerm = :term';
  const ConditionExpression = `${condition} AND (attribute_not_exists(ownerTerm) OR ownerTerm < :term)`;
  const request = expressed({ UpdateExpression, ConditionExpression }, { owner, term, ...values });
  await isWritten(table.update({ TableName, Key: keyOfRun(scene, model), ...request }));
}

/** Renames duplicates when their content passes to another run. See `claimContent` for the time line. */
export function makeRenameDuplicates(table: TableWith<'put' | 'query' | 'update'>, TableName: string, days = Infinity) {
  const { addWaitingDuplicate } = makeAddWaitingDuplicate(table, TableName, days);
  const { waitingDuplicatesOf } = makeWaitingDuplicatesOf(table, TableName);

  async function renameDuplicates(former: readonly string[], { id, scene, model, day }: RunRef, term: number) {
    const waiting = new Map<string, SceneRef>();
    for (const owner of former)
      for await (const duplicate of waitingDuplicatesOf(owner)) waiting.set(sceneId(duplicate), duplicate);
    waiting.delete(sceneId(scene));
    const namesOne = `duplicateOf IN (${former.map((_, i) => `:former${i}`).join(', ')})`;
    const values = Object.fromEntries(former.map((owner, i) => [`former${i}`, owner]));
    const renameOne = async (duplicate: SceneRef) => {
      await addWaitingDuplicate(id, { id: runId(duplicate, model), scene: duplicate, day });
      await rename(table, TableName, { scene: duplicate, model, owner: id, term }, namesOne, values);
    };
    for await (const _renamed of inOrder(waiting.values(), AT_ONCE, renameOne));
  }

  return { renameDuplicates };
}

export function makeNameOwners(table: TableWith<'batchGet' | 'put' | 'update'>, TableName: string, days = Infinity) {
  const { addWaitingDuplicate } = makeAddWaitingDuplicate(table, TableName, days);
  const getAll = makeGetAll(table, TableName);

  /**
   * Makes duplicates name the owners that their contents have now. For rows that were not there, or did not name an
   * owner, when the content passed on: the claims are read after the rows were written, and again after each change.
   */
  async function nameOwners(rows: readonly DuplicateRow[]): Promise<void> {
    for (const some of slices(rows, MAX_KEYS)) await nameOwnersOf(some);
  }

  async function nameOwnersOf(rows: readonly DuplicateRow[]): Promise<void> {
    if (rows.length === 0) return;
    const contents = rows.map(({ digest, model }) => keyOfContent(digest, model));
    const keys = new Map(contents.map((key) => [placeOf(key), key]));
    const claims = new Map((await getAll([...keys.values()])).map((item) => [placeOf(item), item]));
    const changed: DuplicateRow[] = [];
    const look = async (row: DuplicateRow) => {
      const claim = claims.get(placeOf(keyOfContent(row.digest, row.model)));
      if (claim === undefined) return; // it has expired, with its owner
      const { owner, term } = contentClaimSchema.parse(claim);
      if (owner === row.run || (owner === row.duplicateOf && term === (row.ownerTerm ?? 1))) return;
      await addWaitingDuplicate(owner, { ...row, id: row.run });
      await rename(table, TableName, { ...row, owner, term }, 'attempt = :attempt', { attempt: row.attempt });
      changed.push({ ...row, duplicateOf: owner, ownerTerm: term });
    };
    for await (const _named of inOrder(rows, AT_ONCE, look));
    await nameOwnersOf(changed);
  }

  return { nameOwners };
}
