import * as sdk from '@aws-sdk/client-sagemaker-featurestore-runtime';
import { inOrder, slices } from '../../core/base/concurrency/inOrder.ts';
import { untilNoneLeft } from '../../core/base/concurrency/untilNoneLeft.ts';
import { InvalidSceneFile, insteadOf, TransientTrouble } from '../../core/base/errors.ts';
import type { FeatureGroup, FeatureSource } from '../../core/features/contract.ts';
import { recordAt } from '../../core/features/eventTime.ts';
import { patience } from '../patience.ts';

/** BatchGetRecord: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_feature_store_BatchGetRecord.html */
const MAX_IDENTIFIERS = 100;
const REQUESTS_AT_ONCE = 4;
const REFUSALS = ['ResourceNotFound', 'ValidationError'];
const asRefusal = insteadOf(REFUSALS, ({ message }) => new InvalidSceneFile(`SageMaker Feature Store: ${message}`));

/** Reads the latest records from the online store of SageMaker Feature Store, in which all values are texts. */
export function featureGroups(
  config: { region?: string; profile?: string } = {},
  client = new sdk.SageMakerFeatureStoreRuntimeClient({ ...patience, ...config }),
): FeatureSource {
  /** A response may leave out ids while the store has much to do. */
  async function page(group: FeatureGroup, ids: string[]) {
    const found: (readonly [string, ReturnType<typeof recordOf>])[] = [];
    await untilNoneLeft(ids, async (left) => {
      const Identifiers = [{ FeatureGroupName: group.name, RecordIdentifiersValueAsString: left }];
      const command = new sdk.BatchGetRecordCommand({ Identifiers });
      const { Records, Errors, UnprocessedIdentifiers } = await client.send(command).catch(asRefusal);
      for (const { RecordIdentifierValueAsString: id = '', Record = [] } of Records ?? [])
        found.push([id, recordOf(group, id, Record)]);
      for (const { RecordIdentifierValueAsString: id = '', ErrorCode = '', ErrorMessage } of Errors ?? []) {
        const why = `SageMaker Feature Store: ${group.name}: ${ErrorCode}: ${ErrorMessage}`;
        if (!REFUSALS.includes(ErrorCode)) throw new TransientTrouble(why);
        found.push([id, new InvalidSceneFile(why)]);
      }
      return (UnprocessedIdentifiers ?? []).flatMap(({ RecordIdentifiersValueAsString: some = [] }) => some);
    });
    return found;
  }

  return {
    read: async (group, ids) => {
      const pages = inOrder(slices(ids, MAX_IDENTIFIERS), REQUESTS_AT_ONCE, (some) => page(group, some));
      return new Map((await Array.fromAsync(pages)).flat());
    },
  };
}

function recordOf(group: FeatureGroup, id: string, features: readonly sdk.FeatureValue[]) {
  const of = features.map(({ FeatureName = '', ValueAsString = null }) => [FeatureName, ValueAsString] as const);
  const { [group.eventTime]: time, ...values } = Object.fromEntries(of);
  return recordAt(time, group, { id, version: null, values });
}
