import { ClaimLost } from '../errors.ts';
import type { RunRef } from '../messages.ts';
import { changes, FOUND_BY_AN_ATTEMPT, keyOfRun, toChanged, toRow } from './ledgerItem.ts';
import type { LedgerRow } from './ledgerRow.ts';
import { isConditionRefused, type TableWith } from './table.ts';

const REMOVED = Object.fromEntries([...FOUND_BY_AN_ATTEMPT, 'lease'].map((name) => [name, undefined]));

/**
 * Takes a run from its holder, or out of its end state. Used only for a version that turns out to be an unfinished
 * copy.
 */
export const makeSupersedeRow = (table: TableWith<'update'>, TableName: string) => ({
  /**
   * Ends a run, in whatever state it was seen, as a `DUPLICATE` of the whole file's run `by`. This is a new attempt, so
   * a worker on the run loses its claim, and the run no longer counts for any day. The batch that had processed it is
   * kept, so that its predictions can be removed.
   *
   * @throws {ClaimLost} when the run has changed since it was seen
   */
  async supersedeRow(
    seen: LedgerRow,
    by: Pick<RunRef, 'id' | 'execution'>,
    { size, digest }: { size: number; digest: string },
    now: Date,
  ): Promise<LedgerRow> {
    const isAsSeen = 'attempt = :seenAttempt AND execution = :seenExecution AND #state = :seenState';
    const { expression, names, values } = changes({
      ...REMOVED,
      ...{ state: 'DUPLICATE', changed: toChanged(now, seen.run), execution: by.execution },
      ...{ attempt: seen.attempt + 1, duplicateOf: by.id, prefix: true, size, digest },
      ...{ batch: seen.batch, milliseconds: seen.milliseconds },
    });
    try {
      const { Attributes } = await table.update({
        TableName,
        Key: keyOfRun(seen.scene, seen.model),
        UpdateExpression: expression,
        ConditionExpression: isAsSeen,
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: {
          ...values,
          ':seenAttempt': seen.attempt,
          ':seenExecution': seen.execution,
          ':seenState': seen.state,
        },
        ReturnValues: 'ALL_NEW',
      });
      return toRow(Attributes);
    } catch (error) {
      if (!isConditionRefused(error)) throw error;
      throw new ClaimLost(`The run ${seen.run} is no longer ${seen.state} by attempt ${seen.attempt}.`);
    }
  },
});
