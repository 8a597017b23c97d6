import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { makeHttpGet } from '../../aws/httpGet.ts';
import { logTo } from '../../core/base/step.ts';
import { checkGraph } from '../../core/inference/onnx/readGraph.ts';
import type { Notice } from '../../core/releases/watchAlias.ts';
import { memoryBucket } from '../../test/benches/memoryBucket.ts';
import { BASELINE } from '../../test/benches/packages.ts';
import { startRegistry } from '../../test/benches/registry.ts';
import { type WatchStepPorts, watchStep } from './watch.ts';

const FILES = ['item.json', 'model.onnx', 'reference.json'];
const invocation = { remainingSeconds: () => 300, signal: new AbortController().signal };

describe('the function watch', () => {
  let registry: Awaited<ReturnType<typeof startRegistry>>;
  let objects: Map<string, Uint8Array>;
  let notices: Notice[];
  let lines: string[];
  let secret: string | undefined;

  before(async () => {
    registry = await startRegistry({ token: 't0ken' });
    const files = await Promise.all(
      FILES.map(async (file) => [file, await readFile(new URL(file, BASELINE))] as const),
    );
    registry.register('drought', '3', { files: new Map(files) });
  });
  after(() => registry.close());
  beforeEach(() => {
    [objects, notices, lines, secret] = [new Map(), [], [], 't0ken'];
    logTo((line) => lines.push(line));
  });
  afterEach(() => logTo((line) => process.stdout.write(line)));

  const look = (more: Partial<WatchStepPorts> = {}) =>
    watchStep({
      alias: 'mlflow:drought@champion',
      trackingUri: registry.url,
      get: makeHttpGet(),
      place: { stage: 'dev' },
      secret: { parameter: '/swath/dev/mlflow', read: async () => secret },
      modelBucket: memoryBucket(objects),
      ledger: { byState: async () => ({ rows: [], cursor: undefined }) },
      readResult: () => Promise.reject(new Error('nothing is compared')),
      openResult: () => Promise.reject(new Error('nothing is compared')),
      promotionGate: '',
      checkModel: async (model, onnx) => checkGraph(model, onnx),
      tryModel: async (model, onnx) => checkGraph(model, onnx),
      tell: async (notice) => void notices.push(notice),
      now: () => new Date('2026-11-14T00:15:00Z'),
      ...more,
    })({ source: 'aws.events' }, invocation);

  test('publishes the version of the alias, and logs it without the token', async () => {
    const candidate = { name: 'droughtwatch-baseline', version: '1.0.0' };
    assert.deepEqual(await look(), { outcome: 'candidate', candidate });
    assert.deepEqual(await look(), { outcome: 'unchanged', candidate });
    assert.equal(notices.length, 1);
    assert.match(
      lines[0]!,
      /"event":"watch\.done","alias":"mlflow:drought@champion","outcome":"candidate","isTold":true,"model":"droughtwatch-baseline\/1\.0\.0"/,
    );
    assert.doesNotMatch(lines.join() + JSON.stringify(notices), /t0ken/);
    for (const file of FILES) assert.ok(objects.has(`droughtwatch-baseline/1.0.0/${file}`));
  });

  for (const [title, text, says] of [
    [
      'is not there',
      undefined,
      /there is no SSM parameter \/swath\/dev\/mlflow, .*aws ssm put-parameter --type SecureString/,
    ],
    [
      'is no longer what the registry takes',
      'former',
      /answers 401, .* put what it takes into the SSM parameter \/swath\/dev\/mlflow\n/,
    ],
  ] as const)
    test(`logs once that its secret ${title}, without its content`, async () => {
      secret = text;
      assert.deepEqual([(await look()).outcome, (await look()).outcome], ['refused', 'refused']);
      assert.equal(notices.length, 1);
      assert.match(notices[0]!.text, says);
      assert.doesNotMatch(notices[0]!.text, /former/);
      assert.deepEqual(
        [...objects.keys()].filter((key) => !key.startsWith('_watched/')),
        [],
      );
    });

  test('needs no secret where the registry asks for none', async () => {
    const open = await startRegistry();
    try {
      open.register('drought', '1', { files: new Map([['MLmodel', new Uint8Array(1)]]) });
      const { outcome } = await look({ secret: null, trackingUri: open.url });
      assert.equal(outcome, 'refused');
      assert.match(notices[0]!.text, /found an MLflow model without item\.json/);
    } finally {
      open.close();
    }
  });

  test('that cannot send the message fails, and sends it with the next call', async () => {
    const tell = async () => {
      throw Object.assign(new Error('The topic is busy.'), { name: 'ThrottlingException' });
    };
    await assert.rejects(look({ tell }), { name: 'TransientTrouble' });
    assert.equal((await look()).outcome, 'candidate');
    assert.equal(notices.length, 1);
  });
});
