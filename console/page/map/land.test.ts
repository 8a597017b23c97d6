import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { LAND } from './land.ts';
import { landSource } from './makeLand.ts';

test('the land is what its script makes of Natural Earth, and small', () => {
  const source = readFileSync(new URL('land.ts', import.meta.url), 'utf8');
  assert.equal(source, landSource(), 'node console/page/map/makeLand.ts writes it anew');
  assert.ok(source.length < 60_000);
});

test('each of its rings lies on earth and ends near where it begins', () => {
  const rings = LAND.split('z').slice(0, -1);
  assert.ok(rings.length > 100);
  for (const ring of rings) {
    const [start = '', steps = ''] = ring.slice(1).split('l');
    let [x, y] = start.split(',').map(Number) as [number, number];
    for (const step of ['0,0', ...steps.split(' ')]) {
      const [right, down] = step.split(',').map(Number) as [number, number];
      [x, y] = [x + right, y + down];
      assert.ok(Math.abs(x) <= 18_000 && Math.abs(y) <= 9_000, `${x}, ${y}`);
    }
  }
});
