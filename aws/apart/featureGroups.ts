import {
  BatchGetRecordCommand,
  type FeatureValue,
  SageMakerFeatureStoreRuntimeClient,
} from '@aws-sdk/client-sagemaker-featurestore-runtime';
import { inOrder, slices } from '../../core/base/concurrency/inOrder.ts';
import { TransientTrouble } from '../../core/base/errors.ts';
import type { FeatureGroup, FeatureRecord, FeatureSource } from '../../core/features/contract.ts';
import { eventTimeOf } from '../../core/features/eventTime.ts';
import { patience } from '../patience.ts';

/** BatchGetRecord: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_feature_store_BatchGetRecord.html */
const MAX_IDENTIFIERS = 100;
const REQUESTS_AT_ONCE = 4;
/** How often what was throttled is asked for again. */
const ATTEMPTS = 5;

/** Reads the latest records of feature groups from the online store of SageMaker Feature Store, whose values are all texts. */
export function readFeatureGroups(client = new SageMakerFeatureStoreRuntimeClient(patience)): FeatureSource {
  async function page(group: FeatureGroup, ids: readonly string[]): Promise<FeatureRecord[]> {
    const records: FeatureRecord[] = [];
    let left = [...ids];
    for (let attempt = 0; left.length > 0; attempt += 1) {
      if (attempt === ATTEMPTS)
        throw new TransientTrouble(`SageMaker Feature Store left out ${left.length} records of ${group.name}.`);
      const Identifiers = [{ FeatureGroupName: group.name, RecordIdentifiersValueAsString: left }];
      const {
        Records = [],
        Errors = [],
        UnprocessedIdentifiers = [],
      } = await client.send(new BatchGetRecordCommand({ Identifiers }));
      const [error] = Errors;
      if (error) throw new TransientTrouble(`SageMaker Feature Store: ${error.ErrorCode}: ${error.ErrorMessage}`);
      for (const { RecordIdentifierValueAsString: id = '', Record = [] } of Records)
        records.push(recordOf(group, id, Record));
      left = UnprocessedIdentifiers.flatMap(({ RecordIdentifiersValueAsString: some = [] }) => some);
    }
    return records;
  }

  return {
    isOfTexts: true,
    async read(group, ids) {
      const pages = inOrder(slices(ids, MAX_IDENTIFIERS), REQUESTS_AT_ONCE, (some) => page(group, some));
      const records = (await Array.fromAsync(pages)).flat();
      return new Map(records.map((record) => [record.id, record]));
    },
  };
}

function recordOf({ name, eventTime }: FeatureGroup, id: string, features: readonly FeatureValue[]): FeatureRecord {
  const of = features.map(({ FeatureName = '', ValueAsString = null }) => [FeatureName, ValueAsString] as const);
  const { [eventTime]: time, ...values } = Object.fromEntries(of);
  return { id, time: eventTimeOf(time, `${name}: ${eventTime} of ${id}`), version: null, values };
}
