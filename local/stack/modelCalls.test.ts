import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { publishModel } from '../../cli/models/publishModel.ts';
import { tryModel } from '../../cli/models/tryModel.ts';
import type { SceneRef } from '../../core/base/messages.ts';
import { makePromotions } from '../../core/releases/promotions.ts';
import { buildLoopingModel } from '../../test/loopingModel.ts';
import { edited, frames, named, sceneOf } from '../../test/scenes.ts';
import { STOP_MILLISECONDS } from '../../test/swath.ts';
import { folderBucket } from '../buckets/folderBucket.ts';
import { startStack } from './stack.ts';

/** A model that goes round in a circle on most files, and on some does not. */

const home = mkdtempSync(join(tmpdir(), 'swath-model-calls-'));
after(() => rmSync(home, { recursive: true }));
const dataDir = join(home, 'data');
const start = (modelCallSeconds: number) => startStack({ dataDir, command: 'a test', modelCallSeconds, cores: 2 });
type Stack = Awaited<ReturnType<typeof start>>;

const green = (name: string) => sceneOf(name, 3);
/** Nothing grows anywhere where near infrared is as dark as red. */
const bare = (name: string) => {
  const chip = edited(frames[0]!, (features) => features.set('B5', features.get('B4')!));
  return named(chip, name);
};

async function put(stack: Stack, name: string, bytes: Uint8Array): Promise<SceneRef> {
  const file = join(home, 'file');
  writeFileSync(file, bytes);
  return stack.put(file, name);
}

async function runOf(stack: Stack, scene: SceneRef) {
  const [row] = await stack.ledger.ofScene(scene);
  return row;
}

describe('a model whose call does not come back', { timeout: 120_000 }, () => {
  describe('within two seconds', () => {
    let stack: Stack;
    before(async () => {
      stack = await start(2);
    });
    after(() => stack.close());

    test('is ended with its worker when its time is over: the file fails by that reason, and the others go on', async () => {
      const bucket = folderBucket(stack.folder.models);
      buildLoopingModel(join(home, 'package'));
      const { name, version } = await publishModel(bucket, join(home, 'package'));
      await makePromotions(bucket, name, tryModel).promote(version, stack.now());

      const scenes = [await put(stack, 'green', green('green')), await put(stack, 'bare', bare('bare'))] as const;
      const [failed, done] = await Promise.all(scenes.map(stack.deliver));
      assert.equal(done!.status, 'SUCCEEDED');
      assert.deepEqual(failed, {
        status: 'FAILED',
        error: 'ModelTooSlow',
        cause:
          'Infer: The model droughtwatch-baseline 9.0.0 took more than 2 seconds for one call, to load or to classify a batch, so it was stopped. Make the model smaller, or its batches, with mlm:batch_size_suggestion, under a new version; or promote another one.',
      });
      const { state, attempt, attemptLimit, error } = (await runOf(stack, scenes[0]))!;
      assert.deepEqual([state, attempt, attemptLimit, error?.name], ['FAILED', 1, 3, 'ModelTooSlow']);

      const next = await stack.deliver(await put(stack, 'bare-too', bare('bare too')));
      assert.equal(next.status, 'SUCCEEDED');
    });

    test('fails the files of its batch by the same reason', async () => {
      const scene = await put(stack, 'bulk/green', green('bulk'));
      await stack.sweep();
      const { state, error } = (await runOf(stack, scene))!;
      assert.equal(state, 'FAILED');
      assert.partialDeepStrictEqual(error, { name: 'ModelTooSlow', step: 'Batch' });
      assert.match(error!.message, /^The model droughtwatch-baseline 9\.0\.0 took more than 2 seconds for one call, /);
    });
  });

  test('does not hold up a stop: the run is interrupted, charged no attempt, and taken up by the next start', async () => {
    const stack = await start(60);
    const scene = await put(stack, 'stopped', green('stopped'));
    const ended = stack.deliver(scene);
    while ((await runOf(stack, scene))?.state !== 'PREPARED') await pause(10);
    await pause(500); // the model has its chips by now
    const began = performance.now();
    await stack.close();
    assert.ok(performance.now() - began < STOP_MILLISECONDS);
    assert.equal((await ended).error, 'Interrupted');

    const again = await start(2);
    try {
      const { state, attempt, attemptLimit, error } = (await runOf(again, scene))!;
      assert.deepEqual([state, attempt, attemptLimit, error?.name], ['FAILED', 1, 4, 'Interrupted']);
      await again.startIntake();
      await again.idle();
      const { attempt: next, error: latest } = (await runOf(again, scene))!;
      assert.deepEqual([next, latest?.name], [2, 'ModelTooSlow']);
    } finally {
      await again.close();
    }
  });
});
