import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runId, sceneInput, UNASSIGNED } from '../base/messages.ts';
import { executionNameOf, makeAccept } from './accept.ts';

const scene = { bucket: 'inbox', key: 'a', versionId: 'v1' };
const model = { name: 'wheat', version: '1.0.0' };

test('a file is accepted once for each model and attempt, and repeated arrivals start nothing', async () => {
  const started = new Map<string, unknown>();
  const accept = makeAccept({
    start: async (name, input) => {
      if (started.has(name)) return 'known';
      started.set(name, input);
      return 'started';
    },
  });
  for (const [arrival, answer] of [
    [{ scene, model }, 'started'],
    [{ scene, model }, 'known'],
    [{ scene, model, attempt: 1 }, 'known'],
    [{ scene, model, attempt: 2 }, 'started'],
    [{ scene }, 'started'],
    [{ scene }, 'known'],
    [{ scene, model: { ...model, name: 'fire' } }, 'started'],
  ] as const)
    assert.equal(await accept(arrival), answer);
  assert.deepEqual([...started].slice(0, 3), [
    [`${runId(scene, model)}-1`, sceneInput(scene, model)],
    [`${runId(scene, model)}-2`, sceneInput(scene, model)],
    [`${runId(scene, UNASSIGNED)}-1`, sceneInput(scene)],
  ]);
  assert.ok(started.has(executionNameOf({ scene, model })));
});
