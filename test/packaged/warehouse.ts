import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod';
import { readParameters } from '../../deployment/defaults.ts';
import { functionIn } from './functions.ts';
import { WITH_ALL } from './package.ts';
import { grantsOf } from './permissions.ts';
import { kindsOf, propertiesOf, resourcesOf, sendersOf, type Template } from './template.ts';

const HERE = 'us-east-1:123456789012';
const RULE = `arn:aws:events:${HERE}:rule/swath-dev-warehouse`;
const QUEUE = `arn:aws:sqs:${HERE}:swath-dev-warehouse`;
const DEAD_LETTERS = `arn:aws:sqs:${HERE}:swath-dev-dead-letters`;
const WINDOW = 300;
const anything = z.looseObject({});

/**
 * What the parameter redshift deploys.
 *
 * @param plain the template without it
 * @param ofCluster the template where it names a cluster
 */
export function checkWarehouse(template: Template, plain: Template, ofCluster: Template): void {
  describe('what follows results into Redshift', () => {
    const added = Object.entries(template.Resources).filter(([id]) => /^Warehouse/.test(id));

    it('is what the parameter deploys, and without it is nowhere', () => {
      const ofLambda = 'Lambda::EventSourceMapping, Lambda::Function, Lambda::Version';
      const queue = 'SQS::Queue, SQS::QueuePolicy';
      assert.equal(kindsOf(added), `CloudWatch::Alarm, Events::Rule, IAM::Role, ${ofLambda}, Logs::LogGroup, ${queue}`);
      const { ObservedParameters: _, ...outputs } = plain.Outputs;
      assert.doesNotMatch(JSON.stringify({ ...plain, Outputs: outputs }), /warehouse|redshift/i);
    });

    it('has the results bucket tell EventBridge, which it does not without it', () => {
      const told = propertiesOf(template, 'ResultsBucket', anything)['NotificationConfiguration'];
      assert.deepEqual(told, { EventBridgeConfiguration: { EventBridgeEnabled: true } });
      assert.ok(!('NotificationConfiguration' in propertiesOf(plain, 'ResultsBucket', anything)));
    });

    it('hears of predictions that are written or removed, but not of those that expire', () => {
      const { EventPattern, Targets } = propertiesOf(template, 'WarehouseRule', anything);
      assert.deepEqual(EventPattern, {
        source: ['aws.s3'],
        'detail-type': ['Object Created', 'Object Deleted'],
        detail: {
          bucket: { name: [template.Outputs['ResultsBucket']?.Value] },
          object: { key: [{ prefix: 'predictions/' }] },
          reason: [{ 'anything-but': 'Lifecycle Expiration' }],
        },
      });
      assert.partialDeepStrictEqual(Targets, [{ Arn: QUEUE, DeadLetterConfig: { Arn: DEAD_LETTERS } }]);
      assert.deepEqual(sendersOf(propertiesOf(template, 'WarehouseQueuePolicy', anything)['PolicyDocument']), [
        { Principal: { Service: 'events.amazonaws.com' }, Condition: { ArnEquals: { 'aws:SourceArn': RULE } } },
      ]);
      const [told] = sendersOf(propertiesOf(template, 'DeadLetterQueuePolicy', anything)['PolicyDocument']);
      const rules = ['arrivals', 'sweep', 'warehouse'].map((name) => `arn:aws:events:${HERE}:rule/swath-dev-${name}`);
      assert.deepEqual(told?.Condition, { ArnEquals: { 'aws:SourceArn': rules } });
    });

    it('hides a message for six calls and a window, and gives it up after a day of them', () => {
      const hidden = 6 * Number(readParameters()['warehouseTimeout']) + WINDOW;
      assert.deepEqual(propertiesOf(template, 'WarehouseQueue', anything), {
        QueueName: 'swath-dev-warehouse',
        SqsManagedSseEnabled: true,
        MessageRetentionPeriod: 14 * 86_400,
        VisibilityTimeout: hidden,
        RedrivePolicy: { deadLetterTargetArn: DEAD_LETTERS, maxReceiveCount: 50 },
      });
      assert.ok(50 * hidden > 86_400);
    });

    it('has two calls at most, each of 500 messages or of five minutes', () => {
      const mappings = resourcesOf(template, 'AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties);
      assert.partialDeepStrictEqual(
        mappings.find(({ EventSourceArn }) => EventSourceArn === QUEUE),
        {
          BatchSize: 500,
          MaximumBatchingWindowInSeconds: WINDOW,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          ScalingConfig: { MaximumConcurrency: 2 },
        },
      );
      assert.equal(functionIn(template, 'warehouse').Environment.Variables['REDSHIFT'], WITH_ALL.redshift);
    });

    it('has its alarm look back longer than a message is hidden and gathered, with the longest time-out', () => {
      const { Period, EvaluationPeriods } = z
        .object({ Period: z.number(), EvaluationPeriods: z.number() })
        .parse(template.Resources['WarehouseAlarm']?.Properties);
      const call = 900; // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
      assert.ok(Period * EvaluationPeriods > 6 * call + WINDOW + WINDOW + call);
    });

    it('may use one cluster and one database, where those are named', () => {
      const granted = grantsOf(ofCluster).filter(
        ({ role, action }) => role === 'WarehouseRole' && /^redshift/.test(action),
      );
      assert.deepEqual(
        granted.map(({ action, resource }) => `${action} ${resource}`),
        [
          'redshift-data:DescribeStatement *',
          `redshift-data:BatchExecuteStatement arn:aws:redshift:${HERE}:cluster:warehouse-1`,
          `redshift-data:DescribeTable arn:aws:redshift:${HERE}:cluster:warehouse-1`,
          `redshift:GetClusterCredentialsWithIAM arn:aws:redshift:${HERE}:dbname:warehouse-1/earth`,
        ],
      );
    });
  });
}
