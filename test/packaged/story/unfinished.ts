import assert from 'node:assert/strict';
import { it } from 'node:test';
import { predictionsKey } from '../../../core/base/keys.ts';
import { type SceneRef, sceneInput, sweepInput } from '../../../core/base/messages.ts';
import { executionName, runId } from '../../../core/base/run.ts';
import { sceneOf } from '../../scenes.ts';
import { CLOSED_DAY, MODEL, noReport, type Service, YESTERDAY } from './service.ts';

/** What has predictions that count nothing: copies that were not finished, and runs that have failed. */
export function tellOfWhatCountsNothing(service: () => Service): void {
  const later = (minutes: number) => new Date(YESTERDAY.getTime() + minutes * 60_000);

  /** The next version of a file, which goes on where the one before ended. */
  function goOn(scene: SceneRef, bytes: Uint8Array): SceneRef {
    const { inbox, put } = service();
    put(inbox, `${scene.key}#v2`, bytes, later(5));
    return { ...scene, versionId: 'v2' };
  }

  function keyOf(scene: SceneRef): string {
    return predictionsKey({ id: runId(scene, MODEL), model: MODEL, day: CLOSED_DAY }, 0);
  }

  for (const isTaken of [false, true])
    it(`an unfinished copy counts nothing, and the same bytes elsewhere are tried, by whichever attempt was not used: ${isTaken ? 3 : 2}`, async () => {
      const { aws, ledger, drop, run, resultKeys } = service();
      const name = `growing-${isTaken}`;
      const unfinished = drop(name, sceneOf(name, 1));
      await run(sceneInput(unfinished), name);
      const elsewhere = drop(`${name}/elsewhere`, sceneOf(name, 1));
      assert.equal((await run(sceneInput(elsewhere), `${name}-elsewhere`)).end, 'Duplicate');
      if (isTaken) aws.taken.add(executionName(runId(elsewhere, MODEL), 2));
      aws.started.clear();
      const whole = goOn(unfinished, sceneOf(name, 3));
      assert.equal((await run(sceneInput(whole), `${name}-whole`)).end, 'Done');
      const row = await ledger.get(unfinished, MODEL);
      assert.deepEqual([row?.state, row?.prefix, row?.duplicateOf], ['DUPLICATE', true, runId(whole, MODEL)]);
      const predicted = resultKeys().filter((key) => [keyOf(unfinished), keyOf(whole)].includes(key));
      assert.deepEqual(predicted, [keyOf(whole)]);
      const tried = [...aws.started.keys()].filter((one) => !one.startsWith('last-word-')); // a new minute may have begun
      assert.deepEqual(tried, [executionName(runId(elsewhere, MODEL), isTaken ? 3 : 2)]);
    });

  for (const isThere of [true, false])
    it(`one that a batch has classified leaves the batch's predictions${isThere ? '' : ', where these are there still'}`, async () => {
      const { ledger, results, drop, remove, run, predictionsAt } = service();
      const folder = `bulk/growing-${isThere}`;
      const [unfinished, other] = [1, 2].map((i) => drop(`${folder}/${i}`, sceneOf(`${folder}/${i}`, 1))) as [
        SceneRef,
        SceneRef,
      ];
      await run(sceneInput(drop(`${folder}/_DONE`, Buffer.alloc(0))), folder);
      const { batch = '' } = (await ledger.get(unfinished, MODEL))!;
      const key = predictionsKey({ id: batch, model: MODEL, day: CLOSED_DAY }, 0);
      assert.equal((await predictionsAt(key)).length, 2);
      if (!isThere) remove(results, key);
      const whole = goOn(unfinished, sceneOf(`${folder}/1`, 3));
      assert.equal((await run(sceneInput(whole, MODEL), `${folder}-whole`)).end, 'Done');
      assert.equal((await ledger.get(unfinished, MODEL))?.state, 'DUPLICATE');
      assert.equal((await ledger.get(other, MODEL))?.state, 'DONE');
      if (isThere) assert.equal((await predictionsAt(key)).length, 1);
    });

  it('an execution that a sweep starts takes one out of the predictions of a batch where the worker that was to has died', async () => {
    const { aws, results, drop, put, run, predictionsAt, ledger } = service();
    const folder = 'bulk/growing-died';
    const [unfinished] = [1, 2].map((i) => drop(`${folder}/${i}`, sceneOf(`${folder}/${i}`, 1))) as [SceneRef];
    await run(sceneInput(drop(`${folder}/_DONE`, Buffer.alloc(0))), folder);
    const { batch = '' } = (await ledger.get(unfinished, MODEL))!;
    const key = predictionsKey({ id: batch, model: MODEL, day: CLOSED_DAY }, 0);
    const before = Buffer.from(aws.objects.get(results)!.get(key)!.bytes);
    const whole = goOn(unfinished, sceneOf(`${folder}/1`, 3));
    assert.equal((await run(sceneInput(whole, MODEL), `${folder}-whole`)).end, 'Done');
    put(results, key, before);
    aws.started.clear();
    await run(sweepInput, 'sweep-died', { report: noReport });
    const [name, input] = [...aws.started].find(([one]) => one.startsWith(runId(unfinished, MODEL)))!;
    assert.equal((await run(input, name)).end, 'Nothing to do');
    assert.equal((await predictionsAt(key)).length, 1);
  });

  it('a worker whose run is taken over while it writes removes what it has written', async () => {
    const { drop, run, takeOver, when, resultKeys } = service();
    const scene = drop('late/writer', sceneOf('late/writer', 1));
    when({ who: 'infer', action: 'dynamodb:GetItem' }, () => takeOver(scene));
    assert.equal((await run(sceneInput(scene), 'late-writer')).end, 'Nothing to do');
    assert.ok(!resultKeys().includes(keyOf(scene)));
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
