import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readBaselineFile } from '../../../test/benches/packages.ts';
import type { ModelPackage } from '../../package/package.ts';
import { readModelPackage } from '../../tasks/readModelPackage.ts';
import { parseOnlineInput } from './input.ts';
import { makeReadInput } from './inputChip.ts';

const model = await readModelPackage(readBaselineFile);

/** Reads a chip's values by a model of so many bands of so many pixels. */
async function read(values: unknown[], bands: number, [height, width]: [height: number, width: number]) {
  const of = Array.from({ length: bands }, (_, i) => ({ ...model.source.bands[0]!, name: `B${i}`, dataType: 'uint8' }));
  const small = { ...model, source: { ...model.source, height, width, bands: of } } as ModelPackage;
  const { planes } = await makeReadInput(small, 1e6)({ id: null, kind: 'values', values }, 'inputs[0]', 0);
  return planes.map((plane) => [...plane]);
}

describe('values of a chip', () => {
  for (const [what, values, bands, size, planes] of [
    ['a row, by its bands', [1, 2], 2, [1, 1], [[1], [2]]],
    ['a row in a list', [[1, 2]], 2, [1, 1], [[1], [2]]],
    ['each band alone', [[[1]], [[2]]], 2, [1, 1], [[1], [2]]],
    [
      'one band, by rows and columns',
      [
        [1, 2],
        [3, 4],
      ],
      1,
      [2, 2],
      [[1, 2, 3, 4]],
    ],
    [
      'several bands',
      [[[1, 2]], [[3, 4]]],
      2,
      [1, 2],
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ] as const)
    test(`are read: ${what}`, async () => {
      assert.deepEqual(await read(structuredClone(values) as unknown as unknown[], bands, [size[0], size[1]]), planes);
    });

  for (const [what, values, bands, size, says] of [
    [
      'a row where there are pixels',
      [1, 2],
      2,
      [1, 2],
      /found a list of 2, allowed are lists of 2 × 1 × 2 numbers, as /,
    ],
    ['a list of bands with one missing', [[1, 2]], 2, [1, 2], /found lists of 1 × 2, allowed are lists of 2 × 1 × 2/],
    ['a row too short', [[1, 2], [3]], 1, [2, 2], /found lists of 2 × 2, of which \[1\] has 1, allowed/],
    ['a list for a number', [[1, [2]]], 1, [1, 2], /found lists of 1 × 2, of which \[0\]\[1\] is a list, allowed/],
    ['a number for a list', [[1, 2], 3], 1, [2, 2], /of which \[1\] is no list, allowed/],
    ['nothing for a list', [[1, 2], null], 1, [2, 2], /of which \[1\] is no list, allowed/],
    ['a text for a list', [[1, 2], 'ab'], 1, [2, 2], /of which \[1\] is no list, allowed/],
    ['more lists than there can be', [[[[[1]]]]], 1, [1, 1], /found lists of 1 × 1 × 1 × 1, allowed are/],
    ['a value too high', [[1, 256]], 1, [1, 2], /band B0: found 256 for pixel 1, allowed is a value of uint8$/],
    ['half a value', [[1, 0.5]], 1, [1, 2], /band B0: found 0.5 for pixel 1, allowed is a value of uint8$/],
    ['a null value', [[1, null]], 1, [1, 2], /band B0: found null for pixel 1, allowed is a value of uint8$/],
    ['no list of numbers', [], 1, [1, 2], /found a list of 0, allowed are/],
    ['the only value too high', [256], 1, [1, 1], /band B0: found 256, allowed is a value of uint8$/],
    ['a text', [['1', 2]], 1, [1, 2], /band B0: found “1” for pixel 0, allowed is a value of uint8$/],
  ] as const)
    test(`are refused with what was found: ${what}`, async () => {
      await assert.rejects(read(structuredClone(values) as unknown as unknown[], bands, [size[0], size[1]]), {
        name: 'InvalidSceneFile',
        message: says,
      });
    });
});

test('an input with an address has an id or null', () => {
  const url = 'https://example.org/a.png';
  assert.deepEqual(parseOnlineInput({ url }, 'inputs[0]'), { id: null, kind: 'url', url });
  assert.deepEqual(parseOnlineInput({ id: 'a', url }, 'inputs[0]'), { id: 'a', kind: 'url', url });
});
