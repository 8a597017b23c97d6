import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { askHosts } from '../../aws/askEndpoint.ts';
import { ordinaryChips } from '../../cli/models/ordinaryChips.ts';
import { onnx } from '../../core/inference/onnx/session.ts';
import { openInference } from '../../core/inference/openInference/runtime.ts';
import { openModel } from '../../core/inference/predict.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { startBundledServer } from '../benches/bundledServer.ts';
import { freePort } from '../freePort.ts';

/**
 * The Open Inference Protocol against software of others, which is Python: NVIDIA's client asks a server of Swath, and Swath runs models on
 * servers of KServe, which takes binary tensors, and of MLServer, which knows JSON alone.
 */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const HERE = fileURLToPath(new URL('./', import.meta.url));
const MODELS = { forage: 'droughtwatch-baseline/1.1.0', soil: 'landsat-statlog/1.0.0' };
const UP_SECONDS = 120;

/** Returns the Python in the path that has a module. */
function pythonWith(module: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders
    .map((folder) => join(folder, 'python3'))
    .filter((file) => existsSync(file))
    .find((file) => {
      try {
        execFileSync(file, ['-c', `import ${module}`], { stdio: 'ignore' });
        return true;
      } catch {
        return false;
      }
    });
}

const [kserve, mlserver] = [pythonWith('kserve, tritonclient.http, onnxruntime'), pythonWith('mlserver, onnxruntime')];
const missing = [...(kserve ? [] : ['kserve with tritonclient']), ...(mlserver ? [] : ['mlserver'])];
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
    assert.equal(stdout.trim().split('\n').length, 5, stdout);
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
      for (const [name, folder] of Object.entries(MODELS)) {
        const uri = join(ROOT, 'models', folder, 'model.onnx');
        mkdirSync(join(home, name));
        const model = { name, implementation: 'mlserver_model.OnnxModel', parameters: { uri } };
        writeFileSync(join(home, name, 'model-settings.json'), JSON.stringify(model));
      }
      const forage = join(ROOT, 'models', MODELS.forage, 'model.onnx');
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
        const read = async (file: string) => readFileSync(join(ROOT, 'models', MODELS[name], file));
        const model = await readModelPackage(read);
        const here = await openModel(model, () => read('model.onnx'), { runtimes: [onnx], threads: 1 });
        const elsewhere = { ...model, artifact: { file: 'endpoint.json', format: 'open-inference' } };
        const url = urls[server]!;
        const endpoint = Buffer.from(JSON.stringify({ url, model: name }));
        const runtimes = [onnx, openInference(askHosts([url]))];
        const there = await openModel(elsewhere, async () => endpoint, { runtimes, threads: 1 });
        const chips = ordinaryChips(model, many);
        let largest = 0;
        for (let first = 0; first < many; first += model.batchSize) {
          const count = Math.min(model.batchSize, many - first);
          const [found, expected] = [await there.scores(chips, first, count), await here.scores(chips, first, count)];
          for (const [i, value] of found.entries()) largest = Math.max(largest, Math.abs(value - expected[i]!));
        }
        assert.ok(largest <= 1e-5, `${largest}`);
      });
  });
});
