import type { StoredCounts } from '../tasks/task.ts';
import { keyOfRun } from './ledgerItem.ts';
import type { LedgerRow } from './ledgerRow.ts';
import { isWritten, type TableWith } from './table.ts';

/** What is true of a run's chips, as far as somebody has said it after the run was done. */
export const makeTellTruth = (table: TableWith<'update'>, TableName: string) => ({
  /**
   * Counts what is true in the row of a run that is done. `told` is the version of the object that says it. Says whether the row
   * was as it was `seen`: else somebody else has counted since, maybe more.
   */
  async tellTruth(seen: LedgerRow, { classes }: Pick<StoredCounts, 'classes'>, told: string): Promise<boolean> {
    // What the row keeps of its source bands stands in the first entry, and is no matter of truth.
    const bands = seen.classes?.[0]?.bands;
    const kept = bands === undefined ? classes : classes.map((one, i) => (i === 0 ? { ...one, bands } : one));
    const isSameAttempt = '#state = :done AND attempt = :attempt';
    const isAsSeen = seen.told === undefined ? 'attribute_not_exists(told)' : 'told = :seen';
    return isWritten(
      table.update({
        TableName,
        Key: keyOfRun(seen.scene, seen.model),
        UpdateExpression: 'SET classes = :classes, told = :told',
        ConditionExpression: `${isSameAttempt} AND ${isAsSeen}`,
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: {
          ':done': 'DONE',
          ':attempt': seen.attempt,
          ':classes': kept,
          ':told': told,
          ...(seen.told !== undefined && { ':seen': seen.told }),
        },
      }),
    );
  },
});
