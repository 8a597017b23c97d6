import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import manifest from '../../package.json' with { type: 'json' };
import { buildLimit, installPeer } from './peer.ts';
import { areSame, type Prediction } from './predictions.ts';

for (const name of ['requirements.txt', 'raster.txt'])
  test(`the peer of ${name} runs on exact versions, and on the onnxruntime that Swath has`, () => {
    const lines = readFileSync(new URL(name, import.meta.url), 'utf8').split('\n');
    const packages = lines.filter((line) => line !== '' && !line.startsWith('#'));
    assert.deepEqual(
      packages.filter((line) => !/^[\w-]+==\d[\w.]*$/.test(line)),
      [],
    );
    assert.ok(packages.includes(`onnxruntime==${manifest.dependencies['onnxruntime-node']}`), packages.join());
  });

test('where Python or Rust cannot be had, it says why', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'swath-peer-'));
  const found = await installPeer(folder, 'no-such-python');
  const built = await buildLimit(folder, 'no-such-cargo');
  rmSync(folder, { recursive: true });
  assert.ok('missing' in built && /no-such-cargo/.test(built.missing));
  assert.ok('missing' in found);
  assert.match(found.missing, /no-such-python/);
});

test('two servers answer the same only with equal classes, labels and, but for rounding, probabilities', () => {
  const spam: Prediction = { class: 'spam', label: 1, probabilities: { ham: 0.1, spam: 0.9 } };
  for (const [other, isSame] of [
    [{ ...spam, probabilities: { spam: 0.90009, ham: 0.09991 } }, true],
    [{ ...spam, probabilities: { ham: 0.0998, spam: 0.9002 } }, false],
    [{ ...spam, probabilities: { ham: 0.1 } }, false],
    [{ ...spam, class: 'ham' }, false],
    [{ ...spam, label: 0 }, false],
  ] as const)
    assert.equal(areSame([spam, spam], [spam, other]), isSame, JSON.stringify(other));
  assert.equal(areSame([spam], [spam, spam]), false);
});
