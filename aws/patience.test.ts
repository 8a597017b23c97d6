import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { SFNClient } from '@aws-sdk/client-sfn';
import { executionsOf } from './executions.ts';
import { patience } from './patience.ts';

const ARN = 'arn:aws:states:us-east-1:000000000000:stateMachine:m';

/** One request by each of our clients as a function makes them, in a process that waits no time between two tries. */
const SCRIPT = `
Math.random = () => 0;
const { readFrom } = await import('./bucket.ts');
const { publishTo } = await import('./cloudwatch.ts');
const { executionsOf } = await import('./executions.ts');
const { secretIn } = await import('./parameterStore.ts');
const { connectTables } = await import('./tables.ts');
const requests = {
  S3: () => readFrom('bucket')('key'),
  CloudWatch: () => publishTo('dev')([{ metric: 'Blanks', value: 1, dimensions: {} }]),
  StepFunctions: () => executionsOf('${ARN}').start('n', {}),
  SSM: () => secretIn('/a')(),
  DynamoDB: () => connectTables().get({ TableName: 't', Key: { a: 'b' } }),
};
const ends = {};
for (const [name, request] of Object.entries(requests)) ends[name] = await request().then(() => 'fine', ({ name }) => name);
console.log(JSON.stringify(ends));
`;

/** Of a service's first requests so many are refused, as it refuses what is too much. */
async function throttledService(refused: number) {
  const requests: Record<string, number> = {};
  const server = createServer((request, response) => {
    const [target = ''] = /^[A-Za-z]+/.exec(String(request.headers['x-amz-target'] ?? 'objects')) ?? [];
    requests[target] = (requests[target] ?? 0) + 1;
    request.resume();
    const isRefused = requests[target] <= refused;
    if (target === 'objects') {
      response.writeHead(isRefused ? 503 : 200, { 'content-type': 'application/xml' });
      return response.end(isRefused ? '<Error><Code>SlowDown</Code></Error>' : 'fine');
    }
    response.writeHead(isRefused ? 400 : 200, { 'content-type': 'application/x-amz-json-1.0' });
    return response.end(JSON.stringify(isRefused ? { __type: 'ThrottlingException', message: 'Rate exceeded' } : {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const environment: NodeJS.ProcessEnv = {
    PATH,
    ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }),
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  /** How the request of each client ended. */
  async function ask(others: NodeJS.ProcessEnv = {}): Promise<Record<string, string>> {
    const module = new URL('patience.ts', import.meta.url); // what the script imports lies beside it
    const script = SCRIPT.replaceAll(/import\('\.\/(\w+\.ts)'\)/g, (_, name) => `import('${new URL(name, module)}')`);
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
      env: { ...environment, ...others },
    });
    return JSON.parse(stdout);
  }
  return { requests, ask, close: () => server.close() };
}

const each = <Value>(value: Value) => ({
  S3: value,
  CloudWatch: value,
  StepFunctions: value,
  SSM: value,
  DynamoDB: value,
});
const asked = (count: number) => ({
  objects: count,
  GraniteServiceVersion: count,
  AWSStepFunctions: count,
  AmazonSSM: count,
  DynamoDB: count,
});

describe('throttling', () => {
  test('is met with five more tries, by every client of a function', async () => {
    const { requests, ask, close } = await throttledService(5);
    try {
      assert.deepEqual(await ask(), each('fine'));
      assert.deepEqual(requests, asked(6));
    } finally {
      close();
    }
  });

  test('that lasts is an error, after no more tries than those, or than the environment says', async () => {
    const lasting = { ...each('ThrottlingException'), S3: 'SlowDown' };
    for (const [environment, tries] of [
      [{}, 6],
      [{ AWS_MAX_ATTEMPTS: '2' }, 2],
    ] as const) {
      const { requests, ask, close } = await throttledService(Number.POSITIVE_INFINITY);
      try {
        assert.deepEqual(await ask(environment), lasting);
        assert.deepEqual(requests, asked(tries));
      } finally {
        close();
      }
    }
  });

  test('of a sweep that starts thousands of executions makes it slower, and leaves none out', async ({ mock }) => {
    // StartExecution where least is allowed: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
    const [BUCKET, REFILL_PER_SECOND] = [800, 150];
    const [TICK, REQUEST_MILLISECONDS, AT_ONCE, FILES] = [10, 30, 20, 2000];
    mock.timers.enable({ apis: ['setTimeout'] });
    let tokens = BUCKET;
    let [milliseconds, refused] = [0, 0];
    const started = new Set<string>();
    const client = new SFNClient({
      ...patience,
      maxAttempts: 6, // whatever this process's environment says
      region: 'us-east-1',
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
      signer: { sign: async (request) => request }, // nobody looks at the signatures, which take most of the time
      requestHandler: {
        handle: async ({ body }: { body: Uint8Array }) => {
          await new Promise((resolve) => setTimeout(resolve, REQUEST_MILLISECONDS));
          const isRefused = tokens < 1;
          if (isRefused) refused += 1;
          else {
            tokens -= 1;
            started.add(JSON.parse(new TextDecoder().decode(body)).name);
          }
          const answer = isRefused ? { __type: 'ThrottlingException', message: 'Rate exceeded' } : {};
          return {
            response: {
              statusCode: isRefused ? 400 : 200,
              headers: { 'content-type': 'application/x-amz-json-1.0' },
              body: Readable.from([Buffer.from(JSON.stringify(answer))]),
            },
          };
        },
      } as never,
    });
    const executions = executionsOf(ARN, client);
    let isOver = false;
    let next = 0;
    const worker = async () => {
      while (next < FILES) {
        next += 1;
        await executions.start(`file-${next}`, {});
      }
    };
    const all = Promise.all(Array.from({ length: AT_ONCE }, worker)).finally(() => {
      isOver = true;
    });
    all.catch(() => {}); // it is looked at below
    while (!isOver) {
      for (let i = 0; i < 20; i += 1) await turn(); // what a tick has set going comes to rest
      mock.timers.tick(TICK);
      milliseconds += TICK;
      tokens = Math.min(BUCKET, tokens + (REFILL_PER_SECOND * TICK) / 1000);
    }
    await all;
    assert.equal(started.size, FILES);
    assert.ok(refused > 100, `${refused} were refused`);
    const atBest = (FILES - BUCKET) / REFILL_PER_SECOND;
    assert.ok(milliseconds / 1000 < 2 * atBest, `${milliseconds / 1000} s, at best ${atBest} s`);
  });
});
