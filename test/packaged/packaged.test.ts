import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { sceneEventSchema } from '../../functions/shared/messages.ts';
import { FUNCTIONS } from '../../local/functions.ts';
import { readDefinition } from '../../local/service.ts';
import { NAMESPACE } from '../../observability/metrics.ts';
import { runPipeline } from '../../stepfunctions/runPipeline.ts';
import { functionIn } from './functions.ts';
import { packageService } from './package.ts';
import { grantsOf } from './permissions.ts';
import { tellStory } from './story.ts';
import { propertiesOf, resourcesOf } from './template.ts';
import { readZip } from './zip.ts';

/** What `sls package` makes, made once for all that look at it. */
const packaged = await packageService();
const { template } = packaged;
const outputs = Object.fromEntries(Object.entries(template.Outputs).map(([name, { Value }]) => [name, String(Value)]));
const inbox = outputs['InboxBucket'] ?? '';
const stateMachine = outputs['StateMachineArn'] ?? '';

describe('the packaged state machine', () => {
  const { DefinitionString, StateMachineType } = propertiesOf(
    template,
    'Pipeline',
    z.looseObject({ DefinitionString: z.string(), StateMachineType: z.string() }),
  );

  it('is the one that runs on a laptop, with each function at its exact version', () => {
    const definition = JSON.parse(DefinitionString, (key, value) => {
      if (key === 'QueryLanguage') return undefined; // the default, which the plugin spells out in each state
      return typeof value !== 'string'
        ? value
        : value.replace(/:123456789012:function:swath-dev-(\w+):1$/, ':000000000000:function:$1');
    });
    assert.deepEqual(definition, readDefinition());
  });

  it('keeps its executions', () => {
    assert.equal(StateMachineType, 'STANDARD');
    assert.equal(stateMachine, 'arn:aws:states:us-east-1:123456789012:stateMachine:swath-dev-pipeline');
  });
});

describe('the triggers', () => {
  const target = z.object({
    Arn: z.literal(stateMachine),
    RoleArn: z.string().endsWith('-StartPipelineRole'),
    Input: z.string().optional(),
    InputPath: z.string().optional(),
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

  for (const [title, sent, isOurs] of [
    ['an object created in the inbox', event, true],
    ['one created in another bucket', { ...event, detail: { ...event.detail, bucket: { name: `${inbox}-2` } } }, false],
    ['one deleted from the inbox', { ...event, 'detail-type': 'Object Deleted' }, false],
    ['what another service says of the inbox', { ...event, source: 'aws.macie' }, false],
  ] as const) {
    it(`${title} ${isOurs ? 'starts' : 'does not start'} the pipeline`, () => {
      assert.equal(matches(ofEvents[0]?.EventPattern, sent), isOurs);
    });
  }

  it("hand over S3's detail as it is", () => {
    assert.equal(ofEvents[0]?.Targets[0].InputPath, '$.detail');
    const { scene } = sceneEventSchema.parse(event.detail);
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
    const { calls, path } = await runPipeline(JSON.parse(ofTime[0]?.Targets[0].Input ?? ''), {
      discover: () => ({ cursor: null, started: 0, settled: 0 }),
      drift: () => ({ judged: [] }),
    });
    assert.equal(path.at(-1), 'Nothing arrived');
    assert.equal((calls[0]?.message as { cursor: unknown }).cursor, null);
  });

  it('may start this state machine, and do nothing else', () => {
    const grants = grantsOf(template).filter(({ role }) => role === 'StartPipelineRole');
    const only = { role: 'StartPipelineRole', action: 'states:StartExecution', resource: stateMachine };
    assert.deepEqual(grants, [{ ...only, condition: undefined }]);
  });
});

describe('each role', () => {
  const grants = grantsOf(template);

  it('names its actions', () => {
    assert.deepEqual(
      grants.filter(({ action }) => !/^[a-z0-9]+:[A-Za-z]+$/.test(action)),
      [],
    );
  });

  it('names its resources, but where there are none', () => {
    const isNamed = (resource: string) => /^arn:aws:[^*]*\bswath-dev-[^*]*([/:]\*)?$/.test(resource);
    assert.deepEqual(
      grants.filter(({ resource }) => !isNamed(resource)),
      [
        {
          role: 'DriftRole',
          action: 'cloudwatch:PutMetricData', // metrics have no ARN
          resource: '*',
          condition: { StringEquals: { 'cloudwatch:namespace': NAMESPACE } },
        },
      ],
    );
  });

  it('is of one function, and writes the log of that one', () => {
    const roles = FUNCTIONS.map((name) => functionIn(packaged, name).Role.split('-').at(-1));
    assert.equal(new Set(roles).size, FUNCTIONS.length);
    for (const [i, name] of FUNCTIONS.entries()) {
      const logs = grants.filter(({ role, action }) => role === roles[i] && action.startsWith('logs:'));
      const group = `arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/swath-dev-${name}:*`;
      assert.deepEqual(
        logs.map(({ action, resource }) => [action, resource]),
        [
          ['logs:CreateLogStream', group],
          ['logs:PutLogEvents', group],
        ],
      );
    }
  });
});

describe('what is stored', () => {
  const bucketSchema = z.looseObject({
    PublicAccessBlockConfiguration: z.record(z.string(), z.boolean()),
    BucketEncryption: z.unknown(),
    LifecycleConfiguration: z.object({ Rules: z.array(z.looseObject({ Id: z.string() })) }).optional(),
  });
  const policies = resourcesOf(template, 'AWS::S3::BucketPolicy').map(([, { Properties }]) => Properties);

  for (const [id, { Properties }] of resourcesOf(template, 'AWS::S3::Bucket')) {
    it(`${id} is private, encrypted and reached by TLS only`, () => {
      const { PublicAccessBlockConfiguration: block, BucketEncryption } = bucketSchema.parse(Properties);
      assert.deepEqual(Object.values(block), [true, true, true, true]);
      assert.match(JSON.stringify(BucketEncryption), /"SSEAlgorithm":"AES256"/);
      const name = String(Properties['BucketName'] ?? `swath-generated-${id}`);
      const { PolicyDocument } = policies.find(({ Bucket }) => Bucket === name) as {
        PolicyDocument: { Statement: [Record<string, unknown>] };
      };
      const [{ Effect, Principal, Action, Resource, Condition }] = PolicyDocument.Statement;
      assert.deepEqual(
        { Effect, Principal, Action, Condition },
        { Effect: 'Deny', Principal: '*', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': false } } },
      );
      assert.deepEqual([Resource].flat().sort(), [`arn:aws:s3:::${name}`, `arn:aws:s3:::${name}/*`]);
    });
  }

  it('survives the stack', () => {
    const kept = Object.entries(template.Resources).filter(
      ([, { DeletionPolicy, UpdateReplacePolicy }]) => DeletionPolicy === 'Retain' && UpdateReplacePolicy === 'Retain',
    );
    assert.deepEqual(kept.map(([id]) => id).sort(), [
      'InboxBucket',
      'LedgerTable',
      'MetricsTable',
      'ModelsBucket',
      'ResultsBucket',
    ]);
  });

  it('is deleted nowhere but among the prepared parts', () => {
    const rules = resourcesOf(template, 'AWS::S3::Bucket').flatMap(([id, { Properties }]) =>
      (bucketSchema.parse(Properties).LifecycleConfiguration?.Rules ?? []).map((rule) => ({ id, ...rule })),
    );
    const abort = {
      Id: 'abort-uploads',
      Status: 'Enabled',
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
    };
    assert.deepEqual(rules, [
      { id: 'InboxBucket', ...abort },
      { id: 'ResultsBucket', ...abort },
      { id: 'ResultsBucket', Id: 'expire-prepared', Status: 'Enabled', Prefix: 'prepared/', ExpirationInDays: 7 },
      { id: 'ModelsBucket', ...abort },
    ]);
  });

  it('comes in versions', () => {
    assert.deepEqual(template.Resources['InboxBucket']?.Properties['VersioningConfiguration'], { Status: 'Enabled' });
  });

  it('of logs is kept for a time', () => {
    const groups = resourcesOf(template, 'AWS::Logs::LogGroup').map(([, { Properties }]) => Properties);
    assert.deepEqual(
      groups,
      FUNCTIONS.map((name) => ({ LogGroupName: `/aws/lambda/swath-dev-${name}`, RetentionInDays: 90 })),
    );
  });
});

describe('each artifact', () => {
  const MB = 1e6;
  const clients = {
    DynamoDB_20120810: FUNCTIONS,
    GraniteServiceVersion20100801: ['drift'],
    AWSStepFunctions: ['discover'],
  };

  for (const name of FUNCTIONS) {
    it(`${name}: is one small bundle, with the clients that it uses`, async () => {
      const zip = await packaged.artifact(name);
      const [own, ...others] = readZip(zip).sort((a, b) => a.name.localeCompare(b.name));
      assert.equal(own?.name, `functions/${name}/handler.mjs`);
      const bundle = own.bytes().toString();
      for (const [target, users] of Object.entries(clients)) {
        assert.equal(
          bundle.includes(target),
          users.some((user) => user === name),
          target,
        );
      }
      if (name === 'infer') return;
      assert.deepEqual(others, []);
      assert.ok(zip.length < 1.5 * MB, `${zip.length} bytes`);
    });
  }

  it('infer: brings onnxruntime for linux/x64 along, and nothing else', async () => {
    const zip = await packaged.artifact('infer');
    const names = readZip(zip).map(({ name }) => name);
    assert.deepEqual(names.filter((name) => !/\.m?js$|\/package\.json$/.test(name)).sort(), [
      'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1',
      'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/onnxruntime_binding.node',
    ]);
    const packages = names.filter((name) => name.startsWith('node_modules/')).map((name) => name.split('/')[1]);
    assert.deepEqual([...new Set(packages)].sort(), ['onnxruntime-common', 'onnxruntime-node']);
    assert.ok(zip.length < 25 * MB, `${zip.length} bytes`);
  });
});

tellStory(packaged);

/** Event patterns as far as ours go: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html */
function matches(pattern: unknown, event: unknown): boolean {
  if (Array.isArray(pattern)) return pattern.includes(event);
  return Object.entries(Object(pattern)).every(([key, below]) => matches(below, Object(event)[key]));
}
