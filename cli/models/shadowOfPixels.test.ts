import assert from 'node:assert/strict';
import { existsSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { sfc32 } from '../../replay/sfc32.ts';
import { encodeGeoTiff } from '../../test/geoTiff.ts';
import { BANDS, pixelsPackage } from '../../test/models/pixelsPackage.ts';
import { jsonLines, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';

/** A shadow of a model that says something of each pixel: it makes no map, and its pixels are compared with those of the live one's map. */

type Diff = {
  chips: number;
  difference: {
    agreement: number;
    counted: { of: string; n: number; alone: number };
    figures: unknown;
    names: unknown;
    changes: unknown;
  };
  changed: { index: number }[];
};

/** Both ends of a row of chips are somewhere within a block of the map; the last columns have no data. */
const [WIDTH, HEIGHT, END] = [100, 70, 84];

describe('the shadow of a model of pixels', () => {
  const [cwd, besides] = [temporaryFolder(), temporaryFolder()];
  const swath = (...args: string[]) => swathHere(args, cwd);

  /** A version that sees so much of what there is; of fewer values, more pixels are none of the other classes. */
  function packageOf(folder: string, version: string, scale: number): string {
    mkdirSync(join(folder, version));
    for (const [name, content] of Object.entries(pixelsPackage({ probabilities: version === '1.0.0' }))) {
      const item = () => {
        const json = JSON.parse(String(content));
        json.properties.version = version;
        json.properties['mlm:input'][0].value_scaling = BANDS.map(() => ({ type: 'scale', value: 1 / scale }));
        return JSON.stringify(json);
      };
      writeFileSync(join(folder, version, name), name === 'item.json' ? item() : content);
    }
    return join(folder, version);
  }

  function raster(): Uint8Array {
    const random = sfc32(7, 0, 0);
    const planes = BANDS.map(() =>
      Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i % WIDTH < END ? 1 + Math.floor(random() * 255) : 0)),
    );
    const place = { epsg: 32629, origin: [500_000, 5_900_040] as const, pixel: 10 };
    return encodeGeoTiff({ width: WIDTH, height: HEIGHT, bands: planes, descriptions: BANDS, nodata: 0, ...place });
  }

  before(async () => {
    writeFileSync(join(cwd, 'scene.tif'), raster());
    writeFileSync(join(besides, 'scene.tif'), raster());
    for (const [version, scale] of [
      ['1.0.0', 1],
      ['1.1.0', 0.5],
    ] as const) {
      const published = await swath('model', 'publish', packageOf(cwd, version, scale));
      assert.equal(published.code, 0, published.stderr);
      packageOf(besides, version, scale);
    }
    assert.equal((await swath('model', 'promote', 'pixels/1.0.0')).code, 0);
  });

  test('makes no maps, and is still compared pixel by pixel', async () => {
    const { code, stderr } = await swath('model', 'shadow', 'pixels/1.1.0');
    assert.equal(code, 0, stderr);
  });

  test('agrees in as many pixels, of the same classes and in the same chips, as the maps of both do', async () => {
    const sent = await swath('send', 'scene.tif');
    assert.equal(sent.code, 0, sent.stderr);
    const [one] = jsonLines<Diff>(await swath('model', 'diff', 'pixels/1.0.0', 'pixels/1.1.0', '--json'));
    const [back] = jsonLines<Diff>(await swath('model', 'diff', 'pixels/1.1.0', 'pixels/1.0.0', '--json'));
    const args = ['model', 'diff', '1.0.0', '1.1.0', '--data', 'scene.tif', '--json'];
    const [wanted] = jsonLines<Diff>(await swathHere(args, besides));
    assert.deepEqual(one!.difference, wanted!.difference);
    assert.deepEqual(
      [one!.difference.counted, one!.chips],
      [{ of: 'pixel', n: END * HEIGHT, alone: 0 }, wanted!.chips],
    );
    assert.ok(one!.difference.agreement > 0.05 && one!.difference.agreement < 0.95, `${one!.difference.agreement}`);
    assert.deepEqual(
      one!.changed.map(({ index }) => index),
      wanted!.changed.map(({ index }) => index),
    );
    assert.equal(back!.difference.agreement, one!.difference.agreement);
  });

  test('has its pixels beside its predictions, and no map anywhere', () => {
    const found = (pattern: string) => globSync(join(cwd, '.swath/results', pattern)).length;
    assert.deepEqual([found('shadows/pieces/*/part-00000.zst'), found('shadows/model=*/**/*.parquet')], [1, 1]);
    assert.equal(found('maps/model=pixels/version=1.0.0/**/*-probabilities.tif'), 1);
    assert.ok(!existsSync(join(cwd, '.swath/results/maps/model=pixels/version=1.1.0')));
  });
});
