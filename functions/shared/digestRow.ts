import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import type { Ledger } from './ledger.ts';
import { type RunRef, sceneRefSchema } from './messages.ts';
import { modelId } from './run.ts';

/** Which run owns some bytes for a model version, and by which of its attempts it came to own them. */
export const digestRowSchema = z.object({ owner: z.string(), ownerScene: sceneRefSchema, ownerAttempt: z.int() });
type DigestRow = z.infer<typeof digestRowSchema>;

/**
 * Makes the run the owner of its bytes for its model version, or says which run is, by its id. One conditional put decides. An owner
 * that failed is succeeded by whoever comes next, unless it has begun another attempt and got here before: that is why
 * the row keeps the attempt, and a successor names the one that it saw.
 */
export function makeOwnDigest(table: DynamoDBDocument, TableName: string, get: Ledger['get']) {
  return async (run: RunRef): Promise<string> => {
    const Key = { scene: `digest#${run.digest}`, model: modelId(run.model) };
    const own: DigestRow = { owner: run.id, ownerScene: run.scene, ownerAttempt: run.attempt };

    const putIf = async (condition: string, values: Record<string, unknown>): Promise<boolean> => {
      try {
        await table.put({
          TableName,
          Item: { ...Key, ...own },
          ConditionExpression: condition,
          ExpressionAttributeNames: { '#owner': 'owner' },
          ExpressionAttributeValues: values,
        });
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    };
    const current = async (): Promise<DigestRow> => {
      const { Item } = await table.get({ TableName, Key, ConsistentRead: true });
      return digestRowSchema.parse(Item);
    };

    const isFree = 'attribute_not_exists(scene)';
    const isOurs = '#owner = :run';
    if (await putIf(`${isFree} OR ${isOurs}`, { ':run': run.id })) return run.id;
    const { owner, ownerScene, ownerAttempt } = await current();
    const holding = await get(ownerScene, run.model);
    if (holding?.state !== 'FAILED') return owner;
    const isStillTheirs = '#owner = :owner AND ownerAttempt = :attempt';
    if (await putIf(isStillTheirs, { ':owner': owner, ':attempt': ownerAttempt })) return run.id;
    return (await current()).owner; // the failed owner has come back, or somebody else has succeeded it
  };
}
