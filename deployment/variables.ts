import { createHash } from 'node:crypto';
import { mapped } from '../core/base/mapped.ts';
import { listIn } from '../core/parameters/listIn.ts';
import { environmentOf, functionParameters } from '../core/parameters/ofFunctions.ts';
import { databaseName } from '../core/tables/catalogue.ts';
import { type Ask, askObserved } from '../observability/parameters.ts';
import { existingInboxOf } from './parameters.ts';
import { restApi, targetOf } from './restApi.ts';
import { sqlTables } from './sqlTables.ts';

type Source = { resolve: (asked: { address: string; resolveVariable: Ask }) => Promise<{ value: unknown }> };

/** Lambda wants so many calls: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-queueconfig */
const CALLS_HIDDEN = 6;
/** In seconds, as functions/collect/requests.yml, functions/feeds/topics.yml and functions/warehouse/function.yml have them. */
const WINDOWS: Record<string, number> = { collect: 2, feeds: 60, warehouse: 300 };

const TO_EVENT_BRIDGE = { EventBridgeConfiguration: { EventBridgeEnabled: true } };

/** The registry of an account: https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html */
const ECR_IMAGE = /^(\d{12})\.dkr\.ecr\.([\w-]+)\.[^/]+\/([^:@]+)/;
const INFER_ENVIRONMENT = 'file(functions/infer/function.yml):environment';
const INFER_STATEMENTS = 'file(resources/roles.yml):Resources.InferRole.Properties.Policies.0.PolicyDocument.Statement';

type Value = (ask: Ask, address: string) => Promise<unknown>;

/** What serverless.yml asks for beside parameters, as `${name:what}`; nothing for a part that is switched off. */
const values: Record<string, Value> = {
  number: async (ask, name) => Number(await ask(`param:${name}`)),
  text: async (ask, name) => String(await ask(`param:${name}`)),
  list: async (ask, name) => listIn(String(await ask(`param:${name}`))),
  seconds: async (ask, name) => 3600 * Number(await ask(`param:${name}`)), // of hours

  environment: async (ask) => {
    const parameters: Record<string, unknown> = Object.fromEntries(
      await Promise.all(Object.keys(functionParameters).map(async (name) => [name, await ask(`param:${name}`)])),
    );
    return { ...((await ask('self:custom.environment')) as object), ...environmentOf((name) => parameters[name]) };
  },

  unlessZero: async (ask, name) => Number(await ask(`param:${name}`)) || null, // a property that is null is left out

  arrivals: async (ask, what) => {
    const isGathered = Number(await ask('param:arrivalsWindowSeconds')) > 0;
    if (what === 'keys')
      return arrivingKeys(String(await ask('param:inboxPrefix')), String(await ask('param:bulkPrefix')));
    if (what === 'target') return ask(`file(resources/targets.yml):${isGathered ? 'queue' : 'pipeline'}`);
    return isGathered ? null : TO_EVENT_BRIDGE; // a property that is null is left out
  },

  visibility: async (ask, of) => {
    const [name, seconds] = of in WINDOWS ? [of, WINDOWS[of]] : ['collect', await ask(`param:${of}WindowSeconds`)];
    return CALLS_HIDDEN * Number(await ask(`param:${name}Timeout`)) + Number(seconds);
  },

  queue: async (ask, name) =>
    (await queuesOf(ask)).some((one) => one === name) ? ask(`file(resources/${name}.yml)`) : {},

  collect: async (ask, what) => {
    const queues = await queuesOf(ask);
    const sending = queues.filter((queue) => queue !== 'arrivals');
    if (what === 'scenes') return scenesOf(ask, queues);
    if (what === 'replies') return repliesOf(String(await ask('param:replyQueues')));
    if (what === 'senders') return sendersOf(ask);
    if (queues.length === 0) return {};
    if (what === 'resources') return ask('file(resources/collect.yml)');
    if (what === 'events') return Promise.all(queues.map((queue) => ask(`file(functions/collect/${queue}.yml)`)));
    if (what === 'environment') return Object.assign({}, ...(await partsOf(ask, 'collectEnvironment', sending)));
    if (what !== 'statements') return { collect: await ask('file(functions/collect/function.yml)') };
    const parts = ['all', ...queues, ...(sending.length > 0 ? ['requestsOrCounts'] : [])];
    const ofFeatures = queues.includes('requests') ? await ask('features:statements') : [];
    return [...(await partsOf(ask, 'collectStatements', parts)), ofFeatures].flat();
  },

  api: async (ask, what) => {
    const number = async (name: string) => Number(await ask(`param:${name}`));
    const [isProvisioned, Limit] = [(await number('provisionedConcurrency')) > 0, await number('apiDailyQuota')];
    if (what === 'quota') return Limit === 0 ? null : { Limit, Period: 'DAY' };
    if (what === 'predict') return targetOf('predict', { isProvisioned });
    if (String(await ask('param:api')) !== 'true') return {};
    const functionOf = (name: string) => ask(`file(functions/${name}/function.yml)`);
    if (what === 'functions') return { predict: await functionOf('predict'), catalogue: await functionOf('catalogue') };
    const made = restApi({
      stage: String(await ask('sls:stage')),
      rate: await number('apiRate'),
      burst: await number('apiBurst'),
      corsOrigins: listIn(String(await ask('param:apiCorsOrigins'))),
      isProvisioned,
    });
    const written = (await ask('file(resources/api.yml)')) as { Resources: object };
    return { ...written, Resources: { ...made, ...written.Resources } };
  },

  inbox: async (ask, what) => {
    const named = existingInboxOf(String(await ask('param:inboxBucket')));
    const bucket = named ?? `swath-${await ask('sls:stage')}-inbox-\${AWS::AccountId}-\${AWS::Region}`;
    if (what === 'bucket') return bucket;
    if (what === 'storage') return named === undefined ? ask('file(resources/storage/inbox.yml)') : {};
    const value = what === 'url' ? `s3://${bucket}/${await ask('param:inboxPrefix')}` : bucket;
    return named === undefined ? { 'Fn::Sub': value } : value; // cfn-lint warns of a substitution without variables
  },

  assets: async (ask, what) => {
    const inbox = String(await ask('self:custom.arns.inbox'));
    const arns = listIn(String(await ask('param:assetBuckets'))).map((name) => `arn:\${AWS::Partition}:s3:::${name}`);
    if (what === 'secret') return (await ask('param:assetSecret')) === '' ? {} : ask('file(resources/assetSecret.yml)');
    if (what === 'buckets') return [inbox, ...arns].map((arn) => ({ 'Fn::Sub': arn }));
    const objects = [`${inbox}/${await ask('param:inboxPrefix')}*`, ...arns.map((arn) => `${arn}/*`)];
    return objects.map((arn) => ({ 'Fn::Sub': arn }));
  },

  endpoints: async (ask, what) => {
    const arns = listIn(String(await ask('param:endpointHosts'))).flatMap(endpointArn);
    if (what === 'arns') return arns;
    const isThere = { sageMaker: arns.length > 0, tokens: String(await ask('param:endpointSecret')) !== '' };
    const [hasApi, hasJobs] = [String(await ask('param:api')) === 'true', String(await ask('param:batchImage')) !== ''];
    const roles = ['Infer', ...(hasApi ? ['Predict'] : []), ...(hasJobs ? ['Jobs'] : [])];
    const kinds = (['sageMaker', 'tokens'] as const).filter((kind) => isThere[kind]);
    const files = kinds.flatMap((kind) => roles.map((role) => `file(resources/endpoints.yml):${kind}.${role}`));
    return { Resources: Object.assign({}, ...(await Promise.all(files.map(ask)))) };
  },

  features: async (ask, what) => {
    const source = String(await ask('param:featureSource'));
    const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(source) ?? [];
    if (what === 'bucket' || what === 'prefix') return what === 'bucket' ? bucket : prefix;
    if (what === 'path') return `${bucket}/${prefix}`;
    if (what === 'statements')
      return partsOf(ask, 'features', ['table', ...(source === '' ? [] : [bucket === '' ? source : 's3'])]);
    return String(await ask('param:api')) === 'true'
      ? { Resources: await ask('file(resources/features.yml):Predict') }
      : {};
  },

  kept: async (ask) => (String(await ask('param:throwAway')) === 'true' ? 'Delete' : 'Retain'),

  observed: async (ask) => {
    const stateMachine = String(await ask('self:custom.arns.pipeline')); // by its name, as in custom.environment
    return { 'Fn::Sub': JSON.stringify(await askObserved(ask, stateMachine)) };
  },

  sql: async (ask, what) => {
    const isOn = String(await ask('param:sqlTables')) === 'true';
    if (what === 'database') return isOn ? databaseName(String(await ask('sls:stage'))) : '';
    if (what === 'resources') return isOn ? ask('file(resources/sql.yml)') : {};
    if (what === 'tables') return isOn ? { Resources: sqlTables(String(await ask('self:custom.names.results'))) } : {};
    return ask(`file(resources/sqlRights.yml):${isOn ? what.replace('right.', '') : 'none'}`);
  },

  batch: async (ask, what) => {
    const image = String(await ask('param:batchImage'));
    const [, account, region, repository] = ECR_IMAGE.exec(image) ?? [];
    if (what === 'rights') return image === '' ? 'functions' : 'functionsAndJobs';
    if (what === 'registry') return account === undefined ? 'elsewhere' : 'ecr';
    if (what === 'repository') return `arn:\${AWS::Partition}:ecr:${region}:${account}:repository/${repository}`;
    if (what === 'statements') return ((await ask(INFER_STATEMENTS)) as object[]).slice(1); // its log is its own
    if (what === 'environment') {
      const parts = await Promise.all(['environment:withParameters', INFER_ENVIRONMENT].map(ask));
      const all = Object.assign({ AWS_REGION: { Ref: 'AWS::Region' } }, ...parts);
      return Object.entries(all).map(([Name, Value]) => ({ Name, Value }));
    }
    const where = Number(await ask('param:batchGpus')) === 0 ? 'Fargate' : 'Gpus';
    return image === '' ? {} : ask(`file(resources/batch${what === 'environments' ? where : ''}.yml)`);
  },

  alarms: async (ask) => {
    const email = String(await ask('param:alarmEmail'));
    return email === '' || email === 'none' ? {} : ask('file(resources/alarmEmail.yml)');
  },

  webhook: optional('webhook', 'alarmWebhook'),

  feeds: optional('feeds', 'feedSchedule', async (ask, what) => {
    const topics = listIn(String(await ask('param:feedTopics')));
    const files = ['schedule', ...(topics.length > 0 ? ['topics'] : [])];
    if (what === 'dependsOn') return topics.length > 0 ? ['FeedItemsPolicy'] : [];
    if (what === 'events') return Promise.all(files.map((name) => ask(`file(functions/feeds/${name}.yml)`)));
    if (topics.length === 0) return {};
    const queue = (await ask('file(resources/feedTopics.yml)')) as { Resources: object };
    const collections = listIn(String(await ask('param:feedTopicCollections')));
    const all = topics.map((arn) => [subscriptionId(arn), subscription(arn, collections)]);
    return { Resources: { ...queue.Resources, ...Object.fromEntries(all) } };
  }),

  warehouse: async (ask, what) => {
    const [, kind = '', name, database = 'predictions'] =
      /^(\w+):([^/]+)\/?(.+)?$/.exec(String(await ask('param:redshift'))) ?? [];
    if (what === 'name') return name;
    if (what === 'database') return database;
    const rules = ['Arrivals', 'Sweep', ...(kind === '' ? [] : ['Warehouse'])];
    if (what === 'rules') return rules.map((rule) => ({ 'Fn::GetAtt': [`${rule}Rule`, 'Arn'] }));
    if (what === 'notifications') return kind === '' ? null : TO_EVENT_BRIDGE; // a property that is null is left out
    return optional('warehouse', 'redshift', () => partsOf(ask, 'warehouseStatements', ['own', kind]))(ask, what);
  },

  watch: optional('watch', 'modelWatch', async (ask) => {
    const hasSecret = String(await ask('param:mlflowSecret')) !== '';
    return partsOf(ask, 'watchStatements', ['own', ...(hasSecret ? ['secret'] : [])]);
  }),
};

/** A part that is there where a parameter names something. Its function and its resources are files of its name; `more` is what else is asked of it. */
function optional(name: string, parameter: string, more: Value = async () => ({})): Value {
  return async (ask, what) => {
    if (String(await ask(`param:${parameter}`)) === '') return {};
    if (what === 'function') return { [name]: await ask(`file(functions/${name}/function.yml)`) };
    return what === 'resources' ? ask(`file(resources/${name}.yml)`) : more(ask, what);
  };
}

/** Lists of a file, such as statements, as one. */
const partsOf = async (ask: Ask, file: string, names: readonly string[]) =>
  (await Promise.all(names.map((name) => ask(`file(resources/${file}.yml):${name}`)))).flat();

async function queuesOf(ask: Ask): Promise<('arrivals' | 'requests' | 'counts')[]> {
  const is = {
    arrivals: Number(await ask('param:arrivalsWindowSeconds')) > 0,
    requests: String(await ask('param:requests')) === 'true',
    counts: String(await ask('param:api')) === 'true' || String(await ask('param:serverRoles')) !== '',
  };
  return (['arrivals', 'requests', 'counts'] as const).filter((queue) => is[queue]);
}

/** By the topic: an id that another topic takes over would have CloudFormation end a subscription that is still wanted. */
const subscriptionId = (arn: string) => `FeedTopic${createHash('sha256').update(arn).digest('hex').slice(0, 10)}`;

/** A queue's subscription to a topic, which may be another region's, of messages that say these collections, or of all. */
function subscription(TopicArn: string, collection: readonly string[]) {
  const filter = collection.length > 0 && { FilterPolicy: { collection } };
  const Endpoint = { 'Fn::GetAtt': ['FeedItemsQueue', 'Arn'] };
  const to = { Region: TopicArn.split(':')[3], Protocol: 'sqs', Endpoint, RawMessageDelivery: true, ...filter };
  return { Type: 'AWS::SNS::Subscription', DependsOn: 'FeedItemsQueuePolicy', Properties: { TopicArn, ...to } };
}

/** Where the function collect sends notes to itself, and answers. */
function repliesOf(replyQueues: string): object[] {
  const named = replyQueues.endsWith('*')
    ? [{ 'Fn::Sub': `arn:\${AWS::Partition}:sqs:\${AWS::Region}:\${AWS::AccountId}:${replyQueues}` }]
    : listIn(replyQueues);
  return [{ 'Fn::GetAtt': ['RequestsQueue', 'Arn'] }, ...named] as object[];
}

async function sendersOf(ask: Ask): Promise<unknown[]> {
  const roles = ['CollectRole', ...(String(await ask('param:api')) === 'true' ? ['PredictRole'] : [])];
  return [...roles.map((role) => ({ 'Fn::GetAtt': [role, 'Arn'] })), ...listIn(String(await ask('param:serverRoles')))];
}

/** Where scene files lie, requests as they are kept, and predictions that were given over HTTP. */
async function scenesOf(ask: Ask, queues: readonly string[]) {
  const inbox = String(await ask('self:custom.arns.inbox'));
  const prefix = await ask('param:inboxPrefix');
  const results = String(await ask('self:custom.arns.results'));
  const requests = queues.includes('requests') ? [`${results}/requests/*`] : [];
  const answered = queues.includes('counts') ? [`${results}/answered/*`] : [];
  return [`${inbox}/${prefix}*`, ...requests, ...answered].map((arn) => ({ 'Fn::Sub': arn }));
}

/** The ARN of an endpoint of SageMaker, with its region if that is named; nothing of a server. */
function endpointArn(host: string): object[] {
  const [, region = `\${AWS::Region}`, name] = /^sagemaker:(?:(.+)\/)?(.+)$/.exec(host) ?? [];
  if (name === undefined) return [];
  return [{ 'Fn::Sub': `arn:\${AWS::Partition}:sagemaker:${region}:\${AWS::AccountId}:endpoint/${name}` }];
}

export const variableSources: Record<string, Source> = mapped(values, (value) => ({
  resolve: async ({ address, resolveVariable }) => ({ value: await value(resolveVariable, address) }),
}));

/**
 * Which keys start an execution, as conditions of an EventBridge pattern: those of scene files, and markers of bulk folders. It has
 * no "and not": with a prefix, bulk files end in a state of stepfunctions/pipeline.yml, as companions of scenes always do.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-content-based-filtering.html
 */
function arrivingKeys(inboxPrefix: string, bulkPrefix: string) {
  if (inboxPrefix !== '') return [{ prefix: inboxPrefix }];
  return [{ 'anything-but': { prefix: bulkPrefix } }, `${bulkPrefix}_DONE`, { wildcard: `${bulkPrefix}*/_DONE` }];
}
