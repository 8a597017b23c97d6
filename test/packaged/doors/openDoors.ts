import * as z from 'zod';
import { resourcesOf, type Template } from '../template.ts';
import { type Statement, statementsOf } from './statements.ts';

/** Everything of a template that lets in whom it should not, or keeps what it should not as it should not: a sentence each. */
export function openDoors(template: Template): string[] {
  const statements = statementsOf(template);
  return [
    ...unknownKinds(template),
    ...statements.filter(({ kind }) => kind === 'resource').flatMap(openPolicy),
    ...resourcesOf(template, 'AWS::IAM::Role').flatMap(([id]) => openRole(template, id, statements)),
    ...resourcesOf(template, 'AWS::S3::Bucket').flatMap(([id]) => openBucket(template, id, statements)),
    ...resourcesOf(template, 'AWS::DynamoDB::Table').flatMap(([id]) => openTable(template, id)),
    ...resourcesOf(template, 'AWS::SQS::Queue').flatMap(([id]) => openQueue(template, id, statements)),
    ...resourcesOf(template, 'AWS::SNS::Topic').flatMap(([id]) => openTopic(template, id, statements)),
    ...resourcesOf(template, 'AWS::Logs::LogGroup').flatMap(([id]) => openLogGroup(template, id)),
    ...resourcesOf(template, 'AWS::Lambda::EventInvokeConfig').flatMap(([id]) => openDestinations(template, id)),
    ...resourcesOf(template, 'AWS::Athena::WorkGroup').flatMap(([id]) => openWorkGroup(template, id)),
    ...resourcesOf(template, 'AWS::ApiGateway::Method').flatMap(([id]) => openMethod(template, id)),
    ...resourcesOf(template, 'AWS::Batch::JobDefinition').flatMap(([id]) => openJob(template, id)),
    ...resourcesOf(template, 'AWS::EC2::LaunchTemplate').flatMap(([id]) => openInstances(template, id)),
  ];
}

const ACCOUNT = '123456789012';

/** What is looked at below, and what has neither a policy nor anything to keep. */
const KNOWN = [
  ...'IAM::Role IAM::RolePolicy S3::Bucket S3::BucketPolicy DynamoDB::Table SQS::Queue SQS::QueuePolicy SNS::Topic'.split(
    ' ',
  ),
  ...'SNS::TopicPolicy SNS::Subscription KMS::Key Logs::LogGroup Lambda::Function Lambda::Version'.split(' '),
  ...'Lambda::Permission Lambda::EventSourceMapping Lambda::EventInvokeConfig'.split(' '),
  ...'StepFunctions::StateMachine Events::Rule CloudWatch::Alarm CloudWatch::Dashboard Glue::Database'.split(' '),
  ...'Glue::Table Athena::WorkGroup ApiGateway::RestApi ApiGateway::Resource ApiGateway::Method'.split(' '),
  ...'ApiGateway::GatewayResponse ApiGateway::Deployment ApiGateway::Stage ApiGateway::ApiKey'.split(' '),
  ...'ApiGateway::UsagePlan ApiGateway::UsagePlanKey Batch::JobQueue Batch::JobDefinition'.split(' '),
  ...'Batch::ComputeEnvironment EC2::LaunchTemplate IAM::InstanceProfile'.split(' '),
].map((kind) => `AWS::${kind}`);

/** Such as a function's URL, or a policy that is attached from elsewhere. */
function unknownKinds({ Resources }: Template): string[] {
  return Object.entries(Resources)
    .filter(([, { Type }]) => !KNOWN.includes(Type))
    .map(([id, { Type }]) => `${id}: nobody has said what closes a resource of the kind ${Type}`);
}

const workGroupSchema = z.object({
  WorkGroupConfiguration: z.object({
    EnforceWorkGroupConfiguration: z.boolean().optional(),
    ResultConfiguration: z.object({ EncryptionConfiguration: z.unknown().optional() }),
  }),
});

/** Answers hold what the tables hold: they lie where the stage says, and are encrypted. */
function openWorkGroup({ Resources }: Template, id: string): string[] {
  const { WorkGroupConfiguration: of } = workGroupSchema.parse(Resources[id]!.Properties);
  return told(id, {
    'a client may have its answers put anywhere': of.EnforceWorkGroupConfiguration !== true,
    'does not encrypt its answers': of.ResultConfiguration.EncryptionConfiguration === undefined,
  });
}

const jobSchema = z.looseObject({
  ContainerProperties: z.looseObject({
    Image: z.string(),
    User: z.string().optional(),
    Privileged: z.boolean().default(false),
    ReadonlyRootFilesystem: z.boolean().default(false),
  }),
});

/** What runs in a container is what was deployed, and has no more rights on its host than that takes. */
function openJob({ Resources }: Template, id: string): string[] {
  const { Image, User, Privileged, ReadonlyRootFilesystem } = jobSchema.parse(
    Resources[id]!.Properties,
  ).ContainerProperties;
  return told(id, {
    'may become another image': !/@sha256:[0-9a-f]{64}$/.test(Image),
    'is root': !/^[1-9]\d*$/.test(User ?? ''),
    'is privileged': Privileged,
    'writes to its image': !ReadonlyRootFilesystem,
  });
}

const instancesSchema = z.looseObject({
  LaunchTemplateData: z.looseObject({
    MetadataOptions: z.looseObject({ HttpTokens: z.string(), HttpPutResponseHopLimit: z.number() }).optional(),
    BlockDeviceMappings: z.array(z.looseObject({ Ebs: z.looseObject({ Encrypted: z.boolean().default(false) }) })),
  }),
});

/** A container reaches its instance's rights over the network, by two hops. */
function openInstances({ Resources }: Template, id: string): string[] {
  const { MetadataOptions: metadata, BlockDeviceMappings: disks } = instancesSchema.parse(
    Resources[id]!.Properties,
  ).LaunchTemplateData;
  return told(id, {
    'lends its rights to containers': metadata?.HttpTokens !== 'required' || metadata.HttpPutResponseHopLimit !== 1,
    'is not encrypted': disks.length === 0 || disks.some(({ Ebs }) => !Ebs.Encrypted),
  });
}

const methodSchema = z.looseObject({
  HttpMethod: z.string(),
  ApiKeyRequired: z.boolean().default(false),
  Integration: z.looseObject({ Type: z.string() }),
});
/** What tells whether it is up, and how to ask: docs/http.md says why. */
const WITHOUT_KEY = ['ApiHealthzGet', 'ApiOpenapijsonGet', 'ApiDocsGet'];

/** Whoever asks for what costs something has a key; a browser that asks beforehand has none, and is answered by the gateway. */
function openMethod({ Resources }: Template, id: string): string[] {
  const { HttpMethod, ApiKeyRequired, Integration } = methodSchema.parse(Resources[id]!.Properties);
  const isPreflight = HttpMethod === 'OPTIONS' && Integration.Type === 'MOCK';
  return told(id, { 'takes no key': !ApiKeyRequired && !isPreflight && !WITHOUT_KEY.includes(id) });
}

/** Whom a resource lets in by its own policy. */
function openPolicy({ owner, isAllow, principals, condition }: Statement): string[] {
  if (!isAllow) return [];
  return principals.flatMap((principal) => {
    if (principal.includes('*')) return [`${owner}: open to everyone (${principal})`];
    if (principal === `AWS arn:aws:iam::${ACCOUNT}:root`) return []; // whoever the account itself allows it
    if (!principal.startsWith('Service ')) return [`${owner}: open to ${principal}`];
    const keys = Object.values(condition).flatMap((operands) => Object.entries(operands));
    const isOurs = keys.some(
      ([key, value]) => /^aws:Source(Arn|Account)$/.test(key) && JSON.stringify(value).includes(ACCOUNT),
    );
    // A topic of a public dataset is somebody else's, and is named whole.
    const { 'aws:SourceArn': topics } = Object(condition['ArnEquals']) as Record<string, unknown>;
    const areNamed = [topics].flat().every((arn) => /^arn:aws:sns:[\w-]+:\d{12}:[\w-]+$/.test(String(arn)));
    if (owner === 'FeedItemsQueuePolicy' && areNamed) return [];
    return isOurs ? [] : [`${owner}: ${principal} is let in on anybody's behalf, without a condition on the account`];
  });
}

/** The service that needs each role, and nobody else, may take it; what it may do then stands in the template. */
function openRole(template: Template, id: string, statements: Statement[]): string[] {
  const { Properties } = template.Resources[id]!;
  const arn = `arn:aws:iam::${ACCOUNT}:role/swath-generated-${id}`;
  const users = new Set(
    [
      ...resourcesOf(template, 'AWS::Lambda::Function').map(([, one]) => [one.Properties['Role'], 'lambda']),
      ...resourcesOf(template, 'AWS::StepFunctions::StateMachine').map(([, one]) => [
        one.Properties['RoleArn'],
        'states.us-east-1',
      ]),
      ...resourcesOf(template, 'AWS::Events::Rule').flatMap(([, one]) =>
        targetsSchema.parse(one.Properties['Targets']).map(({ RoleArn }) => [RoleArn, 'events']),
      ),
      ...resourcesOf(template, 'AWS::Batch::JobDefinition').flatMap(([, one]) => {
        const { JobRoleArn, ExecutionRoleArn } = one.Properties['ContainerProperties'] as Record<string, unknown>;
        return [JobRoleArn, ExecutionRoleArn].map((role) => [role, 'ecs-tasks']);
      }),
      ...resourcesOf(template, 'AWS::IAM::InstanceProfile').flatMap(([, one]) =>
        (one.Properties['Roles'] as string[]).map((role) => [`arn:aws:iam::${ACCOUNT}:role/${role}`, 'ec2']),
      ),
    ]
      .filter(([role]) => role === arn)
      .map(([, service]) => `Service ${service}.amazonaws.com`),
  );
  const trusts = statements.filter(({ owner, kind }) => owner === id && kind === 'trust');
  const takers = trusts.flatMap(({ principals }) => principals);
  const actions = trusts.flatMap((trust) => trust.actions);
  return [
    ...(users.size === 1 ? [] : [`${id}: ${users.size} services use it, and one should`]),
    ...takers.filter((taker) => !users.has(taker)).map((taker) => `${id}: may be taken by ${taker}`),
    ...actions.filter((action) => action !== 'sts:AssumeRole').map((action) => `${id}: may be taken by ${action}`),
    ...(Properties['ManagedPolicyArns'] === undefined ? [] : [`${id}: has policies that stand elsewhere`]),
  ];
}
const targetsSchema = z.array(z.looseObject({ RoleArn: z.unknown().optional() }));

/** The one bucket whose old versions are scene files themselves. */
const KEEPS_ALL = 'InboxBucket';

const bucketSchema = z.looseObject({
  BucketName: z.string().optional(),
  AccessControl: z.unknown().optional(),
  PublicAccessBlockConfiguration: z.record(z.string(), z.boolean()).default({}),
  OwnershipControls: z.object({ Rules: z.array(z.object({ ObjectOwnership: z.string() })) }).optional(),
  BucketEncryption: z
    .object({
      ServerSideEncryptionConfiguration: z.array(
        z.looseObject({ ServerSideEncryptionByDefault: z.looseObject({ SSEAlgorithm: z.string() }) }),
      ),
    })
    .optional(),
  VersioningConfiguration: z.object({ Status: z.string() }).optional(),
  LifecycleConfiguration: z.object({ Rules: z.array(z.looseObject({ Status: z.string() })) }).default({ Rules: [] }),
});

const BLOCKS = ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'];
/** What of a lifecycle rule makes something go. */
const EXPIRY = /^Expir|^Noncurrent|Transition/;

function openBucket(template: Template, id: string, statements: Statement[]): string[] {
  const bucket = bucketSchema.parse(template.Resources[id]!.Properties);
  const rules = bucket.LifecycleConfiguration.Rules.filter(({ Status }) => Status === 'Enabled');
  const expiring = rules.filter((rule) => Object.keys(rule).some((key) => EXPIRY.test(key)));
  const algorithms = (bucket.BucketEncryption?.ServerSideEncryptionConfiguration ?? []).map(
    ({ ServerSideEncryptionByDefault }) => ServerSideEncryptionByDefault.SSEAlgorithm,
  );
  const name = bucket.BucketName ?? `swath-generated-${id}`;
  const arns = [`arn:aws:s3:::${name}`, `arn:aws:s3:::${name}/*`];
  const open = {
    'may be made public': BLOCKS.some((block) => bucket.PublicAccessBlockConfiguration[block] !== true),
    'has an access control list': bucket.AccessControl !== undefined,
    'lets others own what they put there':
      bucket.OwnershipControls?.Rules.some(({ ObjectOwnership }) => ObjectOwnership === 'BucketOwnerEnforced') !== true,
    'is not encrypted': !algorithms.some((algorithm) => /^(AES256|aws:kms(:dsse)?)$/.test(algorithm)),
    'is reached without TLS': !isTlsOnly(template, statements, { refersTo: name, action: 's3:*', arns }),
    'keeps no versions': bucket.VersioningConfiguration?.Status !== 'Enabled',
    'keeps what uploads leave behind': !rules.some((rule) => rule['AbortIncompleteMultipartUpload'] !== undefined),
    'deletes what came in': id === KEEPS_ALL && expiring.length > 0,
    'keeps old versions for ever':
      id !== KEEPS_ALL &&
      !rules.some(
        (rule) =>
          rule['NoncurrentVersionExpiration'] !== undefined &&
          rule['ExpiredObjectDeleteMarker'] === true &&
          rule['Prefix'] === undefined,
      ),
  };
  return told(id, open);
}

const tableSchema = z.looseObject({
  PointInTimeRecoverySpecification: z.object({ PointInTimeRecoveryEnabled: z.boolean() }).optional(),
  SSESpecification: z.looseObject({ SSEEnabled: z.boolean() }).optional(),
});

function openTable(template: Template, id: string): string[] {
  const { Properties, DeletionPolicy, UpdateReplacePolicy } = template.Resources[id]!;
  const table = tableSchema.parse(Properties);
  return told(id, {
    'cannot be had back as it was': table.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled !== true,
    // It is in any case, as long as nobody says with which key.
    'does not say how it is encrypted': table.SSESpecification === undefined,
    'goes with its stack': DeletionPolicy !== 'Retain' || UpdateReplacePolicy !== 'Retain',
  });
}

function openQueue(template: Template, id: string, statements: Statement[]): string[] {
  const { SqsManagedSseEnabled, KmsMasterKeyId, QueueName } = template.Resources[id]!.Properties;
  const refersTo = `https://sqs.us-east-1.amazonaws.com/${ACCOUNT}/${QueueName}`;
  const arns = [`arn:aws:sqs:us-east-1:${ACCOUNT}:${QueueName}`];
  return told(id, {
    'is not encrypted': SqsManagedSseEnabled !== true && KmsMasterKeyId === undefined,
    'is reached without TLS': !isTlsOnly(template, statements, { refersTo, action: 'sqs:*', arns }),
  });
}

function openTopic(template: Template, id: string, statements: Statement[]): string[] {
  const { KmsMasterKeyId, TopicName } = template.Resources[id]!.Properties;
  const refersTo = `arn:aws:sns:us-east-1:${ACCOUNT}:${TopicName}`;
  const keys = resourcesOf(template, 'AWS::KMS::Key').map(([key]) => `swath-generated-${key}`);
  return told(id, {
    // With AWS's own key for SNS, alarms would publish nothing, without a word.
    'is not encrypted with a key of ours': !keys.includes(String(KmsMasterKeyId)),
    'is reached without TLS': !isTlsOnly(template, statements, { refersTo, action: 'sns:Publish', arns: [refersTo] }),
  });
}

function openLogGroup(template: Template, id: string): string[] {
  const { RetentionInDays } = template.Resources[id]!.Properties;
  return told(id, { 'keeps its lines for ever': !Number.isInteger(RetentionInDays) });
}

const destinationsSchema = z.object({ DestinationConfig: z.record(z.string(), z.object({ Destination: z.string() })) });

/** What a function was called with, and what it answered, stays with the stage. */
function openDestinations(template: Template, id: string): string[] {
  const { DestinationConfig } = destinationsSchema.parse(template.Resources[id]!.Properties);
  const others = Object.values(DestinationConfig).filter(
    ({ Destination }) => !new RegExp(`^arn:aws:\\w+:[\\w-]+:${ACCOUNT}:swath-`).test(Destination),
  );
  return others.map(({ Destination }) => `${id}: tells ${Destination}`);
}

/** Whether a policy of the resource that others refer to so refuses everybody who comes without TLS. */
function isTlsOnly(
  { Resources }: Template,
  statements: Statement[],
  { refersTo, action, arns }: { refersTo: string; action: string; arns: string[] },
): boolean {
  return statements.some(({ owner, kind, isAllow, actions, resources, principals, condition }) => {
    const { Bucket, Queues, Topics } = Resources[owner]!.Properties;
    return (
      kind === 'resource' &&
      !isAllow &&
      [Bucket, Queues, Topics].flat().includes(refersTo) &&
      principals.includes('*') &&
      actions.includes(action) &&
      arns.every((arn) => resources.includes(arn)) &&
      JSON.stringify(condition) === '{"Bool":{"aws:SecureTransport":false}}'
    );
  });
}

/** A sentence for each thing that is so. */
function told(id: string, open: Record<string, boolean>): string[] {
  return Object.entries(open)
    .filter(([, isSo]) => isSo)
    .map(([what]) => `${id}: ${what}`);
}
