import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeTold, encodeTold, type Told } from './toldTruths.ts';

const at = '2026-03-02T10:00:00.000Z';
const chipOf = (index: number) => ({ id: `0123456789abcdef-${index}`, member: null, request: null });

describe('the truths of a run', () => {
  for (const [column, one, other] of [
    ['truth', 3, 0],
    ['true_value', 0.5, -2],
    ['true_labels', 'fire|smoke', ''],
    ['true_pixels', '0/0:1 0/1:3', ''],
  ] as const)
    test(`are read again as they were stored: ${column}`, async () => {
      const truths = new Map<number, Told>([
        [7, { index: 7, truth: one, at, isChosen: false, seed: 4_294_967_295 }],
        [2, { index: 2, truth: other, at, isChosen: true, seed: null }],
      ]);
      const bytes = await encodeTold({ run: 'r', scene: 's', column }, truths, chipOf);
      const found = await decodeTold(bytes);
      assert.deepEqual([...found.keys()], [2, 7], "in the scene file's order");
      assert.deepEqual(new Map(found), new Map([...truths].sort(([a], [b]) => a - b)));
      const turned = new Map([...truths].toReversed());
      assert.deepEqual(await encodeTold({ run: 'r', scene: 's', column }, turned, chipOf), bytes);
    });
});
