import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { ClaimLost } from '../base/errors.ts';
import { type BatchRef, batchRefSchema } from '../base/messages.ts';
import { isLeaseOver, keeping, type LeasePorts, leaseEnd } from './lease.ts';
import { changes } from './ledgerItem.ts';
import { expressed, IS_NEW, isWritten, queryItems, type TableWith, when, wholePartition } from './table.ts';

const OPEN = 'sweep#batches';
/** In the place of an execution that has ended without its batch. */
export const LOST = 'lost';

const openBatchSchema = z.object({
  batch: batchRefSchema,
  execution: z.string(),
  attempt: z.int(),
  /** How many executions have begun to work on it and not let go of it: its holder, and those that died since it last made progress. */
  executions: z.int(),
  lease: z.iso.datetime(),
  openedAt: z.iso.datetime(),
  /** Whether its execution waits for a job in a container, which can outlast the lease. */
  hasJob: z.boolean().optional(),
});
/** A batch whose worker is at work or lost: until when it is held, by which attempt of which execution. */
export type OpenBatch = z.infer<typeof openBatchSchema>;

/** Fences off late workers. A closed batch opened again counts attempts anew; `openedAt` tells the two apart. */
export type BatchHolder = Pick<OpenBatch, 'batch' | 'attempt' | 'execution' | 'openedAt'>;

/**
 * Keeps a row for each open batch: from before its first file is claimed until each of its files has a row of its own
 * and its predictions file holds exactly the files that are done. The row is a lease, like a run's claim.
 */
export function makeFindBatch(table: TableWith<'get'>, TableName: string) {
  async function findBatch(id: string): Promise<OpenBatch | undefined> {
    const { Item } = await table.get({ TableName, Key: keyOf(id), ConsistentRead: true });
    return Item === undefined ? undefined : openBatchSchema.parse(Item);
  }

  return { findBatch, isOpen: async (id: string) => (await findBatch(id)) !== undefined };
}

export const makeAnnounceBatch = (table: TableWith<'put'>, TableName: string) => ({
  /** If the execution dies before it writes, the sweep still finds the batch. An open batch is left unchanged. */
  async announceBatch(batch: BatchRef, execution: string, now: Date, leaseSeconds: number): Promise<void> {
    const lease = leaseEnd(now, leaseSeconds);
    const opened: OpenBatch = { batch, execution, attempt: 0, executions: 0, lease, openedAt: now.toISOString() };
    await isWritten(table.put({ TableName, Item: { ...keyOf(batch.id), ...opened }, ...IS_NEW }));
  },
});

export function makeHoldBatch(table: TableWith<'get' | 'put' | 'update' | 'delete'>, TableName: string) {
  const { findBatch } = makeFindBatch(table, TableName);

  /**
   * Takes a batch that nobody holds, that this execution already holds, or whose lease has expired. Returns undefined
   * if another execution holds it.
   * @param clock called after the batch was read: the new lease is in the future even if the worker slept until then
   * @param hasJob whether the execution waits for a job; if it already holds the batch, the default is what it said then
   */
  async function openBatch(batch: BatchRef, execution: string, clock: () => Date, seconds: number, hasJob?: boolean) {
    const before = await findBatch(batch.id);
    const now = clock();
    const isOurs = before?.execution === execution;
    // The lease of a job is longer than others, which is no sign of a clock that was ahead.
    const isOver = before?.hasJob ? before.lease < now.toISOString() : isLeaseOver(before?.lease ?? '', now, seconds);
    if (!isOurs && !isOver) return undefined;
    const opened: OpenBatch = {
      batch,
      execution,
      attempt: (before?.attempt ?? 0) + 1,
      executions: (before?.executions ?? 0) + (isOurs && before.attempt > 0 ? 0 : 1),
      lease: leaseEnd(now, seconds),
      openedAt: before?.openedAt ?? now.toISOString(),
      hasJob: hasJob ?? (isOurs && before.hasJob === true),
    };
    const { attempt, execution: holder, lease } = before ?? {};
    const isAsSeen = when('attempt = :attempt AND execution = :holder AND lease = :lease', { attempt, holder, lease });
    const Item = { ...keyOf(batch.id), ...opened };
    if (await isWritten(table.put({ TableName, Item, ...(before === undefined ? IS_NEW : isAsSeen) }))) return opened;
    // A client repeats a write whose answer was lost, and is refused because of its own first one.
    const found = await findBatch(batch.id);
    const isOwnWrite = found?.lease === opened.lease && isDeepStrictEqual(heldBy(found), heldBy(opened));
    return isOwnWrite ? opened : undefined;
  }

  const set = makeSet(table, TableName);

  const renewBatch = (holder: BatchHolder, now: Date, leaseSeconds: number) =>
    set(holder, { lease: leaseEnd(now, leaseSeconds) });

  /** Lets go of a batch, so that another execution can take it at once. Whoever held it has not died. */
  const releaseBatch = ({ executions, ...holder }: OpenBatch, now: Date) =>
    set(holder, { lease: leaseEnd(now, -1), executions: executions - 1 });

  /** Notes how many executions count as having begun and not let go, when some files of a held batch have ended. */
  const noteProgress = (holder: BatchHolder, executions: number) => set(holder, { executions });

  /** One that has no row any more is closed: the answer to the first of two requests may have been lost. */
  function closeBatch(holder: BatchHolder): Promise<void> {
    const isHeld = when(`attribute_not_exists(scene) OR (${IS_HELD})`, heldBy(holder));
    return assertDone(holder, table.delete({ TableName, Key: keyOf(holder.batch.id), ...isHeld }));
  }

  return { findBatch, openBatch, renewBatch, releaseBatch, noteProgress, closeBatch };
}

const makeSet =
  (table: TableWith<'update'>, TableName: string, ConditionExpression = IS_HELD) =>
  (holder: BatchHolder, some: Partial<OpenBatch>) => {
    const expressions = { UpdateExpression: changes(some), ConditionExpression };
    const request = { Key: keyOf(holder.batch.id), ...expressed(expressions, { ...heldBy(holder), ...some }) };
    return assertDone(holder, table.update({ TableName, ...request }));
  };

export const makeLoseBatch = (table: TableWith<'update'>, TableName: string) => ({
  /** Ends the lease of an execution that has died, so that another one, even of its name, can take the batch at once. */
  loseBatch: (holder: BatchHolder, now: Date) =>
    makeSet(table, TableName, IS_HELD_OR_LOST)(holder, { lease: leaseEnd(now, -1), execution: LOST }),
});

export type HoldsBatches = ReturnType<typeof makeHoldBatch>;
type KeepBatchPorts = Omit<LeasePorts, 'ledger'> & { ledger: Pick<HoldsBatches, 'renewBatch'> };

export const makeOpenBatches = (table: TableWith<'query'>, TableName: string) => ({
  openBatches: (): Promise<OpenBatch[]> =>
    Array.fromAsync(queryItems(table, wholePartition(TableName, OPEN)), (item) => openBatchSchema.parse(item)),
});

/** Throws `ClaimLost` when another execution holds the batch. */
export const keepBatch = ({ ledger, ...ports }: KeepBatchPorts, opened: OpenBatch) =>
  keeping(ports, (at, leaseSeconds) => ledger.renewBatch(opened, at, leaseSeconds));

async function assertDone({ attempt, batch }: BatchHolder, write: Promise<unknown>): Promise<void> {
  if (await isWritten(write)) return;
  throw new ClaimLost(`Attempt ${attempt} no longer holds the batch ${batch.id}; another one has it.`);
}

const IS_HELD = 'attempt = :ourAttempt AND execution = :ourExecution AND openedAt = :ourOpening';
/** A repeated request finds the execution that the first one has written. */
const IS_HELD_OR_LOST = IS_HELD.replace('= :ourExecution', 'IN (:ourExecution, :execution)');

function heldBy({ attempt, execution, openedAt }: BatchHolder) {
  return { ourAttempt: attempt, ourExecution: execution, ourOpening: openedAt };
}

const keyOf = (id: string) => ({ scene: OPEN, model: id });
