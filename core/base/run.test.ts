import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chipId, executionName, isUnassigned, modelId, runId, sceneId, UNASSIGNED } from './messages.ts';

const scene = { bucket: 'inbox', key: 'north/a', versionId: 'v1' };
const model = { name: 'baseline', version: '1.0.0' };

test('ids are built from the names of what they identify', () => {
  assert.equal(sceneId(scene), 'inbox/north/a#v1');
  assert.equal(modelId(model), 'baseline/1.0.0');
  assert.equal(chipId('0123456789abcdef'.repeat(4), 17), '0123456789abcdef-17');
});

test('the id of a run never changes', () => {
  // printf '["inbox","north/a","v1","baseline","1.0.0"]' | sha256sum
  assert.equal(runId(scene, model), '939f21fc68b98e06f337990b4dd84596');
});

test('another file, version or model has another run id, even if the concatenated names are equal', () => {
  const name = fc.string({ unit: fc.constantFrom('a', '#', '/', '"', ','), minLength: 1, maxLength: 3 });
  const names = fc.tuple(name, name, name, name, name);
  const idOf = ([bucket, key, versionId, model, version]: [string, string, string, string, string]) =>
    runId({ bucket, key, versionId }, { name: model, version });
  fc.assert(
    fc.property(names, names, (one, other) => (idOf(one) === idOf(other)) === (one.join('|') === other.join('|'))),
  );
});

test('two scenes never share a key of the ledger, whatever their keys look like', () => {
  const bucket = fc.constantFrom('inbox', 'inbox.a', 'box');
  const key = fc.string({ unit: fc.constantFrom('a', '#', '/', 'v1'), minLength: 1, maxLength: 4 });
  const scenes = fc.record({ bucket, key, versionId: fc.constantFrom('v1', 'a', 'null') });
  fc.assert(
    fc.property(scenes, scenes, (one, other) => {
      const isSame = one.bucket === other.bucket && one.key === other.key && one.versionId === other.versionId;
      return (sceneId(one) === sceneId(other)) === isSame;
    }),
  );
});

test('an attempt names its execution as Step Functions allows', () => {
  const name = executionName(runId(scene, model), 3);
  assert.equal(name, '939f21fc68b98e06f337990b4dd84596-3');
  // StartExecution takes 1 to 80 characters, and of those that are safe everywhere only these.
  assert.match(name, /^[\w-]{1,80}$/);
});

test('UNASSIGNED is recognised as no model version', () => {
  assert.equal(isUnassigned(UNASSIGNED), true);
  assert.equal(isUnassigned(model), false);
});
