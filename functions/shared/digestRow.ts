import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { ClaimLost } from './errors.ts';
import type { makeHeirs } from './heirs.ts';
import type { Ledger } from './ledger.ts';
import type { State } from './ledgerRow.ts';
import { type RunRef, sceneRefSchema } from './messages.ts';
import { modelId } from './run.ts';

/** Which run owns some bytes for a model version, and by which of its attempts it came to own them. */
export const digestRowSchema = z.object({ owner: z.string(), ownerScene: sceneRefSchema, ownerAttempt: z.int() });
type DigestRow = z.infer<typeof digestRowSchema>;

/** An owner in such a state will not classify the bytes, unless it comes here once more. */
const NO_OWNERS: State[] = ['FAILED', 'INVALID', 'DUPLICATE'];

type Ports = Pick<Ledger, 'get'> & Pick<ReturnType<typeof makeHeirs>, 'addHeir'>;

/**
 * Makes the run the owner of its bytes for its model version, or says which run is, by its id. One conditional put decides.
 * An owner that failed is succeeded by whoever comes next, unless it has begun another attempt and got here before: that
 * is why the row keeps the attempt, and a successor names the one that it saw. Whoever comes second waits as an heir, and
 * says so before it looks: either it sees that the owner has failed, or the owner's failure finds it waiting.
 *
 * @throws ClaimLost when a later attempt of the run owns them
 */
export function makeOwnDigest(table: DynamoDBDocument, TableName: string, { get, addHeir }: Ports) {
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
    const isOurs = '(#owner = :run AND ownerAttempt <= :attempt)';
    const isStillTheirs = '#owner = :owner AND ownerAttempt = :attempt';
    if (await putIf(`${isFree} OR ${isOurs}`, { ':run': run.id, ':attempt': run.attempt })) return run.id;
    for (;;) {
      const { owner, ownerScene, ownerAttempt } = await current();
      if (owner === run.id)
        throw new ClaimLost(
          `Attempt ${run.attempt} of the run ${run.id} is outdated: attempt ${ownerAttempt} owns its bytes.`,
        );
      await addHeir(owner, run);
      const holding = await get(ownerScene, run.model);
      if (holding !== undefined && !NO_OWNERS.includes(holding.state)) return owner;
      if (await putIf(isStillTheirs, { ':owner': owner, ':attempt': ownerAttempt })) return run.id;
      // The failed owner has come back, or somebody else has succeeded it.
    }
  };
}
