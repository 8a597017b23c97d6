import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { readFrom, writeTo } from '../../aws/bucket.ts';
import { endpointsOf } from '../../aws/endpoints.ts';
import { askSageMaker } from '../../aws/sageMaker.ts';
import { JSON_LENGTH_HEADER, SAGEMAKER_TYPE } from '../../core/inference/openInference/endpoint.ts';
import { startBundledServer } from '../benches/bundledServer.ts';
import { type Invoke, startSageMakerRuntime } from '../benches/sageMakerRuntime.ts';
import { freePort } from '../freePort.ts';
import { largestDifference, openBoth } from './largestDifference.ts';

/**
 * The Open Inference Protocol against software of others, which is Python: NVIDIA's client asks a server of Swath, and Swath runs models on
 * servers of KServe, which takes binary tensors, and of MLServer, which knows JSON alone.
 */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const HERE = fileURLToPath(new URL('./', import.meta.url));
const FOLDERS = { forage: 'droughtwatch-baseline/1.1.0', soil: 'landsat-statlog/1.0.0' };
const UP_SECONDS = 120;

/** Looks for modules without loading them, which takes seconds. */
const FIND = 'import sys, importlib.util as u; sys.exit(not all(u.find_spec(name) for name in sys.argv[1:]))';

/** Returns the Python in the path that has some modules. */
function pythonWith(...modules: string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders
    .map((folder) => join(folder, 'python3'))
    .filter((file) => existsSync(file))
    .find((file) => {
      try {
        execFileSync(file, ['-c', FIND, ...modules], { stdio: 'ignore' });
        return true;
      } catch {
        return false;
      }
    });
}

const kserve = pythonWith('kserve', 'tritonclient.http', 'onnxruntime');
const mlserver = pythonWith('mlserver', 'onnxruntime');
const moto = pythonWith('moto.sagemakerruntime', 'flask');
const missing = [
  ...(kserve ? [] : ['kserve with tritonclient']),
  ...(mlserver ? [] : ['mlserver']),
  ...(moto ? [] : ['moto']),
];
const skip = missing.length > 0 && `there is no Python with ${missing.join(' and ')}`;
if (skip && process.env['SWATH_OPEN_INFERENCE'] === 'required')
  throw new Error(`SWATH_OPEN_INFERENCE is required: ${skip}.`);
if (skip) console.error(`SKIPPED: no server or client of the Open Inference Protocol was asked, because ${skip}.`);

describe('the Open Inference Protocol', { skip, timeout: 5 * 60_000 }, () => {
  const home = mkdtempSync(join(tmpdir(), 'swath-open-inference-'));
  const stops: (() => Promise<unknown> | unknown)[] = [];
  after(async () => {
    for (const stop of stops) await stop();
    rmSync(home, { recursive: true, force: true });
  });

  async function start(name: string, command: string, args: readonly string[], url: string): Promise<void> {
    const log = join(home, `${name}.log`);
    const child = spawn(command, args, {
      cwd: home,
      env: { ...process.env, PYTHONPATH: HERE },
      detached: true,
      stdio: ['ignore', openSync(log, 'w'), openSync(log, 'a')],
    });
    stops.push(() => process.kill(-child.pid!, 'SIGKILL'));
    for (let waited = 0; waited < UP_SECONDS; waited += 0.5) {
      const isUp = await fetch(url).then(
        ({ status }) => status === 200,
        () => false,
      );
      if (isUp) return;
      await pause(500);
    }
    assert.fail(readFileSync(log, 'utf8').slice(-3000));
  }

  test("NVIDIA's client gets the predictions of the other routes, by binary tensors and by JSON", async () => {
    const server = await startBundledServer();
    stops.push(() => server.close());
    while ((await fetch(new URL('/v2/health/ready', server.url))).status !== 200) await pause(50);
    const { stdout } = await promisify(execFile)(kserve!, [join(HERE, 'triton.py'), new URL(server.url).host]);
    assert.equal(stdout.trim().split('\n').length, 6, stdout);
  });

  test("moto, which knows SageMaker's calls, is asked by their names, in real time and asynchronously", async () => {
    const port = String(await freePort());
    const url = `http://127.0.0.1:${port}`;
    await start('moto', moto!, ['-m', 'moto.server', '-p', port], `${url}/moto-api/data.json`);
    const account = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
    Object.assign(process.env, { ...account, AWS_ENDPOINT_URL: url });
    delete process.env['AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME'];
    const bucket = new S3Client({ forcePathStyle: true });
    await bucket.send(new CreateBucketCommand({ Bucket: 'results' }));
    const answer = { Body: '{"outputs": []}', ContentType: 'application/json' };
    const results = JSON.stringify({ results: [answer] });
    await fetch(`${url}/moto-api/static/sagemaker/endpoint-results`, { method: 'POST', body: results });
    const exchange = { bucket: 'results', read: readFrom('results', bucket), write: writeTo('results', bucket) };
    const ask = askSageMaker(['sagemaker:soil'], { ...exchange, seconds: 5 });
    const soil = { sagemaker: 'soil' };
    const body = { bytes: Buffer.from('{"inputs": []}'), headers: {} }; // it reads no other than text
    const { status, bytes } = await ask(soil, 'sagemaker:soil', body);
    assert.deepEqual([status, Buffer.from(bytes).toString()], [200, answer.Body]);
    // It answers in a bucket of its own.
    const message =
      /^The endpoint answers at s3:\/\/sagemaker-output-[^/]+\/response\.json, allowed is a place below s3:\/\/results\//;
    await assert.rejects(ask({ ...soil, asynchronous: true }, 'sagemaker:soil', body), { message });
    const { Contents = [] } = await bucket.send(new ListObjectsV2Command({ Bucket: 'results' }));
    assert.match(Contents.map(({ Key }) => Key).join(), /^endpoints\/requests\/soil\/\w{64}$/);
  });

  describe('of other servers', () => {
    let urls: Record<string, string>;
    before(async () => {
      const [one, other, ...rest] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
      urls = { KServe: `http://127.0.0.1:${one}`, MLServer: `http://127.0.0.1:${other}` };
      const [grpc, metrics] = rest;
      const settings = {
        host: '127.0.0.1',
        http_port: other,
        grpc_port: grpc,
        metrics_port: metrics,
        parallel_workers: 0,
      };
      writeFileSync(join(home, 'settings.json'), JSON.stringify(settings));
      for (const [name, folder] of Object.entries(FOLDERS)) {
        const uri = join(ROOT, 'models', folder, 'model.onnx');
        mkdirSync(join(home, name));
        const model = { name, implementation: 'mlserver_model.OnnxModel', parameters: { uri } };
        writeFileSync(join(home, name, 'model-settings.json'), JSON.stringify(model));
      }
      const forage = join(ROOT, 'models', FOLDERS.forage, 'model.onnx');
      await Promise.all([
        start(
          'kserve',
          kserve!,
          [join(HERE, 'kserve_server.py'), forage, 'forage', String(one)],
          `${urls['KServe']}/v2/models/forage`,
        ),
        start(
          'mlserver',
          mlserver!,
          ['-m', 'mlserver.cli.main', 'start', home],
          `${urls['MLServer']}/v2/models/soil/ready`,
        ),
      ]);
    });

    for (const [server, name, many] of [
      ['KServe', 'forage', 1000],
      ['MLServer', 'forage', 64], // each chip is 200 kB of JSON
      ['MLServer', 'soil', 1000],
    ] as const)
      test(`${server} predicts ${many} chips of ${name} as onnxruntime does here`, async () => {
        const url = urls[server]!;
        const both = await openBoth(FOLDERS[name], { url, model: name }, endpointsOf({ ENDPOINT_HOSTS: url }));
        const largest = await largestDifference(both, many);
        assert.ok(largest <= 1e-5, `${largest}`);
      });

    test('KServe behind an endpoint of SageMaker predicts 1000 chips as onnxruntime does here', async () => {
      const invoke: Invoke = (body, type) => {
        const [, length = ''] = type.split(SAGEMAKER_TYPE);
        const headers = { 'content-type': 'application/octet-stream', [JSON_LENGTH_HEADER]: length };
        const url = `${urls['KServe']}/v2/models/forage/infer`;
        return fetch(url, { method: 'POST', headers, body: Buffer.from(body) });
      };
      stops.push((await startSageMakerRuntime(invoke, new Map())).close);
      const runtime = endpointsOf({ ENDPOINT_HOSTS: 'sagemaker:forage' });
      const largest = await largestDifference(await openBoth(FOLDERS.forage, { sagemaker: 'forage' }, runtime), 1000);
      assert.ok(largest <= 1e-5, `${largest}`);
    });
  });
});
