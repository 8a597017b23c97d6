import assert from 'node:assert/strict';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bundledChips } from '../../test/benches/bandChips.ts';
import { grdFiles, hlsFiles, OTHERS, planetFiles } from '../../test/benches/products.ts';
import { encodeGeoTiff } from '../../test/geoTiff.ts';
import { encodeZip } from '../../test/numpy.ts';
import { jsonLines, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';

type Json = ReturnType<typeof JSON.parse>;

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SAFE = 'S2A_L2A_05.09.SAFE';
const ID = 'S2A_MSIL2A_20230625T234621_N0509_R073_T01WCP_20230626T022157';

describe('swath stac make', () => {
  const cwd = temporaryFolder();
  const make = (...args: string[]) => swathHere(['stac', 'make', ...args], cwd);

  before(async () => {
    cpSync(join(ROOT, 'core/scenes/products/fixtures', SAFE), join(cwd, SAFE), { recursive: true });
    const { model, chips } = await bundledChips('s2-scl', 'sentinel-2/s2-t29unu-60m-256.tif');
    assert.equal(chips.length, 1);
    const images = readFileSync(join(cwd, SAFE, 'MTD_MSIL2A.xml'), 'utf8').matchAll(/<IMAGE_FILE>(.*_(B..)_[12]0m)</g);
    for (const [, path, name] of images) {
      const band = model.source.bands.findIndex((one) => one.name === name);
      mkdirSync(dirname(join(cwd, SAFE, path!)), { recursive: true });
      if (band < 0) {
        writeFileSync(join(cwd, SAFE, `${path}.jp2`), ''); // as of a download that has only begun
        continue;
      }
      const place = { epsg: 32_601, origin: [300_000, 7_400_040], pixel: 60 } as const;
      const bytes = encodeGeoTiff({
        width: 256,
        height: 256,
        bands: [Uint16Array.from(chips[0]!.planes[band]!)],
        ...place,
      });
      writeFileSync(join(cwd, SAFE, `${path}.jp2`), bytes);
    }
  });

  test('refuses half a folder with each missing file, and describes the rest with --partial', async () => {
    const half = await make(SAFE);
    assert.equal(half.code, 2);
    assert.match(half.stderr, /not there: GRANULE.*_B08_10m\.jp2, .*_B09_60m\.jp2\. Download them, or .* --partial\./);
    const { code, stdout } = await make(SAFE, '--partial');
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^S2A_.*\.stac\.json describes B02, B03, B04, B8A, B11, B12, taken at 2023-06-25T23:46:21\.024Z\. Left out: /,
    );
    assert.match(stdout, /\nSend it with its files: npx swath send S2A_.*\.stac\.json\n$/);
    const [line] = jsonLines<{ id: string; assets: string[] }>(await make(SAFE, '--partial', '--json'));
    assert.deepEqual([line!.id, line!.assets.length], [ID, 6]);
  });

  test('makes one scene of the folder, with the predictions that the same pixels have in one file', async () => {
    await make(SAFE, '--partial');
    // The folder itself, and its archive, are the same scene, without an Item.
    const members = readdirSync(join(cwd, SAFE), { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(cwd, SAFE, name)).isFile())
      .map((name) => ({ name: `x.SAFE/${name}`, bytes: new Uint8Array(readFileSync(join(cwd, SAFE, name))) }));
    for (const isDeflated of [false, true])
      writeFileSync(join(cwd, `${isDeflated}.zip`), encodeZip(members, { isDeflated }));
    const classify = ['classify', '--model', join(ROOT, 'models/s2-scl/1.0.0'), '--json'];
    const paths = [SAFE, 'false.zip', 'true.zip', `${SAFE}/MTD_MSIL2A.xml`];
    const sample = join(ROOT, 'samples/sentinel-2/s2-t29unu-60m-256.tif');
    const [item, file, ...others] = jsonLines<Json>(
      await swathHere([...classify, `${ID}.stac.json`, sample, ...paths.slice(0, 3)], cwd),
    );
    others.push(...jsonLines<Json>(await swathHere([...classify, ...paths.slice(3)], cwd)));
    assert.equal(item.state, 'DONE', item.error?.message);
    assert.deepEqual([item.classes, item.chips], [file.classes, file.chips]);
    assert.deepEqual([item.crs, item.bounds], ['EPSG:32601', [300_000, 7_384_680, 315_360, 7_400_040]]);
    assert.equal(others.length, paths.length);
    for (const [i, { state, error, run, ...line }] of others.entries()) {
      assert.ok(state === 'DONE' || (state === 'DUPLICATE' && paths[i]!.includes('/')), error?.message);
      const { crs, bounds, acquired } = line;
      assert.deepEqual([crs, bounds, acquired], [item.crs, item.bounds, item.acquired]);
      if (state === 'DONE') assert.deepEqual([line.classes, line.chips], [item.classes, item.chips], run);
    }
  });

  for (const [what, folder, files, about, left] of [
    [
      'HLS granule',
      'h.assets',
      hlsFiles(),
      /^HLS\.L30.*\.stac\.json describes B02, B05, Fmask, taken at 2020-08-26T14:45:56/,
      true,
    ],
    [
      'Sentinel-1 GRD',
      OTHERS.GRD,
      grdFiles(),
      /^S1A_IW_GRDH.*_6FF8\.stac\.json describes vh, vv, taken at 2021-08-09/,
      false,
    ],
    [
      'PlanetScope scene',
      'p.assets',
      planetFiles(),
      /101c\.stac\.json describes AnalyticMS_SR_clip, udm2_clip, taken/,
      false,
    ],
  ] as const)
    test(`describes the folder of a ${what}, and names what is missing of it`, async () => {
      for (const [name, bytes] of Object.entries(files)) {
        mkdirSync(dirname(join(cwd, folder, name)), { recursive: true });
        writeFileSync(join(cwd, folder, name), bytes);
      }
      const { code, stdout, stderr } = await make(folder);
      if (left) assert.match(stderr, /not there: HLS\.L30.*B01\.tif, .*SZA\.tif.*--partial/);
      assert.match(left ? (await make(folder, '--partial')).stdout : stdout, about);
      assert.equal(code, left ? 2 : 0);
    });

  test('names the way out', async () => {
    writeFileSync(join(cwd, 'a.zip'), 'PK');
    writeFileSync(join(cwd, 'b.tar'), 'tar');
    mkdirSync(join(cwd, 'empty.assets'));
    symlinkSync(SAFE, join(cwd, 'link.SAFE'));
    const cases: [args: string[], message: RegExp][] = [
      [['none'], /none: no such folder/],
      [['a.zip'], /a\.zip is a file, .* unpack it: unzip a\.zip$/m],
      [['b.tar'], /mkdir b\.assets && tar -xf b\.tar -C b\.assets/],
      [['empty.assets'], /empty\.assets: found no metadata of a scene/],
      [
        [SAFE, '--partial', '--output', 'a.json'],
        /--output: found "a\.json", allowed are names that end in \.stac\.json/,
      ],
      [[SAFE, '--partial', '--output', '.stac.json'], /--output: found "\.stac\.json"/],
      [['link.SAFE', '--partial'], /link\.SAFE: is a symbolic link/],
      [[SAFE, '--partial', '--output', `${SAFE}/in.stac.json`], /beside or above S2A_L2A/],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await make(...args);
      assert.match(stderr, message);
      assert.equal(code, 2);
    }
    renameSync(join(cwd, SAFE), join(cwd, 'plain'));
    const { stderr } = await make('plain', '--partial');
    assert.match(
      stderr,
      /plain: the inbox would take each of its files for a scene.* Rename it: mv plain plain\.assets/,
    );
  });
});
