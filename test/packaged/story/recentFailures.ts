import assert from 'node:assert/strict';
import { it } from 'node:test';
import { predictionsKey, preparedKey } from '../../../core/base/keys.ts';
import { executionName, runId, type SceneRef, sceneInput, sweepInput } from '../../../core/base/messages.ts';
import { blankFrames, sceneOf } from '../../scenes.ts';
import { CLOSED_DAY, MODEL, noReport, type Service } from './service.ts';

const HOUR = 3_600_000;

/** Executions that lose their claim, steps that fail, runs that are lost. */
export function publishRecentFailures(service: () => Service): void {
  const empty = (key: string) => sceneOf(key, 1, 0, blankFrames);
  const full = (key: string) => sceneOf(key, 1);

  for (const { step, who, action, bytes } of [
    { step: 'Preprocess', who: 'preprocess', action: 's3:PutObject', bytes: full },
    { step: 'Infer', who: 'infer', action: 'dynamodb:UpdateItem', bytes: full },
    { step: 'Drift', who: 'drift', action: 'dynamodb:UpdateItem', bytes: full },
    { step: 'Watch blanks', who: 'drift', action: 'dynamodb:UpdateItem', bytes: empty },
  ] as const)
    it(`an execution whose run is taken over in ${step} has nothing to do any more`, async () => {
      const { arnOf, ledger, drop, run, takeOver, when } = service();
      const key = `taken/${step}`;
      const scene = drop(key, bytes(key));
      when({ who, action }, () => takeOver(scene));
      const { end, path, failure } = await run(sceneInput(scene), key);
      assert.deepEqual([path.at(-2), end, failure], [`${step} ClaimLost → Nothing to do`, 'Nothing to do', null]);
      assert.equal((await ledger.get(scene, MODEL))?.execution, arnOf('another'));
    });

  for (const { step, who, action, bytes } of [
    { step: 'Infer', who: 'infer', action: 's3:GetObject', bytes: full },
    { step: 'Drift', who: 'drift', action: 'dynamodb:UpdateItem', bytes: full },
    { step: 'Watch blanks', who: 'drift', action: 'dynamodb:UpdateItem', bytes: empty },
  ] as const)
    it(`a run whose ${step} fails has failed`, async () => {
      const { ledger, drop, run, without } = service();
      const key = `refused/${step}`;
      const scene = drop(key, bytes(key));
      const { failure } = await without(who, action, () => run(sceneInput(scene), key));
      assert.match(failure?.cause ?? '', new RegExp(`^${step}: `));
      const row = await ledger.get(scene, MODEL);
      assert.deepEqual([row?.state, row?.error?.step], ['FAILED', step]);
    });

  it('a part, or a package, that was taken away fails the run', async () => {
    const { drop, models, results, putPackage, remove, run, startCold, when } = service();
    const part = drop('without/part', full('part'));
    when({ who: 'infer', action: 'dynamodb:UpdateItem' }, () => remove(results, preparedKey(runId(part, MODEL), 0)));
    assert.equal((await run(sceneInput(part), 'without-part')).failure?.error, 'ObjectNotFound');
    await startCold('infer'); // it would know the package still
    const scene = drop('without/package', full('package'));
    const item = `${MODEL.name}/${MODEL.version}/item.json`;
    when({ who: 'infer', action: 's3:GetObject', what: new RegExp(`/${item}$`) }, () => remove(models, item));
    assert.equal((await run(sceneInput(scene), 'without-package')).failure?.error, 'InvalidModelPackage');
    await putPackage(MODEL.version);
  });

  it('a failure that cannot be written down is settled by a sweep, once the lease is over', async () => {
    const { ledger, drop, run, without } = service();
    const scene = drop('unsettled', full('unsettled').subarray(0, 100));
    const { end, failure } = await without('settle', 'dynamodb:UpdateItem', () => run(sceneInput(scene), 'unsettled'));
    assert.deepEqual([end, failure?.error], ['Not settled', 'NotSettled']);
    const row = (await ledger.get(scene, MODEL))!;
    assert.equal(row.state, 'CLAIMED');
    await ledger.renew(row, new Date(Date.now() - HOUR), 0);
    await run(sweepInput, 'sweep-unsettled', { report: noReport });
    const settled = await ledger.get(scene, MODEL);
    assert.deepEqual([settled?.state, settled?.error?.name], ['FAILED', 'ExecutionLost']);
  });

  /** A run that its duplicate waits for fails after it has claimed its bytes. */
  async function failBefore(waiting: SceneRef, owner: SceneRef, name: string): Promise<void> {
    const { run, when, without } = service();
    when({ who: 'infer', action: 's3:GetObject' }, async () => {
      assert.equal((await run(sceneInput(waiting), `${name}-waits`)).end, 'Duplicate');
    });
    const { failure } = await without('drift', 'dynamodb:UpdateItem', () => run(sceneInput(owner), name));
    assert.match(failure?.cause ?? '', /^Drift: /);
  }

  it('where a run fails, its duplicate is tried in its place, by whichever attempt was not used', async () => {
    const { aws, drop } = service();
    for (const isTaken of [false, true]) {
      const name = `duplicate-${isTaken}`;
      const [owner, waiting] = [drop(`${name}/1`, full(name)), drop(`${name}/2`, full(name))];
      const duplicate = runId(waiting, MODEL);
      if (isTaken) aws.taken.add(executionName(duplicate, 2));
      aws.started.clear();
      await failBefore(waiting, owner, name);
      assert.deepEqual([...aws.started.keys()], [executionName(duplicate, isTaken ? 3 : 2)]);
    }
  });

  it('a run that was tried before and is a duplicate by now takes its predictions away', async () => {
    const { inbox, results, drop, put, resultKeys, run, without } = service();
    const first = drop('late/1', full('late'));
    await without('drift', 'dynamodb:UpdateItem', () => run(sceneInput(first), 'late-1'));
    const second = drop('late/2', full('late'));
    assert.equal((await run(sceneInput(second), 'late-2')).end, 'Done');
    const id = runId({ bucket: inbox, key: 'late/1', versionId: 'v1' }, MODEL);
    const left = predictionsKey({ id, model: MODEL, day: CLOSED_DAY }, 0);
    put(results, left, Buffer.from('of a worker that has woken up late'));
    const { end } = await run(sceneInput(first, MODEL), executionName(id, 2));
    assert.equal(end, 'Duplicate');
    assert.ok(!resultKeys().includes(left));
  });
}
