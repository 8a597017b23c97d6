import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indicesPackage } from '../models/buildIndices.ts';
import { shard } from '../scenes.ts';
import { assertGolden, assertGoldenRun, golden } from './golden.ts';
import type { Stacked } from './subject.ts';

/** Packages whose bands are expressions over the file's. */
export function derivedBands(stacked: Stacked): void {
  for (const { bands, evi } of [
    { bands: 'NDVI, NDMI', evi: false },
    { bands: 'NDVI, NDMI, EVI', evi: true },
  ] as const) {
    test(`a package of ${bands} classifies the shard as Python does on its own indices`, async () => {
      const { stack, run, predictionsOf, with: withModel } = stacked();
      await withModel(indicesPackage({ evi }), async () => {
        const row = await run(`indices-${bands.length}`, shard);
        assertGoldenRun(row, golden.models[bands]);
        assert.ok(golden.models[bands].drift.jensenShannon > stack.parameters.driftThreshold);
        assert.equal(row.drift?.verdict, 'drift');
        const [file, ...others] = await predictionsOf(row);
        assert.deepEqual(others, []);
        assertGolden(file!.rows, golden.models[bands]);
      });
    });
  }
}
