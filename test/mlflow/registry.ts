import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BASELINE } from '../benches/packages.ts';
import { temporaryFolder } from '../swath.ts';
import { swathHere } from '../swathHere.ts';
import { reasonToSkip, startGate, startMlflow } from './mlflowServer.ts';

/**
 * `npm run test:mlflow`: packages from a real `mlflow server` with its defaults, to which MLflow's own client has brought them,
 * behind a gate that asks for a token.
 */

const reason = reasonToSkip();
const skip = reason !== false && `packages were not published from a real MLflow server, because ${reason}`;
if (skip) console.error(`SKIPPED: ${skip}.`);

const NAME = 'droughtwatch-baseline';
const CHAMPION = 'mlflow:drought@champion';

describe('a real MLflow server', { skip, timeout: 5 * 60_000 }, () => {
  const cwd = temporaryFolder();
  let server: Awaited<ReturnType<typeof startMlflow>>;
  let gate: Awaited<ReturnType<typeof startGate>>;
  const model = (...args: string[]) => swathHere(['model', ...args], cwd);

  /** A folder like the bundled package, of another version. */
  function packageOf(version: string, change: (folder: string) => void = () => {}): string {
    const folder = join(cwd, `package ${version}`);
    cpSync(fileURLToPath(BASELINE), folder, { recursive: true });
    const item = readFileSync(join(folder, 'item.json'), 'utf8');
    writeFileSync(join(folder, 'item.json'), item.replace('"version": "1.0.0"', `"version": "${version}"`));
    change(folder);
    return folder;
  }

  /** What a version holds in the model bucket, by its files. */
  const published = (version: string, file: string) => readFileSync(join(cwd, '.swath/models', NAME, version, file));

  before(async () => {
    const began = performance.now();
    server = await startMlflow();
    gate = await startGate(server.url, 't0ken');
    Object.assign(process.env, { MLFLOW_TRACKING_URI: gate.url, MLFLOW_TRACKING_TOKEN: 't0ken' });
    assert.equal(await server.register(packageOf('1.0.0'), 'drought', 'champion'), '1');
    console.log(`mlflow server is up and has a version after ${((performance.now() - began) / 1000).toFixed(1)} s.`);
  });
  after(async () => {
    gate?.close();
    await server?.stop();
    server?.remove();
  });

  test('shows nothing to whom it does not let in, and the token is in no message', async () => {
    process.env['MLFLOW_TRACKING_TOKEN'] = 'an0ther';
    const { code, stderr } = await model('publish', CHAMPION);
    process.env['MLFLOW_TRACKING_TOKEN'] = 't0ken';
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^swath: mlflow:drought@champion: 127\.0\.0\.1:\d+ answers 401, .* put what it takes into MLFLOW_TRACKING_TOKEN, or /,
    );
    assert.doesNotMatch(stderr, /an0ther/);
    assert.ok(gate.refused() > 0);
  });

  test('has its version published by its alias, byte by byte, with where it came from', async () => {
    const { code, stdout, stderr } = await model('publish', CHAMPION, '--json');
    assert.equal(code, 0, stderr);
    const { digest, ...told } = JSON.parse(stdout);
    assert.deepEqual(told, {
      name: NAME,
      version: '1.0.0',
      isNew: true,
      mended: [],
      notes: [],
      isPromoted: false,
      isUsed: true,
      from: CHAMPION,
      where: 'mlflow:drought/1',
    });
    for (const file of ['README.md', 'item.json', 'model.onnx', 'reference.json', 'sample.json'])
      assert.ok(published('1.0.0', file).equals(readFileSync(new URL(file, BASELINE))), file);
    const again = await model('publish', 'mlflow:drought/1', '--digest', digest);
    assert.match(again.stdout, /^droughtwatch-baseline 1\.0\.0 was published before; nothing was changed\.$/m);
    const list = await model('list');
    assert.match(
      list.stdout,
      /^1\.0\.0 +candidate +0 +0 +– +– +classes .*; from mlflow:drought\/1 \(mlflow:drought@champion\) on 20\d\d-\d\d-\d\d, sha256:[0-9a-f]{12}…$/m,
    );
  });

  test('has another package than the digest says refused', async () => {
    const { code, stderr } = await model('publish', 'mlflow:drought/1', '--digest', `sha256:${'0'.repeat(64)}`);
    assert.equal(code, 2);
    assert.match(stderr, /^swath: mlflow:drought\/1: found sha256:[0-9a-f]{64}, allowed is sha256:0{64}: /);
  });

  test('is watched: an alias that moves is a candidate, and nothing is promoted', async () => {
    await model('promote', '1.0.0');
    assert.equal((await model('watch', CHAMPION)).stdout, `${CHAMPION} is ${NAME} 1.0.0, as before.\n`);
    await server.registerByRest(packageOf('1.1.0'), 'drought', 'champion');
    const { code, stdout } = await model('watch', CHAMPION);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^mlflow:drought@champion is droughtwatch-baseline 1\.1\.0 now, which is published as a candidate\. Its digest: sha256:/,
    );
    const list = await model('list');
    assert.match(list.stdout, /^1\.0\.0 +promoted .*\n1\.1\.0 +candidate .* from mlflow:drought\/2 /m);
  });

  test('refuses other bytes of a published version, and a folder that is no package', async () => {
    const another = packageOf('1.1.0 ', (folder) => {
      cpSync(join(cwd, 'package 1.1.0/item.json'), join(folder, 'item.json'));
      appendFileSync(join(folder, 'reference.json'), '\n');
    });
    await server.registerByRest(another, 'drought', 'champion');
    const changed = await model('watch', CHAMPION);
    assert.equal(changed.code, 2);
    assert.match(
      changed.stderr,
      /mlflow:drought\/3: droughtwatch-baseline 1\.1\.0 was published before with another reference\.json\. A version never changes/,
    );
    const flavour = join(cwd, 'flavour');
    mkdirSync(flavour);
    cpSync(fileURLToPath(new URL('model.onnx', BASELINE)), join(flavour, 'model.onnx'));
    writeFileSync(join(flavour, 'MLmodel'), 'flavors:\n  onnx: {data: model.onnx}\n');
    await server.registerByRest(flavour, 'drought', 'flavour');
    const none = await model('publish', 'mlflow:drought@flavour');
    assert.equal(none.code, 2);
    assert.match(
      none.stderr,
      /^swath: mlflow:drought\/4: found an MLflow model without item\.json, so nothing says which bands it takes/,
    );
  });

  for (const [what, says] of [
    [
      'mlflow:drought@nobody',
      /^swath: mlflow:drought@nobody points nowhere: \S+ answers 400 \(“Registered model alias nobody not found\.”\)/,
    ],
    ['mlflow:nothing@champion', /^swath: mlflow:nothing@champion points nowhere: \S+ answers 404 /],
    ['mlflow:drought/99', /^swath: mlflow:drought\/99 points nowhere: \S+ answers 404 /],
  ] as const)
    test(`says that there is nothing: ${what}`, async () => {
      const { code, stderr } = await model('publish', what);
      assert.equal(code, 2);
      assert.match(stderr, says);
    });

  test('that is down changes nothing, and is trouble that may be over tomorrow', async () => {
    await server.stop();
    gate.close();
    const { code, stderr } = await model('watch', CHAMPION);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^swath: mlflow:drought@champion cannot be looked up: 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)\.$/m,
    );
    assert.match((await model('list')).stdout, /^1\.1\.0 +candidate /m);
    rmSync(join(cwd, '.swath'), { recursive: true });
  });
});
