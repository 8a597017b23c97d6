import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type BatchGetRecordResponse,
  ResourceNotFound,
  SageMakerFeatureStoreRuntimeClient,
  ServiceUnavailable,
} from '@aws-sdk/client-sagemaker-featurestore-runtime';
import { InvalidSceneFile, TransientTrouble } from '../../core/base/errors.ts';
import { featureGroups } from './featureGroups.ts';

/** As a package names it: a group's record identifier and event time are features of their own names. */
const GROUP = { name: 'customers', id: 'customer', eventTime: 'EventTime' };

type Asked = { FeatureGroupName: string; RecordIdentifiersValueAsString: string[] };
type Answer = Partial<BatchGetRecordResponse> | Error;

/** Feature groups in place of which this answers, and what they were asked for. */
function groupsOf(answer: (asked: Asked, nth: number) => Answer) {
  const asked: Asked[] = [];
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const client = new SageMakerFeatureStoreRuntimeClient({ region: 'us-east-1', credentials, maxAttempts: 1 });
  client.middlewareStack.add(
    () =>
      async ({ input }) => {
        const [one] = (input as { Identifiers: [Asked] }).Identifiers;
        const output = answer(one, asked.push(one) - 1);
        if (output instanceof Error) throw output;
        return { response: {}, output: { $metadata: {}, ...output } };
      },
    { step: 'initialize', priority: 'low' },
  );
  return { asked, read: featureGroups({}, client).read };
}

const recordOf = (id: string, more: Record<string, string> = {}) => ({
  FeatureGroupName: GROUP.name,
  RecordIdentifierValueAsString: id,
  Record: Object.entries({ customer: id, EventTime: '2026-05-03T10:00:00Z', amount: '12.50', ...more }).map(
    ([FeatureName, ValueAsString]) => ({ FeatureName, ValueAsString }),
  ),
});
const unprocessed = (ids: string[]) => [{ FeatureGroupName: GROUP.name, RecordIdentifiersValueAsString: ids }];
const errorOf = (id: string, ErrorCode: string) => ({
  Errors: [
    { FeatureGroupName: GROUP.name, RecordIdentifierValueAsString: id, ErrorCode, ErrorMessage: 'there is none' },
  ],
});
const fault = { $metadata: {}, message: 'there is no group customers' };

test('records have their values as the texts that they are, and ids without a record are left out', async () => {
  const { read } = groupsOf(() => ({ Records: [recordOf('a'), recordOf('b', { EventTime: '1777802400.5' })] }));
  const values = { customer: 'a', amount: '12.50' };
  assert.deepEqual(
    await read(GROUP, ['a', 'b', 'nobody']),
    new Map([
      ['a', { id: 'a', time: '2026-05-03T10:00:00.000Z', version: null, values }],
      ['b', { id: 'b', time: '2026-05-03T10:00:00.500Z', version: null, values: { ...values, customer: 'b' } }],
    ]),
  );
});

test('250 ids are asked for in 3 calls, and again what a response leaves out', async () => {
  const ids = Array.from({ length: 250 }, (_, i) => `${i}`);
  const { asked, read } = groupsOf(({ RecordIdentifiersValueAsString: some }) =>
    some.length === 50
      ? { Records: some.slice(0, 20).map((id) => recordOf(id)), UnprocessedIdentifiers: unprocessed(some.slice(20)) }
      : { Records: some.map((id) => recordOf(id)) },
  );
  assert.deepEqual([...(await read(GROUP, ids)).keys()], ids);
  assert.deepEqual(asked.map(({ RecordIdentifiersValueAsString: some }) => some.length).sort(), [100, 100, 30, 50]);
});

const troubles: [string, Answer, Error][] = [
  [
    'a group that does not exist is the error of its inputs',
    new ResourceNotFound({ ...fault, Message: fault.message }),
    new InvalidSceneFile('SageMaker Feature Store: there is no group customers'),
  ],
  [
    'trouble of the store is tried again',
    errorOf('a', 'ServiceUnavailable'),
    new TransientTrouble('SageMaker Feature Store: customers: ServiceUnavailable: there is none'),
  ],
  ['so is a store that cannot be reached', new ServiceUnavailable(fault), new ServiceUnavailable(fault)],
];
for (const [name, answer, error] of troubles)
  test(name, () => assert.rejects(groupsOf(() => answer).read(GROUP, ['a']), error));

test('a record that cannot be read is the error of its input alone', async () => {
  const { read } = groupsOf(() => ({
    Records: [recordOf('a'), recordOf('b', { EventTime: 'yesterday' })],
    ...errorOf('c', 'ValidationError'),
  }));
  const found = await read(GROUP, ['a', 'b', 'c']);
  const messages = ['b', 'c'].map((id) => String(found.get(id)));
  assert.match(messages[0]!, /InvalidSceneFile: found a record without an event time: EventTime: found “?yesterday/);
  assert.match(messages[1]!, /InvalidSceneFile: SageMaker Feature Store: customers: ValidationError: there is none/);
  assert.ok('values' in found.get('a')!);
});
