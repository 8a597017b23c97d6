import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sceneOf } from '../../test/scenes.ts';
import { startSwath, swath, temporaryFolder } from '../../test/swath.ts';

const WATCH = new URL('../../test/onlyLoopback.ts', import.meta.url).href;

/** All that leaves the machine, each in its own way; what fails by itself is fine. */
const ESCAPES = `
const attempts = [
  () => fetch('http://192.0.2.1'),
  () => require('net').connect(80, '192.0.2.1'),
  () => require('tls').connect({ host: 'example.com', port: 443 }),
  () => require('https').get('https://example.com'),
  () => require('dns').lookup('example.com', () => {}),
  () => require('dns/promises').resolve4('example.com'),
  () => require('dgram').createSocket('udp4'),
  () => require('net').createServer().listen(0),
];
(async () => { for (const attempt of attempts) try { await attempt(); } catch {} })();
const inWorker = 'import net from "node:net"; try { net.connect(80, "192.0.2.1") } catch {}';
new (require('worker_threads').Worker)(new URL('data:text/javascript,' + encodeURIComponent(inWorker)));
`;

test('start and classify connect to nothing but the loopback, in no process and no thread', async () => {
  const cwd = temporaryFolder();
  const home = join(cwd, 'home');
  mkdirSync(home);
  const environment = (report: string) => ({
    NODE_OPTIONS: `--import=${WATCH}`,
    NETWORK_REPORT: join(cwd, report),
    HOME: home,
    XDG_CACHE_HOME: undefined,
    CI: undefined,
    ORT_DISABLE_TELEMETRY: undefined,
  });
  const lines = (report: string) => readFileSync(join(cwd, report), 'utf8').trimEnd().split('\n');
  writeFileSync(join(cwd, 'scene'), sceneOf('loopback', 5));

  const running = startSwath(['start', '--empty'], cwd, environment('start'));
  await running.says(/Ctrl-C stops/);
  const { code } = await swath(['classify', 'scene'], cwd, environment('classify'));
  assert.equal(code, 0);
  running.kill('SIGINT');
  assert.equal((await running.ended).code, 0);
  const begun = (report: string) => [...new Set(lines(report))];
  const threads = /^process \d+, thread [01]$/;
  for (const line of [...begun('start'), ...begun('classify')]) assert.match(line, threads);
  assert.ok(begun('start').length >= 4, 'the stack, workers of a sweep and of a file, the trial of the bundled model');
  assert.equal(begun('classify').length, 1);
  // What native code sends cannot be seen from here; but onnxruntime's reports are queued in the home folder first.
  assert.deepEqual(readdirSync(home), []);

  execFileSync(process.execPath, ['-e', ESCAPES], { env: { ...process.env, ...environment('escapes') } });
  const refused = lines('escapes').filter((line) => line.startsWith('refused'));
  assert.equal(refused.length, 9, `the watch itself sees each way out: ${refused.join(', ')}`);
});
