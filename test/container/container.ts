import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/**
 * The Dockerfile: that what it makes serves predictions, and has no more rights than that takes. Its base is node:24-slim, or the
 * image that SWATH_CONTAINER_BASE names.
 */

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const IMAGE = 'swath-container-test';
const KEY = 'a key for the test';
const BASE = process.env['SWATH_CONTAINER_BASE'] ?? 'node:24-slim';
/** The first row of the sample, which onnxruntime in Python takes for grey soil. */
const ROW = [
  80, 102, 102, 79, 76, 102, 102, 79, 76, 102, 106, 83, 76, 99, 108, 85, 76, 103, 118, 88, 80, 107, 118, 88, 79, 107,
  109, 87, 79, 107, 109, 87, 79, 107, 113, 87,
];

const run = promisify(execFile);
const docker = async (...args: string[]) => (await run('docker', args, { maxBuffer: 2 ** 26 })).stdout.trim();

const obstacle = await docker('image', 'inspect', BASE).then(
  () => null,
  () =>
    docker('pull', '--quiet', BASE).then(
      () => null,
      () => `there is no Docker engine with the image ${BASE} here, and it cannot be pulled`,
    ),
);
if (obstacle !== null && process.env['SWATH_CONTAINER'] === 'required') throw new Error(`Not tested: ${obstacle}.`);
if (obstacle !== null) console.error(`SKIPPED: the Dockerfile is not tested, because ${obstacle}.`);

describe('the container', { skip: obstacle ?? false, timeout: 600_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'swath-container-'));
  let id: string;
  let url: string;
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, { ...init, headers: { 'x-api-key': KEY, 'content-type': 'application/json' } });

  before(async () => {
    // The older builder is there wherever there is an engine.
    process.env['DOCKER_BUILDKIT'] = '0';
    await docker('build', '--network', 'host', '--build-arg', `BASE=${BASE}`, '--tag', IMAGE, PROJECT);
    writeFileSync(join(folder, 'keys'), `${KEY}\n`, { mode: 0o644 });
    const options = ['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
    const keys = ['--volume', `${join(folder, 'keys')}:/run/secrets/keys:ro`];
    id = await docker('run', '--detach', ...options, ...keys, '--publish', '127.0.0.1::8080', IMAGE);
    url = `http://${(await docker('port', id, '8080')).split('\n')[0]}`;
    const isReady = () =>
      fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    for (let i = 0; i < 300 && !(await isReady()); i += 1) await setTimeout(100);
  });
  after(async () => {
    if (id !== undefined) await docker('rm', '--force', id);
    rmSync(folder, { recursive: true });
  });

  test('answers callers with a key, and nobody else', async () => {
    const body = JSON.stringify({ inputs: [{ id: 'a', values: ROW }] });
    const path = '/v1/models/landsat-statlog/predictions';
    const response = await ask(path, { method: 'POST', body });
    const { predictions } = (await response.json()) as { predictions: { class: string }[] };
    assert.deepEqual([response.status, predictions[0]!.class], [200, 'grey-soil']);
    assert.equal((await fetch(`${url}${path}`, { method: 'POST', body })).status, 401);
  });

  test('reports its health to its engine, and its metrics to Prometheus', async () => {
    await docker('exec', id, 'node', 'deployment/healthCheck.mjs');
    const metrics = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${KEY}` } });
    assert.match(await metrics.text(), /^swath_requests_total\{.*status="200"\} \d+$/m);
  });

  test('is not root', async () => {
    assert.equal(await docker('exec', id, 'id', '-u'), '1000');
  });

  test('starts with code that was compiled when it was built, which nobody can change', async () => {
    const found = async (...which: string[]) => (await docker('exec', id, 'find', '.compiled', ...which)).split('\n');
    assert.ok((await found('-type', 'f', '-readable')).length > 300);
    assert.deepEqual(await found('(', '-writable', '-o', '!', '-readable', ')'), ['']);
    assert.equal(await docker('exec', id, 'ls', '/tmp'), '');
  });

  test('holds nothing but what it runs', async () => {
    const found = await docker('exec', id, 'find', '.', '-maxdepth', '1', '-mindepth', '1', '-printf', '%f\n');
    for (const unwanted of ['test', 'bench', 'samples', '.git', '.swath', '.ci'])
      assert.ok(!found.split('\n').includes(unwanted), unwanted);
  });

  test('stops in order on SIGTERM', async () => {
    await docker('stop', '--time', '40', id);
    assert.equal(await docker('inspect', id, '--format', '{{.State.ExitCode}}'), '0');
  });

  test('runs a command of swath in place of the server', async () => {
    const checked = await docker('run', '--rm', '--read-only', IMAGE, 'model', 'check', 'models/digits/1.0.0');
    assert.match(checked, /digits/);
  });

  test('explains what is missing without keys', async () => {
    await assert.rejects(docker('run', '--rm', IMAGE), ({ code, stderr }: Error & { code: number; stderr: string }) => {
      assert.deepEqual(
        [code, stderr.trim()],
        [
          2,
          'swath: --key-file /run/secrets/keys: found no file, allowed is a file with one key on each line. Without keys: --no-key.',
        ],
      );
      return true;
    });
  });
});
