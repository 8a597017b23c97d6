import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sfc32 } from '../../replay/sfc32.ts';
import { measureLabels } from './measureDrift.ts';

test('at most one in a hundred quiet windows of ten labels passes a noise floor by chance', () => {
  const random = sfc32(7, 1, 1);
  const shares = Array.from({ length: 10 }, (_, i) => (i + 1) / 20);
  const [n, total, windows] = [300, 700, 1000];
  const draw = (chips: number) => {
    const counts = shares.map(() => 0);
    for (let chip = 0; chip < chips; chip += 1)
      for (const [i, share] of shares.entries()) if (random() < share) counts[i]! += 1;
    return counts;
  };
  let passed = 0;
  for (let window = 0; window < windows; window += 1) {
    const { jensenShannon, noiseFloor } = measureLabels({
      counts: draw(n),
      n,
      reference: draw(total),
      total,
      threshold: 1,
      minimum: 1,
    })!;
    if (jensenShannon > noiseFloor) passed += 1;
  }
  // The 99.9 % quantile of a thousand windows at 0.01.
  assert.ok(passed <= 21, `${passed} of ${windows}`);
  assert.ok(passed > 0, 'it is a floor that chance can pass');
});

test('the verdict is that of the label that drifts, even if another label has too little data', () => {
  const found = measureLabels({
    counts: [90, 0],
    n: 100,
    reference: [100, 0],
    total: 1000,
    threshold: 0.25,
    minimum: 1,
  });
  assert.equal(found?.verdict, 'drift');
});

test('the result is null without chips', () => {
  const none = { counts: [0], n: 0, reference: [1], total: 2, threshold: 0.25, minimum: 1 };
  assert.equal(measureLabels(none), null);
});
