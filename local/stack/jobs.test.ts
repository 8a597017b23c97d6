import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { publishModel } from '../../cli/models/publishModel.ts';
import { tryModel } from '../../cli/models/tryModel.ts';
import { predictionsKey, shadowKey } from '../../core/base/keys.ts';
import { makePromotions } from '../../core/releases/promotions.ts';
import { buildLoopingModel } from '../../test/loopingModel.ts';
import { sceneOf } from '../../test/scenes.ts';
import { STOP_MILLISECONDS, temporaryFolder } from '../../test/swath.ts';
import { folderBucket } from '../buckets/folderBucket.ts';
import { startStack } from './stack.ts';

/** Models whose packages ask for a job in a container, on a laptop: the job is a process of `swath work`. */

const home = temporaryFolder();
const BUNDLED = fileURLToPath(new URL('../../models/droughtwatch-baseline/1.0.0', import.meta.url));
const NAME = 'droughtwatch-baseline';
type Stack = Awaited<ReturnType<typeof startStack>>;
const startIn = (folder: string) => startStack({ dataDir: join(home, folder), command: 'a test', cores: 1 });

function changeItem(folder: string, properties: object): string {
  const path = join(folder, 'item.json');
  const item = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...item, properties: { ...item.properties, ...properties } }));
  return folder;
}

async function publish(stack: Stack, folder: string, isPromoted = true): Promise<void> {
  const bucket = folderBucket(stack.folder.models);
  const { name, version } = await publishModel(bucket, folder);
  if (isPromoted) await makePromotions(bucket, name, tryModel).promote(version, stack.now());
}

function packageOf(version: string, runner: string): string {
  const folder = join(home, `${version}-${runner}`);
  cpSync(BUNDLED, folder, { recursive: true });
  return changeItem(folder, { version, 'swath:runner': runner });
}

async function put(stack: Stack, name: string, bytes = sceneOf('one', 20)) {
  const file = join(home, 'file');
  writeFileSync(file, bytes);
  return stack.put(file, name);
}

async function until<Value>(look: () => Promise<Value | undefined> | Value | undefined): Promise<Value> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(100);
  }
}

describe('a model whose package asks for a container', { timeout: 240_000 }, () => {
  let stack: Stack;
  before(async () => {
    stack = await startIn('container');
    await publish(stack, packageOf('1.0.0', 'batch'));
    await publish(stack, packageOf('1.1.0', 'batch'), false);
  });
  after(() => stack.close());

  const rowsOf = (scene: Parameters<Stack['ledger']['ofScene']>[0]) => stack.ledger.ofScene(scene);

  /** The bytes of a run's predictions, but for the name of the execution that has written them. */
  async function predictionsOf(of: Stack) {
    const scene = await put(of, 'same');
    assert.equal((await of.deliver(scene)).status, 'SUCCEEDED');
    const [row] = await of.ledger.ofScene(scene);
    assert.partialDeepStrictEqual(row, { state: 'DONE', attempt: 1, chips: 20 });
    const key = predictionsKey({ id: row!.run, model: row!.model, day: row!.day! }, 0);
    const text = readFileSync(join(of.folder.results, key)).toString('latin1');
    return { text: text.replaceAll(row!.execution, '-'.repeat(row!.execution.length)), execution: row!.execution };
  }

  test('classifies a file in a process of its own, with the bytes that the function writes', async () => {
    const inContainer = await predictionsOf(stack);
    const job = join(stack.folder.results, 'jobs', inContainer.execution.split(':').at(-1)!);
    assert.ok(existsSync(job), 'a job was started');
    const other = await startIn('function');
    await publish(other, packageOf('1.0.0', 'function'));
    const inFunction = await predictionsOf(other).finally(() => other.close());
    assert.ok(!existsSync(join(other.folder.results, 'jobs')));
    assert.equal(inContainer.text, inFunction.text);
  });

  test('classifies a batch of bulk files', async () => {
    const scenes = [await put(stack, 'bulk/a', sceneOf('a', 3)), await put(stack, 'bulk/b', sceneOf('b', 4))];
    await stack.sweep();
    for (const scene of scenes) assert.partialDeepStrictEqual((await rowsOf(scene))[0], { state: 'DONE', attempt: 1 });
    assert.deepEqual(await stack.ledger.openBatches(), []);
  });

  test('shadows the live version', async () => {
    const shadow = { version: '1.1.0', share: 1, since: '2026-01-01T00:00:00.000Z' };
    await folderBucket(stack.folder.models).write(shadowKey(NAME), Buffer.from(JSON.stringify({ shadow })));
    const scene = await put(stack, 'shadowed', sceneOf('shadowed', 6));
    await stack.deliver(scene);
    await stack.idle();
    const shadows = await stack.ledger.shadowsOf(scene);
    assert.partialDeepStrictEqual(shadows, [{ state: 'DONE', model: { name: NAME, version: '1.1.0' } }]);
  });
});

describe('a job that is at work', { timeout: 240_000 }, () => {
  let stack: Stack;
  before(async () => {
    stack = await startIn('looping');
    buildLoopingModel(join(home, 'package'));
    await publish(stack, changeItem(join(home, 'package'), { 'swath:runner': 'batch' }));
  });
  after(() => stack.close());

  /** Delivers a file on which the model's call does not come back; resolves when a process works on it. */
  async function begin(name: string) {
    const scene = await put(stack, name, sceneOf(name, 3));
    const ended = stack.deliver(scene);
    const pid = await until(() => {
      const listed = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n');
      return listed.find((line) => line.includes(`swath.mjs work jobs/`) && line.includes(stack.folder.path));
    });
    return { scene, ended, pid: Number.parseInt(pid, 10) };
  }

  test('and is killed fails its run, which says so and may be tried again', async () => {
    const { scene, ended, pid } = await begin('killed');
    process.kill(pid, 'SIGKILL');
    const { status, error, cause } = await ended;
    assert.deepEqual([status, error], ['FAILED', 'JobFailed']);
    assert.match(
      String(cause),
      /^Infer: The job jobs\/\S+ in a container was given up after 1 attempts \(ended by SIGKILL/,
    );
    const [row] = await stack.ledger.ofScene(scene);
    assert.partialDeepStrictEqual(row, { state: 'FAILED', attempt: 1, attemptLimit: 3 });
  });

  test('does not hold up a stop: its run is interrupted, and charged no attempt', async () => {
    const { scene, ended } = await begin('stopped');
    const began = performance.now();
    await stack.close();
    assert.ok(performance.now() - began < STOP_MILLISECONDS);
    assert.equal((await ended).error, 'Interrupted');
    stack = await startIn('looping');
    const [row] = await stack.ledger.ofScene(scene);
    const { state, attempt, attemptLimit, error } = row!;
    assert.deepEqual([state, attempt, attemptLimit, error?.name], ['FAILED', 1, 4, 'Interrupted']);
  });
});
