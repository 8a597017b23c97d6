import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { inflateSync } from 'node:zlib';
import type { Dataset } from 'h5wasm';
import * as z from 'zod';
import { FUNCTIONS, STAGE_FUNCTIONS } from '../../core/base/functions.ts';
import { environmentOf } from '../../core/parameters/ofFunctions.ts';
import hdf5 from '../../core/scenes/cubes/hdf5.vectors.json' with { type: 'json' };
import { readParameters } from '../../deployment/defaults.ts';
import { readDefinition } from '../../local/stack/service.ts';
import { temporaryFolder } from '../swath.ts';
import { checkApi } from './api.ts';
import { checkArrivals } from './arrivals.ts';
import { checkBatch } from './batch.ts';
import { checkBundles } from './bundles.ts';
import { checkDocumentedRoles } from './documentedRoles.ts';
import { checkDoors } from './doors.ts';
import { functionIn } from './functions.ts';
import { checkObservability } from './observability.ts';
import { packageService, templatesWith, WITH_ALL } from './package.ts';
import { checkProtection } from './protection.ts';
import { checkRequests } from './requests.ts';
import { propertiesOf, resourcesOf } from './template.ts';
import { checkTriggers } from './triggers.ts';
import { checkWarehouse } from './warehouse.ts';
import { checkWatch } from './watch.ts';
import { checkWebhook } from './webhook.ts';
import { readZip, unzip } from './zip.ts';

/** What `sls package` makes, made once for all that look at it. */
const packaged = await packageService();
const { template, storage, created } = packaged;
/** The same with the defaults alone. */
const { template: plain } = await templatesWith({});

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
        : value
            .replace(/:123456789012:function:swath-dev-(\w+):1$/, ':000000000000:function:$1')
            // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the Serverless Framework
            .replace(/^swath-dev-work$/, 'swath-${sls:stage}-work'); // on a laptop, jobs have no queue
    });
    assert.deepEqual(definition, readDefinition({ ...readParameters(), batchGpus: WITH_ALL.batchGpus }));
  });

  it('keeps its executions', () => {
    assert.equal(StateMachineType, 'STANDARD');
  });
});

it('the stack says what things are called', () => {
  const others = /^Serverless|QualifiedArn$|^ObservedParameters$/;
  const ours = Object.entries(template.Outputs).filter(([name]) => !others.test(name));
  assert.deepEqual(Object.fromEntries(ours.map(([name, { Value }]) => [name, Value])), {
    InboxBucket: 'swath-dev-inbox-123456789012-us-east-1',
    InboxUrl: 's3://swath-dev-inbox-123456789012-us-east-1/',
    BulkPrefix: 'bulk/',
    ResultsBucket: 'swath-dev-results-123456789012-us-east-1',
    ModelsBucket: 'swath-dev-models-123456789012-us-east-1',
    LedgerTable: 'swath-dev-ledger',
    MetricsTable: 'swath-dev-metrics',
    FeaturesTable: 'swath-dev-features',
    SqlDatabase: 'swath_dev',
    SqlWorkGroup: 'swath-dev',
    StateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:swath-dev-pipeline',
    DeadLetterQueueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/swath-dev-dead-letters',
    RequestsQueueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/swath-dev-requests',
    CountsQueueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/swath-dev-counts',
    WarehouseQueueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/swath-dev-warehouse',
    Redshift: 'workgroup:analytics',
    WarehouseRole: 'swath-generated-WarehouseRole',
    ArrivalsQueueArn: 'arn:aws:sqs:us-east-1:123456789012:swath-dev-arrivals',
    ApiUrl: 'https://swath-dev.execute-api.us-east-1.amazonaws.com/dev',
    ApiKeyId: 'swath-dev',
    AlarmTopicArn: 'arn:aws:sns:us-east-1:123456789012:swath-dev-alarms',
    AlarmKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/swath-generated-AlarmKey',
    DashboardUrl:
      'https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards/dashboard/swath-dev-us-east-1',
  });
});

it('the functions that deploy are those of core/base/functions.ts', () => {
  const deployed = resourcesOf(template, 'AWS::Lambda::Function').map(
    ([, { Properties }]) => Properties['FunctionName'],
  );
  assert.deepEqual(deployed.sort(), FUNCTIONS.map((name) => `swath-dev-${name}`).sort());
});

it('every function has the parameters that functions read, as their defaults say', () => {
  const given: Record<string, unknown> = { ...readParameters(), featureSource: WITH_ALL.featureSource };
  const expected = environmentOf((name) => given[name]);
  for (const name of FUNCTIONS)
    assert.partialDeepStrictEqual(functionIn(template, name).Environment.Variables, expected);
});

// Lambda ends what it takes for a loop, sixteen messages to the queue that called it: https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
it('the function that sends itself what is not answered yet may do so as often as it takes', () => {
  const ofCollect = resourcesOf(template, 'AWS::Lambda::Function').filter(
    ([, { Properties }]) => Properties['RecursiveLoop'] === 'Allow',
  );
  assert.deepEqual(
    ofCollect.map(([, { Properties }]) => Properties['FunctionName']),
    ['swath-dev-collect'],
  );
});

// SQS leaves messages out of the age of the oldest that were received three times: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
it('an alarm on the age of messages goes off before their third receipt', () => {
  const hidden = new Map(
    resourcesOf(template, 'AWS::SQS::Queue').map(([, { Properties }]) => [
      Properties['QueueName'],
      Number(Properties['VisibilityTimeout']),
    ]),
  );
  const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').filter(
    ([, { Properties }]) => Properties['MetricName'] === 'ApproximateAgeOfOldestMessage',
  );
  assert.equal(alarms.length, 3);
  for (const [name, { Properties }] of alarms) {
    const [{ Value }] = Properties['Dimensions'] as [{ Value: string }];
    assert.ok(Number(Properties['Threshold']) < 2 * hidden.get(Value)!, name);
  }
});

// Lambda refuses the mapping of a queue from which the function's role may not receive yet, as it is when a queue joins a stage.
it("a function with a queue is made after what gives its role rights beside the role's own", () => {
  const withQueue = resourcesOf(template, 'AWS::Lambda::EventSourceMapping').map(([, { Properties }]) =>
    String(Properties['FunctionName']).replace(/^.*:swath-dev-/, ''),
  );
  const of = FUNCTIONS.filter((name) => withQueue.includes(name)).flatMap((name) => {
    const { Role } = functionIn(template, name);
    const beside = resourcesOf(template, 'AWS::IAM::RolePolicy').filter(([, { Properties }]) =>
      Role.endsWith(`/${Properties['RoleName']}`),
    );
    const { DependsOn = [] } = template.Resources[`${name[0]!.toUpperCase()}${name.slice(1)}LambdaFunction`]!;
    return beside.map(([id]) => ({ name, id, isAfter: [DependsOn].flat().includes(id) }));
  });
  assert.deepEqual(of, [{ name: 'feeds', id: 'FeedItemsPolicy', isAfter: true }]);
});

it('more buckets than a role can name are refused, with the role and the parameter', async () => {
  const names = Array.from({ length: 110 }, (_, nth) => `archive-of-scenes-${100 + nth}`);
  await assert.rejects(
    templatesWith({ assetBuckets: names.join() }),
    /\n--param assetBuckets: PreprocessRole would have at least 10\d{3} characters of inline policies, allowed are 10240\. /,
  );
});

it('no function has a share of the quota reserved, which a new account could not give', () => {
  const reserved = FUNCTIONS.filter((name) => 'ReservedConcurrentExecutions' in functionIn(template, name));
  assert.deepEqual(reserved, []);
});

checkTriggers(plain);
checkArrivals(template, plain);
checkRequests(template, plain);
checkApi(template, plain);
checkWebhook(template, plain);
checkWatch(template, plain);
checkWarehouse(template, plain, (await templatesWith({ redshift: 'cluster:warehouse-1/earth' })).template);
checkBatch(template, plain);
checkProtection(template, storage);
checkDoors(template, created);
checkObservability(template);
checkDocumentedRoles(template, plain);
checkBundles(packaged);

describe('each artifact', () => {
  const MB = 1e6;
  const clients = {
    DynamoDB_20120810: [...STAGE_FUNCTIONS, 'collect', 'watch', 'predict'],
    GraniteServiceVersion20100801: ['drift', 'discover', 'settle', 'report', 'feeds', 'warehouse'],
    AWSStepFunctions: ['preprocess', 'preprocessCubes', 'infer', 'drift', 'discover', 'settle', 'retry', 'collect'],
    AmazonSSM: ['webhook', 'watch', 'infer', 'predict', 'preprocess'],
    'com.amazonaws.sagemakerruntime': ['infer', 'predict'],
    AmazonSimpleNotificationService: ['watch'],
    AWSGlue: ['infer', 'report'],
    AmazonSQS: ['collect', 'predict'],
    RedshiftData: ['warehouse'],
  };

  for (const name of FUNCTIONS) {
    it(`${name}: is small, and holds the clients that it uses and no others`, async () => {
      const zip = await packaged.artifact(name);
      const names = readZip(zip).map((entry) => entry.name);
      assert.ok(names.includes(`functions/${name}/handler.cjs`));
      const bundle = await packaged.bundle(name);
      for (const [target, users] of Object.entries(clients)) {
        assert.equal(
          bundle.includes(target),
          users.some((user) => user === name),
          target,
        );
      }
      if (name === 'infer' || name === 'predict') return;
      assert.deepEqual(
        names.filter((path) => !/^functions\/\w+\/[\w.-]+\.cjs$/.test(path)),
        [],
      );
      // What watch says of a graph names it in a sentence.
      assert.ok(!bundle.includes(name === 'watch' ? 'onnxruntime-node' : 'onnxruntime'), 'speaks of onnxruntime');
      const most = name === 'preprocessCubes' ? 2.2 * MB : MB; // HDF5 alone has 1.1 MB, and Blosc 0.2
      assert.ok(zip.length <= most, `${zip.length} bytes`);
    });
  }

  it('preprocessCubes: holds a decoder of HDF5 that starts where nothing else is installed', async () => {
    const folder = temporaryFolder();
    await unzip(await packaged.artifact('preprocessCubes'), folder);
    const [path] = globSync(join(folder, 'functions/preprocessCubes/hdf5_hl-*.cjs'));
    const { ready, File } = createRequire(folder)(path!) as typeof import('h5wasm');
    const { FS } = await ready;
    const { file, bands } = hdf5.vectors.find(({ what }) => what === 'NetCDF4 of uint16')!;
    FS.createDataFile('/', 'a.nc', inflateSync(Buffer.from(file, 'base64')), true, false, true);
    assert.deepEqual(Array.from((new File('a.nc', 'r').get('b02') as Dataset).value as Uint16Array), bands.b02);
  });

  for (const name of ['infer', 'predict'])
    it(`${name}: brings onnxruntime for linux/x64 along, and nothing else`, async () => {
      const zip = await packaged.artifact(name);
      const names = readZip(zip).map(({ name }) => name);
      assert.deepEqual(names.filter((name) => !/\.c?js$|\/package\.json$/.test(name)).sort(), [
        'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1',
        'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/onnxruntime_binding.node',
      ]);
      const packages = names.filter((name) => name.startsWith('node_modules/')).map((name) => name.split('/')[1]);
      assert.deepEqual([...new Set(packages)], ['onnxruntime-node']);
      assert.ok(zip.length <= 19 * MB, `${zip.length} bytes`); // 20 are allowed
    });
});
