import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod';
import { sceneEventSchema } from '../../core/base/messages.ts';
import { EXECUTION, runPipeline } from '../stateMachine/runPipeline.ts';
import { grantsOf } from './permissions.ts';
import { propertiesOf, resourcesOf, sendersOf, type Template } from './template.ts';

const DEAD_LETTERS = 'arn:aws:sqs:us-east-1:123456789012:swath-dev-dead-letters';

/** What starts the pipeline, and what does not. */
export function checkTriggers(template: Template): void {
  const inbox = String(template.Outputs['InboxBucket']?.Value);
  const stateMachine = String(template.Outputs['StateMachineArn']?.Value);
  describe('the triggers', () => {
    // Strict: an Input, an InputPath or an InputTransformer would hand over something else than the event.
    const target = z.strictObject({
      Id: z.string(),
      Arn: z.literal(stateMachine),
      RoleArn: z.string().endsWith('-StartPipelineRole'),
      // The most that EventBridge offers: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
      RetryPolicy: z.strictObject({
        MaximumEventAgeInSeconds: z.literal(86_400),
        MaximumRetryAttempts: z.literal(185),
      }),
      DeadLetterConfig: z.strictObject({ Arn: z.literal(DEAD_LETTERS) }),
    });
    const ruleSchema = z.looseObject({
      State: z.literal('ENABLED'),
      EventPattern: z.record(z.string(), z.unknown()).optional(),
      ScheduleExpression: z.string().optional(),
      Targets: z.tuple([target]),
    });
    const rules = resourcesOf(template, 'AWS::Events::Rule').map(([, { Properties }]) => ruleSchema.parse(Properties));
    const ofEvents = rules.filter(({ EventPattern }) => EventPattern !== undefined);
    const ofTime = rules.filter(({ ScheduleExpression }) => ScheduleExpression !== undefined);

    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    const event = {
      version: '0',
      'detail-type': 'Object Created',
      source: 'aws.s3',
      account: '123456789012',
      region: 'us-east-1',
      resources: [`arn:aws:s3:::${inbox}`],
      detail: {
        version: '0',
        bucket: { name: inbox },
        object: { key: 'a "b"\nc', size: 5, etag: 'e', 'version-id': 'v1', sequencer: '00617F08299329D189' },
        requester: '123456789012',
        reason: 'PutObject',
      },
    };

    it('are two', () => {
      assert.deepEqual([rules.length, ofEvents.length, ofTime.length], [2, 1, 1]);
    });

    const withDetail = (detail: object) => ({ ...event, detail: { ...event.detail, ...detail } });
    for (const [title, sent, isOurs] of [
      ['an object created in the inbox', event, true],
      ['one created in another bucket', withDetail({ bucket: { name: `${inbox}-2` } }), false],
      ['one deleted from the inbox', { ...event, 'detail-type': 'Object Deleted' }, false],
      ['a bulk file', withDetail({ object: { key: 'bulk/a' } }), false],
      ['a marker of bulk files', withDetail({ object: { key: 'bulk/2026/a/_DONE' } }), true],
      ['the marker of all bulk files', withDetail({ object: { key: 'bulk/_DONE' } }), true],
      ['what another service says of the inbox', { ...event, source: 'aws.macie' }, false],
    ] as const) {
      it(`${title} ${isOurs ? 'starts' : 'does not start'} the pipeline`, () => {
        assert.equal(matches(ofEvents[0]?.EventPattern, sent), isOurs);
      });
    }

    it("hand over S3's event as it is", () => {
      const { scene } = sceneEventSchema.parse(event);
      assert.deepEqual(scene, { bucket: inbox, key: 'a "b"\nc', versionId: 'v1' });
    });

    it('the inbox sends its events', () => {
      const { NotificationConfiguration } = propertiesOf(
        template,
        'InboxBucket',
        z.looseObject({ NotificationConfiguration: z.unknown() }),
      );
      assert.deepEqual(NotificationConfiguration, { EventBridgeConfiguration: { EventBridgeEnabled: true } });
    });

    it('the schedule starts a sweep from its beginning, once the UTC day has closed', async () => {
      assert.equal(ofTime[0]?.ScheduleExpression, 'cron(15 0 * * ? *)');
      // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
      const due = { version: '0', 'detail-type': 'Scheduled Event', source: 'aws.events', detail: {} };
      const { calls, path } = await runPipeline(due, {
        discover: () => ({ cursor: null, started: 0, settled: 0, batches: [], bulkFailedShare: 0, folder: null }),
        drift: () => ({ judged: [] }),
        report: () => ({ reports: [], leftOut: [], revised: [] }),
      });
      assert.equal(path.at(-1), 'Nothing arrived');
      assert.deepEqual(calls[0]?.message, { cursor: null, execution: EXECUTION, input: due });
    });

    it('leave undelivered events in a queue, which nobody else may write to, for two weeks', () => {
      assert.deepEqual(propertiesOf(template, 'DeadLetterQueue', z.looseObject({})), {
        QueueName: 'swath-dev-dead-letters',
        SqsManagedSseEnabled: true,
        MessageRetentionPeriod: 14 * 86_400,
        VisibilityTimeout: 120,
      });
      const [[, policy] = [], ...others] = resourcesOf(template, 'AWS::SQS::QueuePolicy');
      assert.deepEqual(others, []);
      const rule = (name: string) => `arn:aws:events:us-east-1:123456789012:rule/swath-dev-${name}`;
      const senders = sendersOf(policy!.Properties['PolicyDocument']);
      const Condition = { ArnEquals: { 'aws:SourceArn': [rule('arrivals'), rule('sweep')] } };
      assert.deepEqual(senders, [{ Principal: { Service: 'events.amazonaws.com' }, Condition }]);
    });

    it('may start this state machine, and do nothing else', () => {
      const grants = grantsOf(template).filter(({ role }) => role === 'StartPipelineRole');
      const only = { role: 'StartPipelineRole', action: 'states:StartExecution', resource: stateMachine };
      assert.deepEqual(grants, [{ ...only, condition: undefined }]);
    });
  });
}

/** Event patterns as far as ours go: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html */
function matches(pattern: unknown, event: unknown): boolean {
  if (Array.isArray(pattern)) return pattern.some((one) => isMatched(one, String(event)));
  return Object.entries(Object(pattern)).every(([key, below]) => matches(below, Object(event)[key]));
}

function isMatched(one: unknown, value: string): boolean {
  if (typeof one === 'string') return value === one;
  const { prefix, wildcard, 'anything-but': not } = one as Record<string, string | object>;
  if (not !== undefined) return !isMatched(not, value);
  if (prefix !== undefined) return value.startsWith(String(prefix));
  const [before = '', after = ''] = String(wildcard).split('*');
  return value.length >= before.length + after.length && value.startsWith(before) && value.endsWith(after);
}
