import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SageMakerFeatureStoreRuntimeClient } from '@aws-sdk/client-sagemaker-featurestore-runtime';
import { readFeatureGroups } from './featureGroups.ts';

const group = { name: 'customers', id: 'customer', eventTime: 'changed' };

/** A stub of the client, which leaves out every third identifier the first time that it is asked for it. */
function stub(errors: object[] = []) {
  const asked: number[] = [];
  const seen = new Set<string>();
  const send = async ({
    input: { Identifiers },
  }: {
    input: { Identifiers: { RecordIdentifiersValueAsString: string[] }[] };
  }) => {
    const ids = Identifiers[0]!.RecordIdentifiersValueAsString;
    asked.push(ids.length);
    const left = ids.filter((id) => Number(id) % 3 === 0 && !seen.has(id));
    for (const id of left) seen.add(id);
    const Records = ids
      .filter((id) => !left.includes(id) && Number(id) < 240)
      .map((id) => ({
        RecordIdentifierValueAsString: id,
        Record: [
          { FeatureName: 'customer', ValueAsString: id },
          { FeatureName: 'changed', ValueAsString: '1777000000.5' },
          { FeatureName: 'income', ValueAsString: '12.5' },
        ],
      }));
    return { Records, Errors: errors, UnprocessedIdentifiers: [{ RecordIdentifiersValueAsString: left }] };
  };
  return { asked, source: readFeatureGroups({ send } as unknown as SageMakerFeatureStoreRuntimeClient) };
}

test('records are read a hundred at once, and what was left out is asked for again', async () => {
  const { asked, source } = stub();
  const found = await source.read(
    group,
    Array.from({ length: 250 }, (_, i) => String(i)),
  );
  assert.equal(found.size, 240);
  assert.deepEqual(found.get('7'), {
    ...{ id: '7', version: null, time: new Date(1777000000500).toISOString() },
    values: { customer: '7', income: '12.5' },
  });
  assert.deepEqual(
    asked.toSorted((a, b) => b - a),
    [100, 100, 50, 34, 33, 17],
  );
});

test('an error of the store is trouble for a while', async () => {
  const { source } = stub([{ ErrorCode: 'InternalFailure', ErrorMessage: 'try again' }]);
  await assert.rejects(source.read(group, ['1']), {
    name: 'TransientTrouble',
    message: 'SageMaker Feature Store: InternalFailure: try again',
  });
});
