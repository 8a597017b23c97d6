import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeNpy, encodeNpz } from '../numpy.ts';
import { assertGolden, assertGoldenRun, golden } from './golden.ts';
import { bands, height, shardChips as shard, width } from './shardChips.ts';
import type { Stacked } from './subject.ts';

/** The chips of the bundled shard as arrays: the same chips are the same predictions, whatever the format. */
export function arrays(stacked: Stacked): void {
  for (const { what, file, isAddressed, hasTruth } of [
    { what: 'an array', file: () => chips(), isAddressed: true, hasTruth: false },
    {
      what: 'an archive',
      file: () => encodeNpz({ images: chips(), label: labels() }, { isDeflated: true }),
      isAddressed: false,
      hasTruth: true,
    },
  ])
    test(`${what} of the real shard's chips comes out as the shard does`, async () => {
      const { run, predictionsOf } = stacked();
      const bytes = file();
      const row = await run(what.replaceAll(' ', '-'), bytes);
      assertGoldenRun(row, golden.models.baseline);
      assert.partialDeepStrictEqual(row, { state: 'DONE', size: bytes.length, chips: 81, blank: 2, parts: 1 });
      const rows = (await predictionsOf(row)).flatMap((part) => part.rows);
      assertGolden(rows, golden.models.baseline);
      for (const [i, { index, truth }] of golden.records.entries()) {
        const found = rows[i]!;
        assert.deepEqual([found.index, found.truth], [index, hasTruth ? truth : null]);
        const place = isAddressed ? [bytes.length - 81 * CHIP_BYTES + index * CHIP_BYTES, CHIP_BYTES] : [0, 0];
        assert.deepEqual([Number(found.offset), found.length], place);
      }
    });
}

const SHAPE = [shard.length, height, width, bands.length];
const CHIP_BYTES = height * width * bands.length;

/** As the package's model takes them: chips × height × width × bands. */
function chips(): Uint8Array {
  const data = new Uint8Array(shard.length * CHIP_BYTES);
  each((value, chip, pixel, band) => {
    data[(chip * height * width + pixel) * bands.length + band] = value;
  });
  return encodeNpy({ descr: '|u1', shape: SHAPE, data });
}

function labels(): Uint8Array {
  const data = new Uint8Array(BigInt64Array.from(shard, ({ truth }) => BigInt(truth!)).buffer);
  return encodeNpy({ descr: '<i8', shape: [shard.length], data });
}

function each(set: (value: number, chip: number, pixel: number, band: number) => void): void {
  for (const [chip, { planes }] of shard.entries())
    for (const [band, plane] of planes.entries())
      for (let pixel = 0; pixel < plane.length; pixel += 1) set(plane[pixel]!, chip, pixel, band);
}
