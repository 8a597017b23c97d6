import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { ClaimLost } from './errors.ts';
import { FOUND_BY_AN_ATTEMPT, toRow } from './ledgerItem.ts';
import type { LedgerRow } from './ledgerRow.ts';
import { modelId, sceneId } from './run.ts';

/** Taking a run from whoever holds it, or out of its end: only of a version that turns out to be an unfinished copy. */
export function makeTakeOver(table: DynamoDBDocument, TableName: string) {
  const found = FOUND_BY_AN_ATTEMPT.filter((name) => name !== 'batch' && name !== 'prefix');

  /**
   * Begins a new attempt of a run in whatever state it was seen, held by `execution`. It counts for no day from now on, and
   * whoever has worked on it has lost its claim. Which batch it was done by stays, so that its predictions can be taken away.
   *
   * @throws ClaimLost when the run is not as it was seen
   */
  async function takeOver(seen: LedgerRow, execution: string, now: Date, leaseSeconds: number): Promise<LedgerRow> {
    const isAsSeen = 'attempt = :seenAttempt AND execution = :seenExecution AND #state = :seenState';
    try {
      const { Attributes } = await table.update({
        TableName,
        Key: { scene: sceneId(seen.scene), model: modelId(seen.model) },
        UpdateExpression:
          'SET #state = :claimed, changed = :changed, claimedAt = :now, execution = :execution, lease = :lease, attempt = :attempt, prefix = :true REMOVE ' +
          found.map((name) => `#${name}`).join(', '),
        ConditionExpression: isAsSeen,
        ExpressionAttributeNames: { '#state': 'state', ...Object.fromEntries(found.map((name) => [`#${name}`, name])) },
        ExpressionAttributeValues: {
          ':seenAttempt': seen.attempt,
          ':seenExecution': seen.execution,
          ':seenState': seen.state,
          ':claimed': 'CLAIMED',
          ':changed': `${now.toISOString()}#${seen.run}`,
          ':now': now.toISOString(),
          ':execution': execution,
          ':lease': new Date(now.getTime() + leaseSeconds * 1000).toISOString(),
          ':attempt': seen.attempt + 1,
          ':true': true,
        },
        ReturnValues: 'ALL_NEW',
      });
      return toRow(Attributes);
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      throw new ClaimLost(`The run ${seen.run} is no longer ${seen.state} by attempt ${seen.attempt}.`);
    }
  }

  return { takeOver };
}
