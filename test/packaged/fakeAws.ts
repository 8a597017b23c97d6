import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import type { Call } from './permissions.ts';
import { resourcesOf, type Template } from './template.ts';

/** Whether a caller may do what it asks for; callers are told apart by their access key. */
export type Authorize = (caller: string, call: Call) => boolean;

type Answer = { status?: number; type?: string; headers?: Record<string, string>; body?: string | Uint8Array };
type Fields = Record<string, string | undefined>;

const JSON_1_0 = 'application/x-amz-json-1.0';

/**
 * As much of S3, CloudWatch and Step Functions as the functions call, and a real table store, behind one address; it
 * refuses whatever the caller's role does not allow.
 */
export async function startFakeAws(template: Template, authorize: Authorize) {
  /** For each bucket its objects, as `key#version`, or `key` where nobody named a version. */
  const objects = new Map(
    resourcesOf(template, 'AWS::S3::Bucket').map(([, { Properties }]) => [
      String(Properties['BucketName']),
      new Map<string, { bytes: Uint8Array; modified: Date }>(),
    ]),
  );
  const published: Record<string, unknown>[] = [];
  const started = new Map<string, unknown>();
  /** Names that an execution had before; it has failed. */
  const taken = new Set<string>();

  const tables = dynalite({ createTableMs: 0 });
  const tablesAt = await listen(tables);
  await createTables(template, tablesAt);

  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const caller = /Credential=(\w+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const mayI = (call: Call) => authorize(caller, call);
    const [service = '', operation = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
    const answer = service.startsWith('DynamoDB')
      ? await toTables(request, body, operation, mayI)
      : service.startsWith('GraniteService')
        ? cloudWatch(JSON.parse(body.toString()), mayI)
        : service.startsWith('AWSStepFunctions')
          ? stepFunctions(operation, JSON.parse(body.toString()), mayI)
          : s3(request, body, mayI);
    send(response, answer);
  });

  async function toTables(request: IncomingMessage, body: Buffer, operation: string, mayI: MayI): Promise<Answer> {
    const asked = JSON.parse(body.toString()) as Fields & { RequestItems?: object };
    const { IndexName, TableName = Object.keys(asked.RequestItems ?? {})[0] } = asked;
    const table = `arn:aws:dynamodb:us-east-1:123456789012:table/${TableName}`;
    const resource = IndexName === undefined ? table : `${table}/index/${IndexName}`;
    if (!mayI({ action: `dynamodb:${operation}`, resource })) return denied(`dynamodb:${operation}`);
    const names = ['content-type', 'x-amz-target', 'x-amz-date', 'authorization'];
    const headers = Object.fromEntries(names.map((name) => [name, String(request.headers[name])]));
    const reply = await fetch(tablesAt, { method: 'POST', headers, body: new Uint8Array(body) });
    return { status: reply.status, type: JSON_1_0, body: await reply.text() };
  }

  function cloudWatch(input: { Namespace: string; MetricData: Record<string, unknown>[] }, mayI: MayI): Answer {
    const context = { 'cloudwatch:namespace': input.Namespace };
    if (!mayI({ action: 'cloudwatch:PutMetricData', resource: '*', context })) return denied('PutMetricData');
    published.push(...input.MetricData);
    return { type: JSON_1_0, body: '{}' };
  }

  function stepFunctions(operation: string, input: Fields, mayI: MayI): Answer {
    const resource = input['stateMachineArn'] ?? input['executionArn'] ?? '';
    if (!mayI({ action: `states:${operation}`, resource })) return denied(operation);
    if (operation === 'DescribeExecution') return json({ status: 'FAILED', error: 'Test', cause: 'It went wrong.' });
    const name = input['name'] ?? '';
    if (taken.has(name)) return refused('ExecutionAlreadyExists', 'That name is taken.');
    started.set(name, JSON.parse(input['input'] ?? '')); // a name that runs with the same input gets the same answer
    return json({ executionArn: `${resource}:${name}`, startDate: 0 });
  }

  function s3(request: IncomingMessage, body: Buffer, mayI: MayI): Answer {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://s3');
    const [bucket = '', key = ''] = /^\/([^/]+)\/?(.*)$/.exec(decodeURIComponent(pathname))?.slice(1) ?? [];
    const arn = `arn:aws:s3:::${bucket}`;
    const held = objects.get(bucket);
    if (held === undefined) return missing('NoSuchBucket');
    if (searchParams.has('versions')) {
      if (!mayI({ action: 's3:ListBucketVersions', resource: arn })) return forbidden;
      const prefix = searchParams.get('prefix') ?? '';
      const entries = [...held].filter(([id]) => id.startsWith(prefix));
      const versions = entries
        .map(([id, { bytes }]) => {
          const [k, v] = id.split('#');
          return `<Version><Key>${k}</Key><VersionId>${v}</VersionId><Size>${bytes.length}</Size></Version>`;
        })
        .join('');
      return { type: 'application/xml', body: `<ListVersionsResult>${versions}</ListVersionsResult>` };
    }
    if (request.method === 'PUT') {
      if (!mayI({ action: 's3:PutObject', resource: `${arn}/${key}` })) return forbidden;
      const isThere = held.has(key);
      const isRefused = isThere ? request.headers['if-none-match'] === '*' : request.headers['if-match'] !== undefined;
      if (isRefused)
        return { status: 412, type: 'application/xml', body: '<Error><Code>PreconditionFailed</Code></Error>' };
      held.set(key, { bytes: body, modified: new Date() });
      return { headers: { etag: '"put"' } };
    }
    const version = searchParams.get('versionId');
    const action = version === null ? 's3:GetObject' : 's3:GetObjectVersion';
    if (!mayI({ action, resource: `${arn}/${key}` })) return forbidden;
    const object = held.get(version === null ? key : `${key}#${version}`);
    if (object !== undefined) {
      const headers = { 'last-modified': object.modified.toUTCString() };
      const [first, last] =
        /^bytes=(\d+)-(\d+)$/
          .exec(request.headers.range ?? '')
          ?.slice(1)
          .map(Number) ?? [];
      if (first === undefined || last === undefined) return { headers, body: object.bytes };
      return { status: 206, headers, body: object.bytes.subarray(first, last + 1) };
    }
    return mayI({ action: 's3:ListBucket', resource: arn }) ? missing('NoSuchKey') : forbidden;
  }

  const endpoint = await listen(server);
  return {
    endpoint,
    tables: tablesAt,
    objects,
    published,
    started,
    taken,
    close: () => {
      server.closeAllConnections();
      server.close();
      tables.closeAllConnections();
      tables.close();
    },
  };
}

export type FakeAws = Awaited<ReturnType<typeof startFakeAws>>;
type MayI = (call: Call) => boolean;

const forbidden: Answer = { status: 403, type: 'application/xml', body: '<Error><Code>AccessDenied</Code></Error>' };

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
