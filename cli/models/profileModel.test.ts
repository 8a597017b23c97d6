import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { heightsPackage } from '../../test/benches/heights.ts';
import { type Edit, PROPERTIES } from '../../test/benches/packages.ts';
import { encodeGeoTiff } from '../../test/geoTiff.ts';
import { swathHere } from '../../test/swathHere.ts';

/** `swath model profile PACKAGE --data FILE…`. */

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const SHARD = path('samples/droughtwatch/part-r-00012');

const REFERENCE = '{"bins": {"edges": [0, 50, 100], "counts": [1, 1]}}';

const itemOf = (href: string, datetime: string) =>
  JSON.stringify({ type: 'Feature', stac_version: '1.1.0', properties: { datetime }, assets: { A: { href } } });

describe('the profile of a package', () => {
  let cwd: string;
  const swath = (...args: string[]) => swathHere(args, cwd);
  async function writeHeights(more: Record<string, string> = {}, ...edits: Edit[]): Promise<void> {
    mkdirSync(join(cwd, 'heights'));
    for (const [file, content] of Object.entries({ ...(await heightsPackage(...edits)), ...more }))
      writeFileSync(join(cwd, 'heights', file), content);
  }
  const packageIn = (folder: string) => readModelPackage((file) => readFile(join(cwd, folder, file)));

  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'swath-profile-'));
    cpSync(path('models/droughtwatch-baseline/1.0.0'), join(cwd, 'droughtwatch'), { recursive: true });
    cpSync(path('models/landsat-statlog/1.0.0'), join(cwd, 'statlog'), { recursive: true });
  });
  afterEach(() => rmSync(cwd, { recursive: true }));

  test('is made of files, with what the model predicts for them, and the package reads as before', async () => {
    const before = await packageIn('droughtwatch');
    const { code, stdout, stderr } = await swath('model', 'profile', 'droughtwatch', '--data', SHARD);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^reference\.json has a profile of 11 bands of 79 chips, and of what the model predicts/);
    const { profile, bandMeans, reference, ...model } = await packageIn('droughtwatch');
    assert.deepEqual([bandMeans?.scenes, bandMeans?.bands.length], [79, 11]);
    assert.deepEqual(reference, [45, 6, 11, 17]);
    assert.deepEqual({ ...before, ...model }, before);
    assert.deepEqual(
      profile!.map(({ name, source, chips }) => [name, source, chips]),
      before.source.bands.map(({ name }, i) => [name, i, 79]),
    );
    const written = readFileSync(join(cwd, 'droughtwatch/reference.json'), 'utf8');
    assert.ok(written.includes('"description"'), 'what else it says is kept');
    assert.ok(written.split('\n').length < 200, 'a list of numbers has a line');
    const again = await swath('model', 'profile', 'droughtwatch', '--data', SHARD);
    assert.equal(again.code, 0, again.stderr);
    assert.equal(readFileSync(join(cwd, 'droughtwatch/reference.json'), 'utf8'), written);
  });

  test('is of the bands that are named, and leaves what predictions are measured against', async () => {
    const only = ['--bands', 'B5', 'B4', '--only-bands'];
    const { code, stderr } = await swath('model', 'profile', 'droughtwatch', '--data', SHARD, ...only);
    assert.equal(code, 0, stderr);
    const { profile, reference } = await packageIn('droughtwatch');
    assert.deepEqual(
      [profile!.map(({ name }) => name), reference],
      [
        ['B4', 'B5'],
        [6002, 1511, 1512, 975],
      ],
    );
  });

  test('measures how alike the neighbouring chips of a raster are, and says what a scene is worth', async () => {
    await writeHeights({ 'reference.json': REFERENCE });
    const side = 160;
    const slope = Uint8Array.from({ length: side ** 2 }, (_, i) => 20 + (i % side) / 2 + Math.floor(i / side) / 2);
    writeFileSync(join(cwd, 'slope.tif'), encodeGeoTiff({ width: side, height: side, bands: [slope] }));
    const { code, stdout, stderr } = await swath('model', 'profile', 'heights', '--data', 'slope.tif');
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /Its scenes are blocks of neighbouring chips, because they are fewer than five files\. In the band whose chips are most alike, 25 chips of a scene say as much as 1\.\d independent ones\./,
    );
    const { unit, clustering, profile } = await packageIn('heights');
    assert.equal(unit, 'scene');
    assert.deepEqual([clustering?.scenes, clustering?.chips], [64, 25]);
    for (const { exponent } of [clustering!, profile![0]!.scenes!])
      assert.ok(exponent < 0.2, `on a slope, a block is hardly worth more than a chip: ${exponent}`);
  });

  test('leaves out what a chip is padded with, also of a package that has no profile yet', async () => {
    await writeHeights();
    const files = Array.from({ length: 20 }, (_, i) => {
      writeFileSync(join(cwd, `${i}.tif`), encodeGeoTiff({ width: 3, height: 3, bands: [new Uint8Array(9).fill(50)] }));
      return `${i}.tif`;
    });
    const { code, stderr } = await swath('model', 'profile', 'heights', '--data', ...files);
    assert.equal(code, 0, stderr);
    const { profile } = await packageIn('heights');
    assert.deepEqual([profile![0]!.mean, profile![0]!.nodata], [50, 7 / 16]);
  });

  test('says what is usual in the months, by the names of the files or their Items, and of the tiles', async () => {
    mkdirSync(join(cwd, 'all.assets'));
    await writeHeights({ 'reference.json': REFERENCE }, [`${PROPERTIES}/swath:segments`, { tile: ['T?????'] }]);
    const side = 96;
    const files = Array.from({ length: 24 }, (_, i) => {
      const month = (i % 12) + 1;
      const digits = String(month).padStart(2, '0');
      const level = 20 + 5 * Math.abs(month - 7) + (i < 12 ? 0 : 20);
      const slope = Uint8Array.from({ length: side ** 2 }, (_, pixel) => level + (pixel % side) / 8);
      const image = encodeGeoTiff({ width: side, height: side, bands: [slope] });
      const name = i < 12 ? `S2A_2025${digits}15_T33UUP.tif` : `T33UVP-${i}.stac.json`;
      writeFileSync(join(cwd, i < 12 ? name : `all.assets/${i}.tif`), image);
      if (i >= 12) writeFileSync(join(cwd, name), itemOf(`all.assets/${i}.tif`, `2025-${digits}-15T10:00:00Z`));
      return name;
    });
    const { code, stdout, stderr } = await swath('model', 'profile', 'heights', '--data', ...files);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /It says what is usual in 12 months and of 2 segments\./);
    const { seasons, profile } = await packageIn('heights');
    assert.deepEqual(Object.keys(seasons!.months).length, 12);
    const meanIn = (month: number, of = seasons!.months) => of[month]!.bands[0]!.mean;
    const [one, other] = ['T33UUP', 'T33UVP'].map((name) => seasons!.segments['tile']![name]!);
    assert.ok(meanIn(1) - meanIn(7) > 15, `${meanIn(1)} in January, ${meanIn(7)} in July`);
    assert.ok(Math.abs(other!.bands[0]!.mean - one!.bands[0]!.mean - 20) < 1, 'the other tile is brighter');
    assert.ok(profile![0]!.mean > one!.bands[0]!.mean && profile![0]!.mean < other!.bands[0]!.mean);
    assert.equal(Object.keys(one!.months).length, 0, 'three scenes of a season are too few');
    assert.ok(seasons!.clustering!.scenes === 24 && seasons!.ofBands[0] !== undefined);
  });

  test('says what is usual of chips with a value, each of which counts by itself where it is independent', async () => {
    const item = JSON.parse(readFileSync(join(cwd, 'statlog/item.json'), 'utf8'));
    const segments = { field: { column: 'field', values: ['wheat', 'rye', 'oats'] } };
    Object.assign(item.properties, { 'swath:carry': ['field'], 'swath:segments': segments });
    writeFileSync(join(cwd, 'statlog/item.json'), JSON.stringify(item));
    const [head, ...rows] = readFileSync(path('samples/landsat-statlog/test.csv'), 'utf8').trim().split('\n');
    const fields = rows.map((row, i) => `${row},${i < 4 ? 'oats' : ['wheat', 'rye', 'flax'][i % 3]}`);
    writeFileSync(join(cwd, 'fields.csv'), [`${head},field`, ...fields].join('\n'));
    const bands = item.properties.bands.slice(0, 4).map(({ name }: { name: string }) => name);
    const { code, stderr } = await swath('model', 'profile', 'statlog', '--data', 'fields.csv', '--bands', ...bands);
    assert.equal(code, 0, stderr);
    const { reference, seasons } = await packageIn('statlog');
    const { wheat, rye, ...others } = seasons!.segments['field']!;
    assert.deepEqual([wheat!.scenes, rye!.scenes, others], [665, 666, {}], 'four chips are too few');
    const total = (of: unknown) => (of as number[]).reduce((sum, count) => sum + count);
    assert.deepEqual([reference, wheat!.reference, rye!.reference].map(total), [2000, 665, 666]);
  });

  test('says what is usual in the months of files whose chips count by themselves, of predictions alone', async () => {
    const [head, ...rows] = readFileSync(path('samples/landsat-statlog/test.csv'), 'utf8').trim().split('\n');
    const files = Array.from({ length: 12 }, (_, i) => `t-2025${String(i + 1).padStart(2, '0')}15.csv`);
    for (const [i, file] of files.entries())
      writeFileSync(join(cwd, file), [head, ...rows.slice(100 * i, 100 * i + 100)].join('\n'));
    const before = files.map((file) => file.replace('2025', '2024'));
    for (const [i, file] of before.entries()) cpSync(join(cwd, files[i]!), join(cwd, file));
    const { bands } = JSON.parse(readFileSync(join(cwd, 'statlog/item.json'), 'utf8')).properties;
    const names = ['--bands', ...bands.slice(0, 4).map(({ name }: { name: string }) => name)];
    const profile = ['model', 'profile', 'statlog', '--data', ...files, ...before, ...names];
    const { code, stdout, stderr } = await swath(...profile);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /It says what is usual in 12 months\./);
    const { unit, seasons, profile: whole } = await packageIn('statlog');
    assert.equal(unit, 'chip');
    const { scenes, reference, bands: ofBands } = seasons!.months[7]!;
    const total = (reference as number[]).reduce((sum, count) => sum + count);
    assert.deepEqual([scenes, total], [6, 600], 'those of June, July and August in two years');
    assert.deepEqual(
      ofBands.map(({ mean }) => mean),
      whole!.map(({ mean }) => mean),
    );
  });

  for (const { name, args, said } of [
    {
      name: 'of a band that there is none of',
      args: ['droughtwatch', '--data', SHARD, '--bands', 'B12'],
      said: /^swath: droughtwatch: found no source band B12, allowed are B1, B2, .*B11$/m,
    },
    {
      name: 'of more bands than it holds',
      args: ['statlog', '--data', path('samples/landsat-statlog/test.csv')],
      said: /^swath: statlog: found 36 source bands, allowed are at most 16 in a profile\. Name those that matter most with --bands\.$/m,
    },
    {
      name: 'of too few chips',
      args: ['droughtwatch', '--data', 'few'],
      said: /^swath: droughtwatch: found 3 chips with a value of the band B1, allowed are 20 or more for a profile\. Give more files\.$/m,
    },
    { name: 'of a file that is not there', args: ['droughtwatch', '--data', 'none'], said: /none/ },
    { name: 'of no file', args: ['droughtwatch'], said: /--data/ },
  ])
    test(`is refused ${name}, and nothing is written`, async () => {
      writeFileSync(join(cwd, 'few'), firstRecords(3));
      const before = readFileSync(join(cwd, 'droughtwatch/reference.json'));
      const { code, stderr } = await swath('model', 'profile', ...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, said);
      assert.deepEqual(readFileSync(join(cwd, 'droughtwatch/reference.json')), before);
    });
});

function firstRecords(count: number): Uint8Array {
  const bytes = readFileSync(SHARD);
  let end = 0;
  for (let i = 0; i < count; i += 1) end += 16 + Number(bytes.readBigUInt64LE(end));
  return bytes.subarray(0, end);
}
