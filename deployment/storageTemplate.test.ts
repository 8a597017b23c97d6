import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { storageTemplate, withPlainNames } from './storageTemplate.ts';

const bucket = (name: string) => ({
  Type: 'AWS::S3::Bucket',
  Properties: { BucketName: { 'Fn::Sub': `${name}-\${AWS::AccountId}-\${AWS::Region}` } },
});
const parts = {
  inbox: { Resources: { InboxBucket: bucket('inbox') } },
  buckets: { Resources: { ResultsBucket: bucket('results') } },
};

describe('the template of the storage stack', () => {
  test('is its parts', () => {
    const lifetime = { Outputs: { ThrowAway: { Value: 'true' } } };
    const { Resources, Outputs } = storageTemplate({ ...parts, lifetime });
    assert.deepEqual(Object.keys(Resources), ['InboxBucket', 'ResultsBucket']);
    assert.deepEqual(Outputs, { ThrowAway: { Value: 'true' } });
  });

  test('has no inbox where an existing bucket is one', () => {
    assert.deepEqual(Object.keys(storageTemplate({ ...parts, inbox: {} }).Resources), ['ResultsBucket']);
  });

  test('has literal names, because CloudFormation imports existing resources only by them', () => {
    const { Resources } = withPlainNames(storageTemplate(parts), '123456789012', 'eu-west-1');
    assert.deepEqual(Resources['InboxBucket']?.['Properties'], { BucketName: 'inbox-123456789012-eu-west-1' });
  });
});
