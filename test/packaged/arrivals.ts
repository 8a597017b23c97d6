import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod';
import { checkQueue } from './checkQueue.ts';
import { WITH_ALL } from './package.ts';
import { kindsOf, propertiesOf, sendersOf, type Template } from './template.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:swath-dev-arrivals';
const DEAD_LETTERS = 'arn:aws:sqs:us-east-1:123456789012:swath-dev-dead-letters';
const WINDOW = Number(WITH_ALL.arrivalsWindowSeconds);
const anything = z.looseObject({});

/**
 * What the parameter arrivalsWindowSeconds deploys.
 *
 * @param plain the template without it
 */
export function checkArrivals(template: Template, plain: Template): void {
  describe('the queue of arrivals', () => {
    it('is what the parameter deploys, beside the function that it calls', () => {
      const added = Object.entries(template.Resources).filter(
        ([id]) =>
          !(id in plain.Resources) &&
          !/^(Webhook|AlarmTopic|Watch|Warehouse|Feed|Work|Requests|Counts|Api|Predict|Catalogue)|(Requests|Counts)Queue$|(SageMaker|Tokens|AssetSecret)$/.test(
            id,
          ),
      );
      const ofLambda = 'Lambda::EventSourceMapping, Lambda::Function, Lambda::Version';
      const queue = 'SQS::Queue, SQS::QueuePolicy';
      assert.equal(kindsOf(added), `CloudWatch::Alarm, IAM::Role, ${ofLambda}, Logs::LogGroup, ${queue}`);
    });

    it('is what the events of files go to, with the patience and the dead letters of every event', () => {
      const { Targets } = propertiesOf(template, 'ArrivalsRule', z.looseObject({ Targets: z.array(z.unknown()) }));
      assert.deepEqual(Targets, [
        {
          Id: 'pipeline',
          Arn: QUEUE,
          DeadLetterConfig: { Arn: DEAD_LETTERS },
          RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
        },
      ]);
      const sweep = propertiesOf(template, 'SweepRule', anything);
      assert.deepEqual(sweep, propertiesOf(plain, 'SweepRule', anything), 'the schedule still starts a sweep');
    });

    checkQueue(template, 'arrivals', WINDOW);

    it('takes messages of that rule and of the inbox alone', () => {
      const { PolicyDocument } = propertiesOf(template, 'ArrivalsQueuePolicy', anything);
      assert.deepEqual(sendersOf(PolicyDocument), [
        {
          Principal: { Service: 'events.amazonaws.com' },
          Condition: {
            ArnEquals: { 'aws:SourceArn': 'arn:aws:events:us-east-1:123456789012:rule/swath-dev-arrivals' },
          },
        },
        {
          Principal: { Service: 's3.amazonaws.com' },
          Condition: {
            ArnEquals: { 'aws:SourceArn': 'arn:aws:s3:::swath-dev-inbox-123456789012-us-east-1' },
            StringEquals: { 'aws:SourceAccount': '123456789012' },
          },
        },
      ]);
    });

    it("gets the inbox's notifications, by an output", () => {
      assert.equal(template.Outputs?.['ArrivalsQueueArn']?.Value, QUEUE);
      assert.equal(plain.Outputs?.['ArrivalsQueueArn'], undefined);
      // What the template said would be written over what the deployment tells the bucket.
      assert.ok(!('NotificationConfiguration' in propertiesOf(template, 'InboxBucket', anything)));
    });

    it('that is not emptied raises an alarm', () => {
      assert.partialDeepStrictEqual(propertiesOf(template, 'ArrivalsAlarm', anything), {
        MetricName: 'ApproximateAgeOfOldestMessage',
        Threshold: WINDOW + 600,
        Dimensions: [{ Name: 'QueueName', Value: 'swath-dev-arrivals' }],
      });
    });
  });
}
