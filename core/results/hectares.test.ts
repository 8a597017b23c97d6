import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { modelOf, partOf } from '../../test/benches/predictions.ts';
import type { ModelPackage } from '../package/package.ts';
import { makeWindows } from '../scenes/preparedPart.ts';
import { chipGrid } from '../scenes/raster/chipGrid.ts';
import { crsNamed } from '../scenes/raster/crs.ts';
import { placedWindow } from '../scenes/raster/hectaresWithin.ts';
import type { Transform } from '../scenes/raster/raster.ts';
import { hectaresOf } from './predictionColumns.ts';

type Vector = { name: string; crs: string; transform: Transform; width: number; height: number; side: number } & {
  overlap: number;
  chips: number[];
  hectares: number;
};
const VECTORS: Vector[] = JSON.parse(readFileSync(new URL('hectares.vectors.json', import.meta.url), 'utf8'));

const UNEVEN = ['a polar grid, whose pixels are not alike', 'coarse degrees'];

const close = (found: number | null, expected: number, within: number) =>
  assert.ok(found !== null && Math.abs(found / expected - 1) < within, `${found}, not ${expected}`);

async function chipsOf({ crs: name, transform, side, overlap, ...size }: Vector, pixels: object | null = null) {
  const { crs } = await crsNamed(name);
  const grid = chipGrid(size, { width: side, height: side }, overlap);
  const chips = grid.columns * grid.rows;
  const window = makeWindows(chips);
  const source = { width: side, height: side };
  const model = { ...modelOf([]), source, overlap, output: { pixels } } as unknown as ModelPackage;
  for (let chip = 0; chip < chips; chip += 1) {
    const one = grid.windowOf(chip);
    for (const side of ['x', 'y', 'width', 'height'] as const) window[side][chip] = one[side];
    window.hectares[chip] = placedWindow(one, transform, crs, model).hectares;
  }
  return { part: partOf(chips, { window }), model };
}

describe('the land of chips', () => {
  for (const vector of VECTORS)
    test(`is that of geodesics, in ${vector.name}, and adds up to that of the raster`, async () => {
      const { part, model } = await chipsOf(vector);
      const found = hectaresOf(part, {}, model);
      for (const [i, land] of found.entries()) close(land, vector.chips[i]!, 1e-5);
      const sum = found.reduce<number>((all, land) => all + land!, 0);
      close(sum, vector.hectares, 1e-5);
    });

  test('is that of the pixels which the map has of them', async () => {
    const vector = VECTORS[0]!;
    const { part, model } = await chipsOf(vector, { upscaling: 2 });
    const [first] = hectaresOf(part, { pixels: Array(12).fill(4 * 256) }, model);
    close(first!, vector.chips[0]! / 4, 1e-5);
  });

  for (const vector of VECTORS)
    test(`of pixels is known only where they are equally large: in ${vector.name}`, async () => {
      const { part, model } = await chipsOf(vector, { upscaling: 1 });
      const pixels = Array(part.chips).fill(vector.side ** 2);
      const isKnown = hectaresOf(part, { pixels }, model).map((land) => land !== null);
      assert.deepEqual([...new Set(isKnown)], [!UNEVEN.includes(vector.name)]);
    });

  test('is not known without a place, nor where clouds hide them', async () => {
    const { part, model } = await chipsOf(VECTORS[0]!);
    part.window!.hectares[0] = NaN;
    part.window!.width[1] = 0;
    const values = [0, 0, 0.9, 0.1, ...Array(8).fill(null)];
    const carried = [{ name: 'masked', type: 'DOUBLE' as const, values }];
    const found = hectaresOf({ ...part, carried }, {}, { ...model, mask: { share: 0.5 } } as ModelPackage);
    assert.deepEqual(
      found.map((land) => land !== null),
      [false, false, false, ...Array(9).fill(true)],
    );
    assert.deepEqual(hectaresOf(partOf(2), {}, model), [null, null]);
  });
});
