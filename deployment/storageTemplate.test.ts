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
  test('is its parts, and says whether it goes with the stage', () => {
    const { Resources, Outputs } = storageTemplate(parts, { isThrowAway: true, hasOwnInbox: true, isGathered: false });
    assert.deepEqual(Object.keys(Resources), ['InboxBucket', 'ResultsBucket']);
    assert.deepEqual(Outputs, { ThrowAway: { Value: 'true' } });
  });

  test('has no inbox where an existing bucket is one', () => {
    const { Resources, Outputs } = storageTemplate(parts, {
      isThrowAway: false,
      hasOwnInbox: false,
      isGathered: false,
    });
    assert.deepEqual([Object.keys(Resources), Outputs], [['ResultsBucket'], { ThrowAway: { Value: 'false' } }]);
  });

  test("leaves the inbox's notifications out if arrivals are gathered, and is otherwise the same", () => {
    const NotificationConfiguration = { EventBridgeConfiguration: { EventBridgeEnabled: true } };
    const { Type, Properties } = bucket('inbox');
    const told = {
      ...parts,
      inbox: { Resources: { InboxBucket: { Type, Properties: { ...Properties, NotificationConfiguration } } } },
    };
    const how = { isThrowAway: false, hasOwnInbox: true };
    assert.deepEqual(
      storageTemplate(told, { ...how, isGathered: true }),
      storageTemplate(parts, { ...how, isGathered: false }),
    );
    const { Resources } = storageTemplate(told, { ...how, isGathered: false });
    assert.deepEqual(Resources['InboxBucket']?.['Properties'], { ...Properties, NotificationConfiguration });
  });

  test('has literal names, because CloudFormation imports existing resources only by them', () => {
    const template = storageTemplate(parts, { isThrowAway: false, hasOwnInbox: true, isGathered: false });
    const { Resources } = withPlainNames(template, '123456789012', 'eu-west-1');
    assert.deepEqual(Resources['InboxBucket']?.['Properties'], { BucketName: 'inbox-123456789012-eu-west-1' });
  });
});
