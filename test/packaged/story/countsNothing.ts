import assert from 'node:assert/strict';
import { it } from 'node:test';
import { mapKey, predictionsKey, promotedKey, SERVING_KEY } from '../../../core/base/keys.ts';
import { executionName, runId, type SceneRef, sceneInput, sweepInput } from '../../../core/base/messages.ts';
import { sceneOf } from '../../scenes.ts';
import { CLOSED_DAY, MODEL, noReport, type Service } from './service.ts';

/** Runs beside the one that counts: of a second live model, of workers that lost their run, and of runs that have failed. */
export function tellOfWhatCountsNothing(service: () => Service): void {
  function keyOf(scene: SceneRef): string {
    return predictionsKey({ id: runId(scene, MODEL), model: MODEL, day: CLOSED_DAY }, 0);
  }

  it('a file of two live models has an execution for the second one', async () => {
    const { aws, models, drop, put, remove, run } = service();
    const second = { name: 'second', version: '1.0.0' };
    put(models, SERVING_KEY, Buffer.from(JSON.stringify({ models: [{ name: MODEL.name }, { name: second.name }] })));
    put(models, promotedKey(second.name), Buffer.from(JSON.stringify({ version: second.version })));
    const scene = drop('of-two-models', sceneOf('of-two-models', 1));
    assert.equal((await run(sceneInput(scene), 'of-two-models')).end, 'Done');
    remove(models, SERVING_KEY);
    assert.ok(aws.started.has(executionName(runId(scene, second), 1)));
  });

  it('a stored request that is gone is not found, and not forbidden', async () => {
    const { results, callFunction } = service();
    const scene = { bucket: results, key: 'requests/gone.json', versionId: 'v1' };
    const message = { scene: sceneInput(scene, MODEL), execution: 'request-gone' };
    await assert.rejects(callFunction('preprocess', message), /ObjectNotFound|does not exist/);
  });

  it('a worker whose run is taken over while it writes removes what it has written', async () => {
    const { drop, run, takeOver, when, resultKeys } = service();
    const scene = drop('late/writer', sceneOf('late/writer', 1));
    when({ who: 'infer', action: 'dynamodb:GetItem' }, () => takeOver(scene));
    assert.equal((await run(sceneInput(scene), 'late-writer')).end, 'Nothing to do');
    assert.ok(!resultKeys().includes(keyOf(scene)));
  });

  it('a duplicate whose lost attempt has classified chips has them removed, and its map', async () => {
    const { ledger, results, drop, put, run, resultKeys } = service();
    await run(sceneInput(drop('lost/first', sceneOf('lost', 1))), 'lost-first');
    const scene = drop('lost/second', sceneOf('lost', 1));
    const fixed = { day: CLOSED_DAY, chipsPerPart: 1 };
    const request = {
      scene,
      model: MODEL,
      execution: 'dead',
      now: new Date(0),
      leaseSeconds: 0,
      attemptLimit: 3,
      fixed,
    };
    await ledger.claim(request);
    const left = [keyOf(scene), mapKey({ id: runId(scene, MODEL), model: MODEL, day: CLOSED_DAY }, 'predictions')];
    for (const key of left) put(results, key, Buffer.from('of a worker that died'));
    assert.equal((await run(sceneInput(scene), 'lost-second')).end, 'Duplicate');
    assert.deepEqual(
      resultKeys().filter((key) => left.includes(key)),
      [],
    );
  });

  it('a sweep removes what a worker that has died left of a run that has failed for good', async () => {
    const { ledger, results, drop, put, run, resultKeys } = service();
    const scene = drop('left/behind', sceneOf('left/behind', 1));
    const now = new Date();
    const fixed = { day: CLOSED_DAY, chipsPerPart: 1 };
    const request = { scene, model: MODEL, execution: 'dead', now, leaseSeconds: 60, attemptLimit: 1, fixed };
    const { row } = await ledger.claim(request);
    await ledger.fail(row, 'FAILED', { name: 'Error', message: 'x', step: 'Infer' }, now);
    put(results, keyOf(scene), Buffer.from('of a worker that died'));
    await run(sweepInput, 'sweep-left', { report: noReport });
    assert.ok(!resultKeys().includes(keyOf(scene)));
  });
}
