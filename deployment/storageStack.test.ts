import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CloudFormationClient, type StackEvent } from '@aws-sdk/client-cloudformation';
import { s3That } from '../test/benches/s3.ts';
import { deployStorage, describeStorage, removeStorage } from './storageStack.ts';

const NAME = 'swath-dev-storage';
const TEMPLATE = { AWSTemplateFormatVersion: '2010-09-09', Description: '', Resources: {}, Outputs: {} };
const NO_CHANGES = "The submitted information didn't contain changes.";

describe('the storage stack', () => {
  test('is created, and imports existing resources', async () => {
    const { client, calls } = cloudFormation({});
    assert.equal(await deployStorage(client, NAME, TEMPLATE), 'created');
    const { ChangeSetType, ImportExistingResources } = calls.find(({ name }) => name === 'CreateChangeSet')!.input;
    assert.deepEqual([ChangeSetType, ImportExistingResources], ['CREATE', true]);
  });

  test('is brought up to date', async () => {
    const { client, calls } = cloudFormation({ status: 'UPDATE_COMPLETE' });
    assert.equal(await deployStorage(client, NAME, TEMPLATE), 'updated');
    assert.equal(calls.find(({ name }) => name === 'CreateChangeSet')!.input['ChangeSetType'], 'UPDATE');
  });

  test('is left alone where nothing is new, and no change set stays behind', async () => {
    const { client, calls } = cloudFormation({ status: 'CREATE_COMPLETE', changeSet: NO_CHANGES });
    assert.equal(await deployStorage(client, NAME, TEMPLATE), 'unchanged');
    assert.deepEqual(
      calls.map(({ name }) => name).filter((name) => !name.startsWith('Describe')),
      ['CreateChangeSet', 'DeleteChangeSet'],
    );
  });

  test('that was never created whole is deleted first', async () => {
    const { client, calls } = cloudFormation({ status: 'ROLLBACK_COMPLETE' });
    assert.equal(await deployStorage(client, NAME, TEMPLATE), 'created');
    const changes = calls.map(({ name }) => name).filter((name) => !name.startsWith('Describe'));
    assert.deepEqual(changes, ['DeleteStack', 'CreateChangeSet', 'ExecuteChangeSet']);
  });

  for (const [status, says] of [
    ['UPDATE_IN_PROGRESS', /is UPDATE_IN_PROGRESS: wait for that to end, and deploy again\.$/],
    ['DELETE_FAILED', /is DELETE_FAILED: finish that with sls remove, and deploy again\.$/],
  ] as const)
    test(`that is ${status} is not touched, and it says what to do`, async () => {
      const { client, calls } = cloudFormation({ status });
      await assert.rejects(deployStorage(client, NAME, TEMPLATE), { name: 'StorageFailed', message: says });
      assert.deepEqual(
        calls.filter(({ name }) => !name.startsWith('Describe')),
        [],
      );
    });

  test('that cannot be made so says what failed first', async () => {
    const event = (LogicalResourceId: string, ResourceStatusReason: string): StackEvent => ({
      StackId: 's',
      EventId: LogicalResourceId,
      StackName: NAME,
      Timestamp: new Date(Date.now() + 1000),
      ResourceStatus: 'CREATE_FAILED',
      LogicalResourceId,
      ResourceStatusReason,
    });
    const events = [event('MetricsTable', 'cancelled'), event('LedgerTable', 'there is one already')];
    const { client } = cloudFormation({ ends: 'ROLLBACK_COMPLETE', events });
    await assert.rejects(
      deployStorage(client, NAME, TEMPLATE),
      /swath-dev-storage: LedgerTable: there is one already$/,
    );
  });

  test('says what it holds, and whether that goes with the stage', async () => {
    const { client } = cloudFormation({ status: 'CREATE_COMPLETE' });
    const stored = await describeStorage(client, NAME);
    assert.deepEqual([stored?.isThrowAway, stored?.resources], [true, [{ type: 'AWS::S3::Bucket', name: 'inbox' }]]);
    assert.equal(await describeStorage(cloudFormation({}).client, NAME), undefined);
  });
});

describe('a throw-away stage', () => {
  const stored = {
    stack: NAME,
    isThrowAway: true,
    outputs: {},
    resources: [{ type: 'AWS::S3::Bucket', name: 'inbox' }],
  };

  for (const [failures, tries, isGone] of [
    [0, 1, true],
    [1, 2, true],
    [9, 3, false],
  ] as const)
    test(`whose deletion fails ${failures} times, as somebody still writes, is emptied ${tries} times`, async () => {
      const { client, calls } = cloudFormation({ status: 'CREATE_COMPLETE', deletionFails: failures });
      let listed = 0;
      const s3 = s3That((asked) => {
        if (asked.startsWith('GET')) listed += 1;
        return { body: '<ListVersionsResult/>' };
      });
      const removed = removeStorage(client, s3, stored, () => {});
      if (isGone) await removed;
      else await assert.rejects(removed, { name: 'StorageFailed' });
      assert.deepEqual([listed, calls.filter(({ name }) => name === 'DeleteStack').length], [tries, tries]);
    });
});

type Fate = {
  /** Of the stack before anything is done; without one there is none. */
  status?: string;
  /** Why a change set cannot be created. */
  changeSet?: string;
  /** What the stack comes to when a change set is executed. */
  ends?: string;
  events?: StackEvent[];
  /** How often it cannot be deleted. */
  deletionFails?: number;
};

/** The real client, with a CloudFormation of one stack in the place of a network. */
function cloudFormation({ status, changeSet, ends, events = [], deletionFails = 0 }: Fate) {
  const calls: { name: string; input: Record<string, unknown> }[] = [];
  let failures = deletionFails;
  const missing = () => Object.assign(new Error(`Stack with id ${NAME} does not exist`), { name: 'ValidationError' });

  const answers: Record<string, () => unknown> = {
    DescribeStacks: () => {
      if (status === undefined) throw missing();
      const Outputs = [{ OutputKey: 'ThrowAway', OutputValue: 'true' }];
      return { Stacks: [{ StackName: NAME, StackId: NAME, StackStatus: status, Outputs }] };
    },
    DescribeStackResource: () => {
      if (status === undefined) throw missing();
      return {};
    },
    ListStackResources: () => ({
      StackResourceSummaries: [
        { ResourceType: 'AWS::S3::Bucket', PhysicalResourceId: 'inbox' },
        { ResourceType: 'AWS::S3::BucketPolicy', PhysicalResourceId: 'policy' },
      ],
    }),
    DescribeChangeSet: () =>
      changeSet === undefined ? { Status: 'CREATE_COMPLETE' } : { Status: 'FAILED', StatusReason: changeSet },
    DescribeStackEvents: () => ({ StackEvents: events }),
    ExecuteChangeSet: () => {
      status = ends ?? (status === undefined ? 'CREATE_COMPLETE' : 'UPDATE_COMPLETE');
      return {};
    },
    DeleteStack: () => {
      status = failures > 0 ? 'DELETE_FAILED' : undefined;
      failures -= 1;
      return {};
    },
  };
  const send = async (command: { constructor: { name: string }; input: Record<string, unknown> }) => {
    const name = command.constructor.name.replace(/Command$/, '');
    calls.push({ name, input: command.input });
    return answers[name]?.() ?? {};
  };
  return {
    client: Object.assign(new CloudFormationClient({ region: 'us-east-1' }), { send }) as CloudFormationClient,
    calls,
  };
}
