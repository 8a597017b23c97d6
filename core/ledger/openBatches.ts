import * as z from 'zod';
import { ClaimLost } from '../errors.ts';
import { type BatchRef, batchRefSchema } from '../messages.ts';
import { isLeaseOver } from './lease.ts';
import { isConditionRefused, queryPages, type TableWith } from './table.ts';

const OPEN = 'sweep#batches';

const openBatchSchema = z.object({
  batch: batchRefSchema,
  execution: z.string(),
  attempt: z.int(),
  /** How many executions have had it. */
  executions: z.int(),
  lease: z.iso.datetime(),
  openedAt: z.iso.datetime(),
});
/** A batch that somebody works on, or whose worker is lost: until when it is held, by which attempt of which execution. */
export type OpenBatch = z.infer<typeof openBatchSchema>;

/**
 * What identifies who holds a batch: the fence that a late worker of an older attempt cannot pass. Attempts begin anew where
 * a batch is opened again that was closed, be it by the same execution; the time at which it was opened is another one.
 */
export type BatchHolder = Pick<OpenBatch, 'batch' | 'attempt' | 'execution' | 'openedAt'>;

/**
 * A row for each batch that is open: from before its first file is claimed until each of its files has a row of its own,
 * and its predictions are those of the files that say so. It is a lease, as a run's claim is.
 */
export function makeFindBatch(table: TableWith<'get'>, TableName: string) {
  async function findBatch(id: string): Promise<OpenBatch | undefined> {
    const { Item } = await table.get({ TableName, Key: keyOf(id), ConsistentRead: true });
    return Item === undefined ? undefined : openBatchSchema.parse(Item);
  }

  /** Whether a batch has files that it will bring to their end. */
  async function isOpen(id: string): Promise<boolean> {
    return (await findBatch(id)) !== undefined;
  }

  return { findBatch, isOpen };
}

/** Taking such a batch, keeping it and ending it. */
export function makeHoldBatch(table: TableWith<'get' | 'put' | 'update' | 'delete'>, TableName: string) {
  const { findBatch } = makeFindBatch(table, TableName);

  /**
   * Takes a batch: one that nobody has, that this execution has had already, or whose lease is over. Undefined where
   * another one holds it.
   *
   * @param clock is asked when the batch has been looked at: to a worker that slept until then, its new lease lies in the future
   */
  async function openBatch(
    batch: BatchRef,
    execution: string,
    clock: () => Date,
    leaseSeconds: number,
  ): Promise<OpenBatch | undefined> {
    const before = await findBatch(batch.id);
    const now = clock();
    const isOurs = before?.execution === execution;
    if (before !== undefined && !isOurs && !isLeaseOver(before.lease, now, leaseSeconds)) return undefined;
    const opened: OpenBatch = {
      batch,
      execution,
      attempt: (before?.attempt ?? 0) + 1,
      executions: (before?.executions ?? 0) + (isOurs ? 0 : 1),
      lease: after(now, leaseSeconds),
      openedAt: before?.openedAt ?? now.toISOString(),
    };
    const isAsSeen =
      before === undefined
        ? { ConditionExpression: 'attribute_not_exists(scene)' }
        : {
            ConditionExpression: 'attempt = :attempt AND execution = :execution AND lease = :lease',
            ExpressionAttributeValues: {
              ':attempt': before.attempt,
              ':execution': before.execution,
              ':lease': before.lease,
            },
          };
    const isTaken = await unlessRefused(table.put({ TableName, Item: { ...keyOf(batch.id), ...opened }, ...isAsSeen }));
    return isTaken ? opened : undefined;
  }

  /** Renews the lease of a held batch, and so makes sure that it is still held. */
  async function renewBatch(holder: BatchHolder, now: Date, leaseSeconds: number): Promise<void> {
    await assertHeld(holder, {
      UpdateExpression: 'SET lease = :lease',
      values: { ':lease': after(now, leaseSeconds) },
    });
  }

  /** Lets whoever comes next take a batch, at once. */
  async function releaseBatch(holder: BatchHolder, now: Date): Promise<void> {
    await assertHeld(holder, { UpdateExpression: 'SET lease = :lease', values: { ':lease': after(now, -1) } });
  }

  async function assertHeld(holder: BatchHolder, { UpdateExpression, values }: Change): Promise<void> {
    const request = { TableName, Key: keyOf(holder.batch.id), UpdateExpression };
    const isHeld = await unlessRefused(
      table.update({
        ...request,
        ConditionExpression: HELD,
        ExpressionAttributeValues: { ...values, ...fenceOf(holder) },
      }),
    );
    if (!isHeld) throw lost(holder);
  }

  /** Ends a held batch, all of whose files have come to their end. */
  async function closeBatch(holder: BatchHolder): Promise<void> {
    const isHeld = await unlessRefused(
      table.delete({
        TableName,
        Key: keyOf(holder.batch.id),
        ConditionExpression: HELD,
        ExpressionAttributeValues: fenceOf(holder),
      }),
    );
    if (!isHeld) throw lost(holder);
  }

  return { openBatch, renewBatch, releaseBatch, closeBatch };
}

/** All such batches together. */
export function makeOpenBatches(table: TableWith<'query'>, TableName: string) {
  /** All that are open, whoever holds them. */
  async function openBatches(): Promise<OpenBatch[]> {
    const request = {
      TableName,
      KeyConditionExpression: 'scene = :open',
      ExpressionAttributeValues: { ':open': OPEN },
      ConsistentRead: true,
    };
    const found: OpenBatch[] = [];
    for await (const { Items = [] } of queryPages(table, request))
      found.push(...Items.map((item) => openBatchSchema.parse(item)));
    return found;
  }

  return { openBatches };
}

type Change = { UpdateExpression: string; values: Record<string, string> };

const HELD = 'attempt = :ourAttempt AND execution = :ourExecution AND openedAt = :ourOpening';

function fenceOf({ attempt, execution, openedAt }: BatchHolder) {
  return { ':ourAttempt': attempt, ':ourExecution': execution, ':ourOpening': openedAt };
}

function lost({ attempt, batch }: BatchHolder): ClaimLost {
  return new ClaimLost(`Attempt ${attempt} no longer holds the batch ${batch.id}; another one has it.`);
}

async function unlessRefused(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (isConditionRefused(error)) return false;
    throw error;
  }
}

function keyOf(id: string) {
  return { scene: OPEN, model: id };
}

function after(now: Date, seconds: number): string {
  return new Date(now.getTime() + seconds * 1000).toISOString();
}
