import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import manifest from '../../package.json' with { type: 'json' };
import { buildLimit, installPeer } from './peer.ts';

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
