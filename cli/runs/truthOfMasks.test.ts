import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Areas } from '../../core/drift/areas.ts';
import { encodeGeoTiff } from '../../test/geoTiff.ts';
import { jsonLines, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';

const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const MODEL = fromHere('../../models/s2-scl/1.0.0');
const SCENE = fromHere('../../samples/sentinel-2/s2-t29unu-60m-256.tif');
const SIDE = 256;

type Found = { known: number; areas: Areas[] };

describe('swath truth of masks', () => {
  const cwd = temporaryFolder();
  const mask = (side: number, value = 3) =>
    encodeGeoTiff({ width: side, height: side, bands: [new Uint8Array(side * side).fill(value)] });
  let scene: string;

  before(async () => {
    const { code } = await swathHere(['classify', SCENE, '--model', MODEL], cwd);
    assert.equal(code, 0);
    scene = `${hash('sha256', readFileSync(SCENE)).slice(0, 12)}/${basename(SCENE)}`;
    mkdirSync(join(cwd, 'told/masks'), { recursive: true });
    writeFileSync(join(cwd, 'told/masks/water.tif'), mask(SIDE));
    writeFileSync(join(cwd, 'told/masks/small.tif'), mask(SIDE / 2));
    writeFileSync(join(cwd, 'told/masks/strange.tif'), mask(SIDE, 200));
  });

  const tell = (path: string) => {
    writeFileSync(join(cwd, 'told/truth.csv'), `scene,index,truth\n${scene},0,${path}\n`);
    return swathHere(['truth', 'told/truth.csv', '--json'], cwd);
  };

  test('reads a mask by its path relative to the table, and reports the outcome', async () => {
    const { code, stdout, stderr } = await tell('masks/water.tif');
    assert.deepEqual([code, stderr], [0, '']);
    assert.partialDeepStrictEqual(jsonLines<object>({ stdout })[0], { truths: 1, joined: 1, runs: 1, unknown: [] });
    const again = await tell('masks/water.tif');
    assert.partialDeepStrictEqual(jsonLines<object>(again)[0], { joined: 0, corrected: 0, known: 1, days: [] });
    const rows = await swathHere(['sql', 'SELECT true_pixels FROM truth'], cwd);
    assert.equal(rows.stderr, '');
    assert.match(rows.stdout, /\b3\/3:\d+/);
  });

  test('corrects areas; of a single scene, whose chips are all known, no interval follows', async () => {
    const { stdout } = await swathHere(['area', '--model', 's2-scl/1.0.0', '--since', '1d', '--json'], cwd);
    const [
      {
        known,
        areas: [all],
      },
    ] = jsonLines<Found>({ stdout }) as [Found];
    const water = all!.classes.find(({ name }) => name === 'water')!;
    assert.equal(known, 1);
    assert.ok(
      Math.abs(water.corrected!.area - all!.hectares) < 1e-6 * all!.hectares && water.mapped < all!.hectares / 2,
    );
    assert.deepEqual(water.corrected!.interval, [0, all!.hectares]);
  });

  test('shows how many pixels were compared; if there were none, what to check, and nothing changes: exit code 1', async () => {
    assert.partialDeepStrictEqual(jsonLines<object>(await tell('masks/strange.tif'))[0], { corrected: 0, pixels: 0 });
    const strange = await swathHere(['truth', 'told/truth.csv'], cwd);
    assert.equal(strange.code, 1);
    assert.match(
      strange.stdout,
      /^ +pixels +0 compared: the map and the mask have no pixel where both have a class\. Check that .* item\.json$/m,
    );
    assert.partialDeepStrictEqual(jsonLines<object>(await tell('masks/water.tif'))[0], { known: 1, pixels: 65536 });
    const { stdout } = await swathHere(['truth', 'told/truth.csv'], cwd);
    assert.match(stdout, /^ +pixels +65,536 compared$/m);
  });

  for (const [what, path, says] of [
    ['that is not there', 'masks/none.tif', /line 2: .*: the mask “masks\/none\.tif” cannot be read: ENOENT/],
    [
      'of another size',
      'masks/small.tif',
      /line 2: .*: found a mask of 128 × 128 pixels and 1 bands, allowed is one band of 256 × 256 pixels, as the scene has/,
    ],
    ['that is a word', 'water', /line 2: .*: the mask “water” cannot be read/],
  ] as const)
    test(`refuses a mask ${what}: exit code 2`, async () => {
      const { code, stderr } = await tell(path);
      assert.equal(code, 2);
      assert.match(stderr, says);
    });

  test('of a scene that a model of numbers has predicted as well asks for --model: exit code 2', async () => {
    const numbers = fromHere('../../models/s2-b8a/1.0.0');
    for (const args of [
      ['model', 'publish', numbers],
      ['model', 'promote', 's2-b8a/1.0.0', '--beside'],
      ['classify', SCENE, '--model', numbers],
    ])
      assert.equal((await swathHere(args, cwd)).stderr, '');
    const { code, stderr } = await tell('masks/water.tif');
    assert.equal(code, 2);
    assert.match(
      stderr,
      /found “masks\/water\.tif”, allowed is one finite number .* Without --model, a truth is for each model /,
    );
    const meant = await swathHere(['truth', 'told/truth.csv', '--model', 's2-scl', '--json'], cwd);
    assert.partialDeepStrictEqual(jsonLines<object>(meant)[0], { known: 1, unknown: [] });
  });
});
