import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Finding, run } from '../../test/fuzz/run.ts';
import { archives } from '../../test/fuzz/targets/archives.ts';
import { arrays } from '../../test/fuzz/targets/arrays.ts';
import { geotiff, images, jpeg2000 } from '../../test/fuzz/targets/rasters.ts';
import { example, tfrecord } from '../../test/fuzz/targets/records.ts';
import { csvTables, parquetTables } from '../../test/fuzz/targets/tables.ts';

/** A few of the damaged files of `npm run fuzz`, for the formats that are parsed here. */
describe('a damaged file is read as it is or refused, in bounded time and memory:', () => {
  for (const [target, count] of [
    [tfrecord, 75],
    [example, 500],
    [arrays, 75],
    [csvTables, 25],
    [parquetTables, 75],
    [archives, 25],
    [geotiff, 250],
    [images, 200],
    [jpeg2000, 125],
  ] as const)
    test(target.name, async () => {
      const findings: Finding[] = [];
      const ports = { begin: () => {}, found: (one: Finding) => findings.push(one) };
      const { refused } = await run(target, 15, { from: 0, count, step: 1 }, ports);
      assert.deepEqual(findings, []);
      assert.ok(refused > count / 20 && refused < count, `${refused} refused`);
    });
});
