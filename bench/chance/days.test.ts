import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sfc32 } from '../../replay/sfc32.ts';
import { startDays } from './days.ts';
import { anywhere } from './draw.ts';
import { readPicture } from './picture.ts';
import { rangesOf, writePackage } from './ranges.ts';

/** A few days of the suite `chance`, from scene files to verdicts and alarms. */

const folder = mkdtempSync(join(tmpdir(), 'swath-chance-'));
const picture = await readPicture(
  fileURLToPath(new URL('../../samples/sentinel-2/s2-t29unu-60m-256.tif', import.meta.url)),
);
const ranges = rangesOf(picture, 4);
await writePackage(join(folder, 'package'), picture, ranges, 'scene');
const days = await startDays(folder, join(folder, 'package'), picture, ranges.side);
after(async () => {
  await days[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const draw = anywhere(picture, ranges, [10, 10], sfc32(1, 2, 3));
const scenes = (dark?: { band: number; by: number }) =>
  Array.from({ length: 10 }, () => ({ ...draw(), ...(dark && { dark }) }));

describe('scenes of a real tile, day by day', () => {
  test('do not drift while nothing changes', async () => {
    for (let day = 0; day < 3; day += 1) {
      const { files, all, alarms } = await days.pass(scenes());
      const verdicts = [...files.map(({ drift }) => drift), all.drift, ...all.bandDrift].map((one) => one?.verdict);
      assert.equal(verdicts.length, 10 + 1 + 6);
      assert.ok(!verdicts.includes('drift'), verdicts.join());
      assert.deepEqual(alarms, []);
    }
  });

  test('show by name which band has become dark, and an alarm goes off', async () => {
    const { all, alarms } = await days.pass(scenes({ band: 4, by: 0.8 }));
    const drifting = all.bandDrift.filter(({ verdict }) => verdict === 'drift').map(({ band }) => band);
    assert.deepEqual(drifting, ['B11']);
    assert.deepEqual(alarms, ['band-drift']);
  });
});
