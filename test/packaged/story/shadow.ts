import assert from 'node:assert/strict';
import { it } from 'node:test';
import { shadowKey, shadowPredictionsKey } from '../../../core/base/keys.ts';
import { executionName, type SceneRef, type ShadowCall, sceneInput, shadowRunId } from '../../../core/base/messages.ts';
import { editedItem } from '../../benches/packages.ts';
import { sceneOf } from '../../scenes.ts';
import { CLOSED_DAY, MODEL, type Service } from './service.ts';

const CANDIDATE = { ...MODEL, version: '5.0.0' };

/** A candidate version that shadows the live one. */
export function tellOfShadow(service: () => Service): void {
  /** Runs the execution of a shadow that was started last. */
  async function runShadow(others: Parameters<Service['run']>[2] = {}) {
    const { aws, run } = service();
    const shadows = [...aws.started].filter(([, input]) => (input as { source?: string }).source === 'swath.shadow');
    assert.ok(shadows.length > 0, 'a shadow is started');
    const [name, input] = shadows.at(-1)!;
    aws.started.delete(name);
    return { name, ...(await run(input, name, others)) };
  }

  async function dropAndRun(key: string): Promise<SceneRef> {
    const { drop, run } = service();
    const scene = drop(key, sceneOf(key, 2));
    const { end, failure } = await run(sceneInput(scene), key);
    assert.deepEqual([end, failure], ['Done', null]);
    return scene;
  }

  it('a shadow of a done run is started, classifies the prepared parts, and has its own row', async () => {
    const { ledger, models, promote, put, putPackage, resultKeys } = service();
    promote(MODEL.version);
    const item = await editedItem(['properties/version', CANDIDATE.version]);
    await putPackage(CANDIDATE.version, Buffer.from(JSON.stringify(item)));
    const shadow = { version: CANDIDATE.version, share: 1, since: new Date().toISOString() };
    put(models, shadowKey(MODEL.name), Buffer.from(JSON.stringify({ shadow })));
    const scene = await dropAndRun('shadowed/first');
    const { name, end, failure } = await runShadow();
    const id = shadowRunId(scene, CANDIDATE);
    assert.deepEqual([name, end, failure], [executionName(id, 1), 'Shadowed', null]);
    const [row] = await ledger.shadowsOf(scene);
    assert.partialDeepStrictEqual(row, { state: 'DONE', run: id, shadow: true, model: CANDIDATE, chips: 2, parts: 1 });
    assert.ok(resultKeys().includes(shadowPredictionsKey({ id, model: CANDIDATE, day: CLOSED_DAY }, 0)));
    assert.equal((await ledger.ofScene(scene)).length, 1);
  });

  it('one that takes longer than a call may is handed on', async () => {
    const { callFunction } = service();
    await dropAndRun('shadowed/long');
    let calls = 0;
    const { end } = await runShadow({
      infer: (message: ShadowCall) => {
        calls += 1;
        return calls === 1 ? message.progress : callFunction('infer', message);
      },
    });
    assert.deepEqual([end, calls], ['Shadowed', 2]);
  });

  it('one that fails has that in its own row, and its execution succeeds', async () => {
    const { ledger, without } = service();
    const scene = await dropAndRun('shadowed/failing');
    const { end, failure } = await without('infer', 's3:GetObject', () => runShadow());
    assert.deepEqual([end, failure], ['Shadowed', null]);
    const [row] = await ledger.shadowsOf(scene);
    assert.deepEqual([row?.state, row?.error?.step], ['FAILED', 'Shadow']);
    assert.equal((await ledger.get(scene, MODEL))?.state, 'DONE');
  });

  it('one whose failure cannot be noted ends all the same', async () => {
    const { ledger, without } = service();
    const scene = await dropAndRun('shadowed/silent');
    const { end, failure } = await without('infer', 's3:GetObject', () =>
      without('settle', 'dynamodb:PutItem', () => runShadow()),
    );
    assert.deepEqual([end, failure, await ledger.shadowsOf(scene)], ['Shadow not noted', null, []]);
  });

  it('the shadow of a batch has a row for each of its files, and where it dies as well', async () => {
    const { ledger, drop, models, put, run } = service();
    for (const [folder, isLost] of [
      ['bulk/shadowed', false],
      ['bulk/shadowless', true],
    ] as const) {
      const scenes = ['a', 'b'].map((name) => drop(`${folder}/${name}`, sceneOf(`${folder}/${name}`, 1)));
      const swept = await run(sceneInput(drop(`${folder}/_DONE`, Buffer.from(''))), folder.replace('/', '-'));
      assert.deepEqual([swept.end, swept.failure], ['Swept', null]);
      const { end } = await runShadow(
        isLost
          ? { infer: () => Promise.reject(Object.assign(new Error('killed'), { name: 'Runtime.ExitError' })) }
          : {},
      );
      assert.equal(end, 'Shadowed');
      for (const scene of scenes) {
        const [row, ...more] = await ledger.shadowsOf(scene);
        assert.deepEqual([row?.state, row?.chips, more], [isLost ? 'FAILED' : 'DONE', 1, []]);
      }
    }
    put(models, shadowKey(MODEL.name), Buffer.from(JSON.stringify({ shadow: null })));
  });
}
