import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { askServer } from '../../local/tables/tableRequests.ts';
import { constantInvocation } from '../benches/constantModel.ts';
import type { Call } from './permissions.ts';
import { resourcesOf, type Template } from './template.ts';

/**
 * Whether a caller may do what it asks for, or is told that the service is busy; callers are told apart by their access key.
 * What is asked for waits for the answer.
 */
export type Authorize = (caller: string, call: Call) => Allowed | Promise<Allowed>;
type Allowed = boolean | 'busy';

/** What somebody asks for, of the services whose requests name it: which one and what. S3's have a method and an address. */
export type Asked = { caller: string; service: string; operation: string; method: string; url: string; body: Buffer };
/** Stands before all that is asked: it has it answered, and may have the tables asked for something else. */
export type Observe = (asked: Asked, answer: (body?: Buffer) => Promise<Answer>) => Promise<Answer>;

/** Thrown to answer as a service does that is overloaded. */
class Busy extends Error {}

type StoredObject = { bytes: Uint8Array; modified: Date };
export type Answer = { status?: number; type?: string; headers?: Record<string, string>; body?: string | Uint8Array };
type Fields = Record<string, string | undefined>;
type Sending = {
  QueueUrl: string;
  MessageBody: string;
  DelaySeconds?: number;
  MessageAttributes?: Record<string, { StringValue: string }>;
};

const JSON_1_0 = 'application/x-amz-json-1.0';

/**
 * As much of S3, CloudWatch, Step Functions, SQS, SNS, SSM, Glue, Redshift's Data API and SageMaker with its Feature Store as the functions call, and a real table store, behind one address; it
 * refuses whatever the caller's role does not allow.
 */
/** A bucket that is not the service's own, as the parameter featureSource names it. */
export const LAKE = 'swath-lake';

export async function startFakeAws(
  template: Template,
  authorize: Authorize,
  observe: Observe = (_asked, answer) => answer(),
) {
  /** For each bucket its objects, as `key#version`, or `key` where nobody named a version. */
  const names = resourcesOf(template, 'AWS::S3::Bucket').map(([, { Properties }]) => String(Properties['BucketName']));
  const objects = new Map([...names, LAKE].map((name) => [name, new Map<string, StoredObject>()]));
  /** Uploads that are under way, each with its parts by their numbers. */
  const uploads = new Map<string, Map<number, Buffer>>();
  const published: Record<string, unknown>[] = [];
  const started = new Map<string, unknown>();
  /** Messages that were sent to queues. */
  const sent: { queue: string; body: string; delay: number; attributes: Record<string, string> }[] = [];
  /** What was published to topics. */
  const told: { topic: string; subject: string; text: string }[] = [];
  /** SSM's parameters, by their names. */
  const secrets = new Map<string, string>();
  /** Of the catalogue, by database, table and values. */
  const partitions = new Map<string, unknown>();
  /** What a warehouse was told, a transaction each. */
  const transactions: (readonly string[])[] = [];
  /** Of Feature Store, by group and id. */
  const records = new Map<string, Record<string, string>>();
  /** Names that an execution had before; it has failed. */
  const taken = new Set<string>();

  const tables = dynalite({ createTableMs: 0 });
  const tablesAt = await listen(tables);
  const { ask: askTables } = askServer(tables);
  await createTables(template, tablesAt);

  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const caller = /Credential=(\w+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const mayI = async (call: Call) => {
      const allowed = await authorize(caller, call);
      if (allowed === 'busy') throw new Busy();
      return allowed;
    };
    const [service = '', operation = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
    const input = () => JSON.parse(body.toString());
    const answered = (sent: Buffer = body): Promise<Answer> => {
      if (service.startsWith('DynamoDB')) return toTables(request, sent, operation, mayI);
      if (service.startsWith('GraniteService')) return cloudWatch(input(), mayI);
      if (service.startsWith('AWSStepFunctions')) return stepFunctions(operation, input(), mayI);
      if (service === 'AmazonSSM') return ssm(operation, input(), mayI);
      if (service === 'AWSGlue') return glue(operation, input(), mayI);
      if (service === 'RedshiftData') return redshift(operation, input(), mayI);
      if (service === 'AmazonSQS') return sqs(operation, input(), mayI);
      const [, endpoint, isAsync] = /^\/endpoints\/([^/]+)\/(async-)?invocations$/.exec(request.url ?? '') ?? [];
      if (endpoint !== undefined) return sageMaker(endpoint, isAsync !== undefined, request, sent, mayI);
      if (request.url === '/BatchGetRecord') return featureStore(input(), mayI);
      const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
      return isForm ? sns(new URLSearchParams(body.toString()), mayI) : s3(request, body, mayI);
    };
    const { method = '', url = '' } = request;
    const asked = observe({ caller, service, operation, method, url, body }, answered);
    const answer = await asked.catch((error: unknown) => {
      if (error instanceof Busy) return service === '' ? slowDown : unavailable;
      return refused('TestFailed', String(error)); // so that whoever waits for an answer says what went wrong
    });
    send(response, answer);
  });

  async function toTables(request: IncomingMessage, body: Buffer, operation: string, mayI: MayI): Promise<Answer> {
    const asked = JSON.parse(body.toString()) as Fields & { RequestItems?: object };
    const { IndexName, TableName = Object.keys(asked.RequestItems ?? {})[0] } = asked;
    const table = `arn:aws:dynamodb:us-east-1:123456789012:table/${TableName}`;
    const resource = IndexName === undefined ? table : `${table}/index/${IndexName}`;
    if (!(await mayI({ command: operation, action: `dynamodb:${operation}`, resource })))
      return denied(`dynamodb:${operation}`);
    const target = String(request.headers['x-amz-target']);
    return { ...(await askTables({ target, body: body.toString() })), type: JSON_1_0 };
  }

  async function cloudWatch(
    input: { Namespace: string; MetricData: Record<string, unknown>[] },
    mayI: MayI,
  ): Promise<Answer> {
    const context = { 'cloudwatch:namespace': input.Namespace };
    if (!(await mayI({ command: 'PutMetricData', action: 'cloudwatch:PutMetricData', resource: '*', context })))
      return denied('PutMetricData');
    published.push(...input.MetricData);
    return { type: JSON_1_0, body: '{}' };
  }

  async function stepFunctions(operation: string, input: Fields, mayI: MayI): Promise<Answer> {
    const resource = input['stateMachineArn'] ?? input['executionArn'] ?? '';
    if (!(await mayI({ command: operation, action: `states:${operation}`, resource }))) return denied(operation);
    if (operation === 'DescribeExecution') return json({ status: 'FAILED', error: 'Test', cause: 'It went wrong.' });
    const name = input['name'] ?? '';
    if (taken.has(name)) return refused('ExecutionAlreadyExists', 'That name is taken.');
    started.set(name, JSON.parse(input['input'] ?? '')); // a name that runs with the same input gets the same answer
    return json({ executionArn: `${resource}:${name}`, startDate: 0 });
  }

  async function ssm(operation: string, { Name = '' }: Fields, mayI: MayI): Promise<Answer> {
    const resource = `arn:aws:ssm:us-east-1:123456789012:parameter${Name}`;
    if (!(await mayI({ command: operation, action: `ssm:${operation}`, resource }))) return denied(operation);
    const Value = secrets.get(Name);
    return Value === undefined ? refused('ParameterNotFound', '') : json({ Parameter: { Name, Value } });
  }

  /** Glue asks for a right on the catalogue, the database and the table at once. */
  async function glue(operation: string, input: Fields & { PartitionInput?: Fields }, mayI: MayI): Promise<Answer> {
    const { DatabaseName, TableName } = input;
    for (const path of ['catalog', `database/${DatabaseName}`, `table/${DatabaseName}/${TableName}`]) {
      const resource = `arn:aws:glue:us-east-1:123456789012:${path}`;
      if (!(await mayI({ command: operation, action: `glue:${operation}`, resource }))) return denied(operation);
    }
    const partition = JSON.stringify([DatabaseName, TableName, input.PartitionInput?.['Values']]);
    if (partitions.has(partition)) return refused('AlreadyExistsException', 'Partition already exists.');
    partitions.set(partition, input);
    return json({});
  }

  /** Whoever publishes to a topic that is encrypted needs its key: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html */
  async function sns(asked: URLSearchParams, mayI: MayI): Promise<Answer> {
    const [command, topic] = [asked.get('Action') ?? '', asked.get('TopicArn') ?? ''];
    const key = 'arn:aws:kms:us-east-1:123456789012:key/swath-generated-AlarmKey';
    const needed = [`sns:${command} ${topic}`, `kms:GenerateDataKey ${key}`, `kms:Decrypt ${key}`];
    for (const [action = '', resource = ''] of needed.map((one) => one.split(' ')))
      if (!(await mayI({ command, action, resource })))
        return {
          status: 403,
          type: 'text/xml',
          body: '<ErrorResponse><Error><Code>AuthorizationError</Code></Error></ErrorResponse>',
        };
    told.push({ topic, subject: asked.get('Subject') ?? '', text: asked.get('Message') ?? '' });
    const answer = `<PublishResult><MessageId>${told.length}</MessageId></PublishResult>`;
    return {
      type: 'text/xml',
      body: `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${answer}</PublishResponse>`,
    };
  }

  async function sqs(operation: string, input: Sending, mayI: MayI): Promise<Answer> {
    const { QueueUrl: queue, MessageBody: body, MessageAttributes = {}, DelaySeconds: delay = 0 } = input;
    const resource = `arn:aws:sqs:us-east-1:123456789012:${queue.split('/').at(-1)}`;
    if (!(await mayI({ command: operation, action: `sqs:${operation}`, resource }))) return denied(operation);
    const attributes = Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]);
    sent.push({ queue, body, delay, attributes: Object.fromEntries(attributes) });
    return json({ MessageId: String(sent.length), MD5OfMessageBody: createHash('md5').update(body).digest('hex') });
  }

  /** The Data API of a warehouse, which has credentials made for whoever runs or describes something in it. */
  async function redshift(operation: string, input: Fields & { Sqls?: string[] }, mayI: MayI): Promise<Answer> {
    const ofStatement = operation === 'DescribeStatement';
    const workgroup = `arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/${input['WorkgroupName']}`;
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of IAM, whose value is the caller's own
    const context = { 'redshift-data:statement-owner-iam-userid': '${aws:userid}' };
    const call = { command: operation, action: `redshift-data:${operation}` };
    if (!(await mayI(ofStatement ? { ...call, resource: '*', context } : { ...call, resource: workgroup })))
      return denied(operation);
    if (ofStatement) return json({ Id: 'statement', Status: 'FINISHED' });
    const credentials = { command: operation, action: 'redshift-serverless:GetCredentials', resource: workgroup };
    if (!(await mayI(credentials))) return denied('GetCredentials');
    if (operation === 'DescribeTable') return json({ ColumnList: [{ name: 'run' }] });
    transactions.push(input.Sqls ?? []);
    return json({ Id: 'statement' });
  }

  /** An endpoint of a model that predicts a constant; an asynchronous one has answered at once. */
  async function sageMaker(
    name: string,
    isAsync: boolean,
    { headers }: IncomingMessage,
    body: Buffer,
    mayI: MayI,
  ): Promise<Answer> {
    const command = isAsync ? 'InvokeEndpointAsync' : 'InvokeEndpoint';
    const resource = `arn:aws:sagemaker:us-east-1:123456789012:endpoint/${name}`;
    if (!(await mayI({ command, action: `sagemaker:${command}`, resource }))) return denied(command);
    if (!isAsync) return constantInvocation(body, headers['content-type'] ?? '');
    const location = String(headers['x-amzn-sagemaker-inputlocation']);
    const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(location) ?? [];
    const input = objects.get(bucket)!.get(key)!.bytes;
    const { body: bytes } = constantInvocation(input, String(headers['x-amzn-sagemaker-content-type']));
    objects.get(bucket)!.set('endpoints/answers/1.out', { bytes, modified: new Date() });
    const at = `s3://${bucket}/endpoints/answers/1`;
    return {
      ...json({ InferenceId: '1' }),
      status: 202,
      headers: { 'x-amzn-sagemaker-outputlocation': `${at}.out`, 'x-amzn-sagemaker-failurelocation': `${at}.error` },
    };
  }

  async function featureStore(
    { Identifiers }: { Identifiers: { FeatureGroupName: string; RecordIdentifiersValueAsString: string[] }[] },
    mayI: MayI,
  ): Promise<Answer> {
    const [{ FeatureGroupName, RecordIdentifiersValueAsString: ids }] = Identifiers as [(typeof Identifiers)[0]];
    const command = 'BatchGetRecord';
    const resource = `arn:aws:sagemaker:us-east-1:123456789012:feature-group/${FeatureGroupName}`;
    if (!(await mayI({ command, action: `sagemaker:${command}`, resource }))) return denied(command);
    const Records = ids.flatMap((RecordIdentifierValueAsString) => {
      const record = records.get(`${FeatureGroupName}/${RecordIdentifierValueAsString}`);
      const of = Object.entries(record ?? {}).map(([FeatureName, ValueAsString]) => ({ FeatureName, ValueAsString }));
      return record ? [{ FeatureGroupName, RecordIdentifierValueAsString, Record: of }] : [];
    });
    return json({ Records, Errors: [], UnprocessedIdentifiers: [] });
  }

  async function s3(request: IncomingMessage, body: Buffer, mayI: MayI): Promise<Answer> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://s3');
    const [bucket = '', key = ''] = /^\/([^/]+)\/?(.*)$/.exec(decodeURIComponent(pathname))?.slice(1) ?? [];
    const arn = `arn:aws:s3:::${bucket}`;
    const held = objects.get(bucket);
    if (held === undefined) return missing('NoSuchBucket');
    if (searchParams.has('versions')) {
      const prefix = searchParams.get('prefix') ?? '';
      const context = { 's3:prefix': prefix };
      if (!(await mayI({ command: 'ListObjectVersions', action: 's3:ListBucketVersions', resource: arn, context })))
        return forbidden;
      return { type: 'application/xml', body: listed(held, prefix, searchParams) };
    }
    if (searchParams.get('list-type') === '2') {
      const prefix = searchParams.get('prefix') ?? '';
      const context = { 's3:prefix': prefix };
      if (!(await mayI({ command: 'ListObjectsV2', action: 's3:ListBucket', resource: arn, context })))
        return forbidden;
      const own = [...held]
        .map(([id, object]) => ({ key: id.split('#')[0]!, object }))
        .filter(({ key }) => key.startsWith(prefix));
      const listing = own
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .map(
          ({ key, object }) =>
            `<Contents><Key>${key}</Key><Size>${object.bytes.length}</Size><ETag>${tagOf(object)}</ETag></Contents>`,
        );
      const contents = listing.join('');
      return { type: 'application/xml', body: `<ListBucketResult>${contents}</ListBucketResult>` };
    }
    if (searchParams.has('uploads') || searchParams.has('uploadId'))
      return upload({ method: request.method ?? '', bucket, key, query: searchParams }, body, mayI);
    const command = COMMANDS[request.method ?? ''] ?? '';
    const version = searchParams.get('versionId');
    const id = version === null ? key : `${key}#${version}`;
    const ofVersion = version === null ? '' : 'Version';
    const resource = `${arn}/${key}`;
    if (request.method === 'PUT') {
      const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html: to compare is to read.
      if (ifMatch !== undefined && !(await mayI({ command, action: 's3:GetObject', resource }))) return forbidden;
      if (!(await mayI({ command, action: 's3:PutObject', resource }))) return forbidden;
      const there = held.get(key);
      const isRefused =
        there === undefined ? ifMatch !== undefined : ifNoneMatch === '*' || (ifMatch ?? tagOf(there)) !== tagOf(there);
      if (isRefused)
        return { status: 412, type: 'application/xml', body: '<Error><Code>PreconditionFailed</Code></Error>' };
      const put = { bytes: body, modified: new Date() };
      held.set(key, put);
      return { headers: { etag: tagOf(put), 'x-amz-version-id': versionOf(put) ?? '' } };
    }
    if (request.method === 'DELETE') {
      if (!(await mayI({ command, action: `s3:DeleteObject${ofVersion}`, resource }))) return forbidden;
      if (version === null || versionOf(held.get(key)) === version) held.delete(key);
      else held.delete(id);
      return { status: 204 };
    }
    if (!(await mayI({ command, action: `s3:GetObject${ofVersion}`, resource }))) return forbidden;
    const current = held.get(key);
    const object = held.get(id) ?? (versionOf(current) === version ? current : undefined);
    if (object === undefined)
      return (await mayI({ command, action: 's3:ListBucket', resource: arn })) ? missing('NoSuchKey') : forbidden;
    const headers = {
      'last-modified': object.modified.toUTCString(),
      etag: tagOf(object),
      'x-amz-version-id': version ?? versionOf(object) ?? '',
    };
    const [first, last] =
      /^bytes=(\d+)-(\d+)$/
        .exec(request.headers.range ?? '')
        ?.slice(1)
        .map(Number) ?? [];
    if (first === undefined || last === undefined) return { headers, body: object.bytes };
    return { status: 206, headers, body: object.bytes.subarray(first, last + 1) };
  }

  /** An upload in parts: it is begun, has its parts, and is completed or aborted. */
  async function upload({ method, bucket, key, query }: UploadRequest, body: Buffer, mayI: MayI): Promise<Answer> {
    const id = query.get('uploadId') ?? String(uploads.size + 1);
    const part = query.get('partNumber');
    const resource = `arn:aws:s3:::${bucket}/${key}`;
    const command =
      part !== null
        ? 'UploadPart'
        : method === 'DELETE'
          ? 'AbortMultipartUpload'
          : query.has('uploads')
            ? 'CreateMultipartUpload'
            : 'CompleteMultipartUpload';
    const action = method === 'DELETE' ? 's3:AbortMultipartUpload' : 's3:PutObject';
    if (!(await mayI({ command, action, resource }))) return forbidden;
    const parts = uploads.get(id) ?? new Map<number, Buffer>();
    uploads.set(id, parts);
    const type = 'application/xml';
    if (part !== null) {
      parts.set(Number(part), body);
      return { headers: { etag: `"${id}-${part}"` } };
    }
    if (method === 'DELETE') {
      uploads.delete(id);
      return { status: 204 };
    }
    if (query.has('uploads'))
      return {
        type,
        body: `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      };
    uploads.delete(id);
    const bytes = Buffer.concat([...parts].sort(([one], [other]) => one - other).map(([, piece]) => piece));
    const put = { bytes, modified: new Date() };
    objects.get(bucket)!.set(key, put);
    const tag = tagOf(put).replaceAll('"', '&quot;');
    return {
      type,
      headers: { 'x-amz-version-id': versionOf(put) ?? '' },
      body: `<CompleteMultipartUploadResult><ETag>${tag}</ETag></CompleteMultipartUploadResult>`,
    };
  }

  const endpoint = await listen(server);
  return {
    endpoint,
    tables: tablesAt,
    objects,
    published,
    transactions,
    records,
    uploads,
    secrets,
    told,
    started,
    sent,
    taken,
    partitions,
    close: () => {
      server.closeAllConnections();
      server.close();
      tables.closeAllConnections();
      tables.close();
    },
  };
}

export type FakeAws = Awaited<ReturnType<typeof startFakeAws>>;
type MayI = (call: Call) => Promise<boolean>;

type UploadRequest = { method: string; bucket: string; key: string; query: URLSearchParams };

/** S3's commands for one object. */
const COMMANDS: Record<string, string> = {
  GET: 'GetObject',
  HEAD: 'HeadObject',
  PUT: 'PutObject',
  DELETE: 'DeleteObject',
};
const MD5_DIGITS = 32;

/** Each answer about an object tells its tag: of some megabytes it is computed once. */
const tags = new WeakMap<Uint8Array, string>();

function tagOf({ bytes }: StoredObject): string {
  const tag = tags.get(bytes) ?? `"${createHash('md5').update(bytes).digest('hex')}"`;
  tags.set(bytes, tag);
  return tag;
}

/** The version of an object that nobody has named one for: by what it holds. */
function versionOf(object: StoredObject | undefined): string | undefined {
  return object && tagOf(object).slice(1, 1 + MD5_DIGITS);
}

/** So many versions are on a page, unless fewer are asked for. */
const PAGE = 1000;

/** A page of the versions of all objects, in the order of their keys, the newest of a key first; behind a key, where the question says so. */
function listed(held: ReadonlyMap<string, StoredObject>, prefix: string, asked: URLSearchParams): string {
  const after = asked.get('key-marker') ?? '';
  const all = [...held]
    .reverse()
    .map(([id, object]) => ({ key: id.split('#')[0] ?? '', version: id.split('#')[1], object }))
    .filter(({ key }) => key.startsWith(prefix) && key > after)
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const page = all.slice(0, Number(asked.get('max-keys') ?? PAGE));
  const versions = page.map(({ key, version, object }) => {
    const fields = {
      Key: encodeURIComponent(key),
      VersionId: version ?? versionOf(object),
      LastModified: object.modified.toISOString(),
      Size: object.bytes.length,
    };
    const elements = Object.entries({ ...fields, ETag: tagOf(object).replaceAll('"', '&quot;') });
    return `<Version>${elements.map(([name, value]) => `<${name}>${value}</${name}>`).join('')}</Version>`;
  });
  const last = encodeURIComponent(page.at(-1)?.key ?? '');
  const next = all.length > page.length ? `<IsTruncated>true</IsTruncated><NextKeyMarker>${last}</NextKeyMarker>` : '';
  return `<ListVersionsResult><EncodingType>url</EncodingType>${next}${versions.join('')}</ListVersionsResult>`;
}

const forbidden: Answer = { status: 403, type: 'application/xml', body: '<Error><Code>AccessDenied</Code></Error>' };

const slowDown: Answer = { status: 503, type: 'application/xml', body: '<Error><Code>SlowDown</Code></Error>' };
const unavailable: Answer = { ...json({ __type: 'InternalServerError', message: 'Try again.' }), status: 500 };

function missing(code: string): Answer {
  return { status: 404, type: 'application/xml', body: `<Error><Code>${code}</Code></Error>` };
}

function json(body: unknown): Answer {
  return { type: JSON_1_0, body: JSON.stringify(body) };
}

function refused(type: string, message: string): Answer {
  return { ...json({ __type: type, message }), status: 400 };
}

function denied(action: string): Answer {
  return refused('AccessDeniedException', `The role does not allow ${action}.`);
}

function send(response: ServerResponse, { status = 200, type, headers, body = '' }: Answer): void {
  response.writeHead(status, {
    ...headers,
    ...(type && { 'content-type': type }),
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  server.keepAliveTimeout = 0; // functions try each request once: none may meet a connection that is just being closed
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The tables that the template deploys. */
async function createTables(template: Template, endpoint: string): Promise<void> {
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  for (const [, { Properties }] of resourcesOf(template, 'AWS::DynamoDB::Table')) {
    const { TableName, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, BillingMode } = Properties;
    const input = { TableName, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, BillingMode };
    await client.send(new CreateTableCommand(JSON.parse(JSON.stringify(input)) as CreateTableCommandInput));
  }
  client.destroy();
}
