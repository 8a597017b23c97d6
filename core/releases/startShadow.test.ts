import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { executionName, shadowBatchId, shadowRunId } from '../base/messages.ts';
import type { LogFields } from '../base/step.ts';
import { makeStartShadow, type StartShadowPorts } from './startShadow.ts';

const live = { name: 'wheat', version: '1.0.0' };
const model = { ...live, version: '1.1.0' };
const run = {
  id: 'r-1',
  scene: { bucket: 'inbox', key: 'a', versionId: 'v1' },
  model: live,
  attempt: 2,
  execution: 'first',
  digest: 'ab'.repeat(32),
  day: '2026-03-01',
};
const batch = { id: 'b-1', model: live };

function makeBench(shadow: { version: string; share: number } | Error | null) {
  const started: [name: string, input: object][] = [];
  const ports = {
    models: { shadow: async () => (shadow instanceof Error ? Promise.reject(shadow) : shadow) },
    executions: { start: async (name: string, input: object) => void started.push([name, input]) },
  } as unknown as StartShadowPorts;
  return { ...makeStartShadow(ports), started };
}

describe('the shadow of finished work', () => {
  test('has an execution with its own name, whose input says what to classify', async () => {
    const { ofRun, ofBatch, started } = makeBench({ version: '1.1.0', share: 1 });
    const log = {};
    await ofRun(run, { chips: 5, blank: 1 } as never, 2, log);
    await ofBatch({ batch, attempt: 3 } as never, 1, log);
    assert.deepEqual(log, { shadow: 'wheat/1.1.0' });
    const ofBatchAlone = {};
    await ofBatch({ batch, attempt: 4 } as never, 1, ofBatchAlone);
    assert.deepEqual(ofBatchAlone, { shadow: 'wheat/1.1.0' });
    const [[first, ofOne], [second, ofMany]] = started as [[string, object], [string, object]];
    assert.deepEqual(
      [first, second],
      [executionName(shadowRunId(run.scene, model), 2), executionName(shadowBatchId('b-1', model), 3)],
    );
    assert.partialDeepStrictEqual(ofOne, { shadow: { model, run, parts: 2, chips: 5, blank: 1 } });
    assert.partialDeepStrictEqual(ofMany, { shadow: { model, batch, share: 1 } });
  });

  for (const [what, shadow] of [
    ['there is none', null],
    ['it is live by now', { version: '1.0.0', share: 1 }],
    ['the content is not in its share', { version: '1.1.0', share: 0 }],
    ['it cannot be read', new TypeError('no such bucket')],
  ] as const)
    test(`is not started if ${what}`, async () => {
      const { ofRun, ofBatch, started } = makeBench(shadow);
      const log: LogFields = {};
      await ofRun(run, {} as never, 1, log);
      if (shadow === null) await ofBatch({ batch, attempt: 1 } as never, 1, log);
      assert.deepEqual(started, []);
      assert.deepEqual(log, shadow instanceof Error ? { noShadow: 'TypeError: no such bucket' } : {});
    });

  test('of predictions over HTTP is started whatever its share, which was drawn for each request', async () => {
    const { ofRun, started } = makeBench({ version: '1.1.0', share: 0 });
    const scene = { bucket: 'results', key: `answered/${'a'.repeat(64)}.jsonl`, versionId: 'v1' };
    await ofRun({ ...run, scene }, {} as never, 1, {});
    const [[name, input] = assert.fail()] = started;
    assert.equal(name, executionName(shadowRunId(scene, model), run.attempt));
    assert.partialDeepStrictEqual(input, { shadow: { chips: 0, blank: 0 } });
  });

  test('is not started for a batch without a finished file', async () => {
    const { ofBatch, started } = makeBench({ version: '1.1.0', share: 1 });
    await ofBatch({ batch, attempt: 1 } as never, 0, {});
    assert.deepEqual(started, []);
  });
});
