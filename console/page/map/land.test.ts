import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { landSource } from '../../../test/maps/makeLand.ts';
import { LAND } from './land.ts';

test('the land is what its script makes of Natural Earth, and small', () => {
  const source = readFileSync(new URL('land.ts', import.meta.url), 'utf8');
  assert.equal(source, landSource(), 'node test/maps/makeLand.ts writes it anew');
  assert.ok(source.length < 60_000);
});

test('each of its rings is on earth and has whole coordinates', () => {
  const rings = LAND.split('z').slice(0, -1);
  assert.ok(rings.length > 100);
  for (const ring of rings) {
    const [[startX, startY] = [], steps = []] = ring.slice(1).split('l').map(numbersIn);
    assert.equal(steps.length % 2, 0);
    let [x, y] = [startX!, startY!];
    for (let i = 0; i < steps.length; i += 2) {
      x += steps[i]!;
      y += steps[i + 1]!;
      assert.ok(Math.abs(x) <= 18_000 && Math.abs(y) <= 9_000, `${x}, ${y}`);
      const isAtPole = Math.abs(y) === 9_000;
      assert.ok(Math.abs(steps[i]!) < 9_000 || isAtPole, `a line goes across the earth to ${x}, ${y}`);
    }
    assert.ok(Math.abs(x - startX!) < 9_000, `a line goes across the earth to ${startX}, ${startY}`);
  }
});

function numbersIn(path: string): number[] {
  return (path.match(/-?\d+/g) ?? []).map(Number);
}
