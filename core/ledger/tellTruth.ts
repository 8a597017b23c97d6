import type { StoredCounts } from '../tasks/task.ts';
import { keyOfRun } from './ledgerItem.ts';
import type { LedgerRow } from './ledgerRow.ts';
import { isWritten, type TableWith } from './table.ts';

/** Records truths that arrive after a run is done. */
export const makeTellTruth = (table: TableWith<'update'>, TableName: string) => ({
  /**
   * Updates the counts of a done run with late truths. `told` is the version of the object that holds them. Returns
   * false if the row is no longer as it was `seen`: another worker has counted since, perhaps more truths.
   */
  async tellTruth(seen: LedgerRow, { classes }: Pick<StoredCounts, 'classes'>, told: string): Promise<boolean> {
    // The distribution of the source bands is stored in the first entry, and does not depend on truths.
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
