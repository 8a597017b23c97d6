import assert from 'node:assert/strict';
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openGeoTiff } from '../../core/scenes/formats/geotiff/geotiff.ts';
import { runningStack } from '../../test/runningStack.ts';
import { jsonLines, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';

const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const BUNDLED = fromHere('../../models/droughtwatch-baseline/1.0.0');
const SHARD = fromHere('../../samples/droughtwatch/part-r-00012');
const NAME = 'droughtwatch-baseline';

type Said = { run: string; predicted: string };
type Diff = {
  files: { both: number; firstOnly: number; secondOnly: number };
  chips: number;
  difference: {
    figures: { name: string; value: number }[];
    agreement: number;
    counted: { of: string; n: number; alone: number };
    names: { name: string; iou: number | null }[];
    changes: { first: string; second: string; count: number }[];
  };
  accuracy: { first: { n: number; correct: number }; second: { n: number; correct: number } };
  rightByOne: { first: number; second: number; p: number };
  memory: { first: { bytes: number; chips: number }; second: { bytes: number; chips: number } } | null;
  changed: { scene: string; index: number; first: Said; second: Said }[];
};

const cwd = temporaryFolder();

describe('swath model diff', () => {
  runningStack(cwd); // its workers serve each command
  const diff = (...args: string[]) => swathHere(['model', 'diff', ...args], cwd);

  before(() => {
    // The same model, which takes red for blue.
    cpSync(BUNDLED, join(cwd, 'swapped'), { recursive: true });
    rmSync(join(cwd, 'swapped/sample.json'));
    const item = JSON.parse(readFileSync(join(cwd, 'swapped/item.json'), 'utf8'));
    item.properties.version = '1.0.1';
    item.id = `${NAME}-1.0.1`;
    const [input] = item.properties['mlm:input'];
    [input.bands[0], input.bands[2]] = [input.bands[2], input.bands[0]];
    writeFileSync(join(cwd, 'swapped/item.json'), JSON.stringify(item));
  });

  test('classifies the files with both packages, and shows how they differ', async () => {
    const { code, stdout, stderr } = await diff(BUNDLED, 'swapped', '--data', SHARD);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(
      stdout,
      /^First droughtwatch-baseline\/1\.0\.0, second droughtwatch-baseline\/1\.0\.1: 79 chips of 1 file that both have classified \(0 by the first alone, 0 by the second\)\.\n/,
    );
    assert.match(stdout, /McNemar's test {2,}p [=<] \S+: the first is right more often/);
    assert.match(stdout, /^cows-0 +cows-3plus +\d+$/m);
    assert.match(
      stdout,
      /Peak memory +[\d.]+ MB by the first, [\d.]+ MB by the second {2}\(to load the model and infer a batch of 16 chips, above what the process held before\)/,
    );
  });

  test('says of runs that there are already, in numbers that add up', async () => {
    const [told] = jsonLines<Diff>(await diff('1.0.0', `${NAME}/1.0.1`, '--json'));
    const { files, chips, difference, accuracy, rightByOne, memory, changed } = told!;
    assert.equal(memory, null, 'nothing ran here');
    assert.deepEqual(files, { both: 1, firstOnly: 0, secondOnly: 0 });
    const agreement = difference.figures.find(({ name }) => name === 'Agreement')!.value;
    const changes = difference.changes.reduce((sum, { count }) => sum + count, 0);
    assert.equal(Math.round(agreement * chips) + changes, chips);
    // Of the shard, the baseline has 39 of 79 right (models/droughtwatch-baseline/1.0.0/README.md).
    assert.deepEqual([accuracy.first.n, accuracy.first.correct], [79, 39]);
    assert.equal(accuracy.first.correct - accuracy.second.correct, rightByOne.first - rightByOne.second);
    assert.equal(changed.length, 24);
    for (const { first, second } of changed) assert.notEqual(first.predicted, second.predicted);
  });

  test('of a version by the other one way round, everything is the other way round', async () => {
    const [[there], [back]] = (await Promise.all(
      [
        ['1.0.0', '1.0.1'],
        ['1.0.1', '1.0.0'],
      ].map(async (both) => jsonLines<Diff>(await diff(...both, '--json'))),
    )) as [Diff[], Diff[]];
    assert.deepEqual(
      [back!.rightByOne.first, back!.rightByOne.second],
      [there!.rightByOne.second, there!.rightByOne.first],
    );
    assert.equal(back!.rightByOne.p, there!.rightByOne.p);
  });

  test('without a file that both have classified, says how to come to one', async () => {
    const { code, stdout } = await diff('1.0.0', '1.0.1', '--since', '2999-01-01');
    assert.equal(code, 1);
    assert.match(
      stdout,
      /0 chips of 0 files .*\nThere is nothing to compare\. Let both classify the same files with --data/,
    );
  });

  test('of versions of pixels says in how many pixels of their maps they differ, and where most', async () => {
    cpSync(fromHere('../../models/s2-scl/1.0.0'), join(cwd, 'scl'), { recursive: true });
    const item = JSON.parse(readFileSync(join(cwd, 'scl/item.json'), 'utf8'));
    Object.assign(item.properties, { version: '1.0.1' });
    const [{ bands }] = item.properties['mlm:input'];
    [bands[0], bands[1]] = [bands[1], bands[0]];
    writeFileSync(join(cwd, 'scl/item.json'), JSON.stringify(item));
    const raster = fromHere('../../samples/sentinel-2/s2-t29unu-60m-256.tif');
    const [told] = jsonLines<Diff>(
      await diff(fromHere('../../models/s2-scl/1.0.0'), 'scl', '--data', raster, '--json'),
    );
    const { difference, chips, memory, changed } = told!;
    for (const { bytes, chips: of } of [memory!.first, memory!.second])
      assert.ok(bytes > 1e6 && bytes < 1e9 && of === 1, `${bytes} bytes for ${of} chips`);

    const [ones, others] = await Promise.all(
      changed.map(({ first, second }) => [first.run, second.run])[0]!.map(mapOf),
    );
    const differing = ones!.filter((value, i) => value !== others![i]).length;
    assert.ok(differing > 1000);
    assert.deepEqual([chips, difference.counted], [1, { of: 'pixel', n: 65_536, alone: 0 }]);
    assert.equal(difference.agreement, 1 - differing / 65_536);
    assert.equal(
      difference.changes.reduce((sum, { count }) => sum + count, 0),
      differing,
    );
    for (const { name, iou } of difference.names) {
      const { value } = (
        item.properties['mlm:output'][0]['classification:classes'] as { name: string; value: number }[]
      ).find((one) => one.name === name)!;
      const both = ones!.filter((one, i) => one === value && others![i] === value).length;
      const either = ones!.filter((one, i) => one === value || others![i] === value).length;
      assert.equal(iou, both / either, name);
    }
  });

  /** The values of a run's map, all of them at once. */
  async function mapOf(run: string): Promise<Uint8Array> {
    const [path] = globSync(join(cwd, `.swath/results/maps/**/${run}.tif`));
    const bytes = readFileSync(path!);
    const range = async (offset: number, length: number) => bytes.subarray(offset, offset + length);
    const map = await openGeoTiff({ key: run, size: bytes.length, range }, { maxBlockBytes: 2 ** 26, cacheBytes: 0 });
    const values = new Uint8Array(map.width * map.height);
    await map.read({ x: 0, y: 0, width: map.width, height: map.height }, [0], [values]);
    return values;
  }

  for (const [what, args, words] of [
    [
      'a version that is not published',
      ['1.0.0', '9.9.9'],
      /^swath: 9\.9\.9: found no version 9\.9\.9 of droughtwatch-baseline; published are: 1\.0\.0, 1\.0\.1\./,
    ],
    [
      'a name of too many parts',
      ['1.0.0', 'a/b/c'],
      /^swath: found "a\/b\/c", allowed are a folder of a package, NAME\/VERSION, or VERSION\./,
    ],
    [
      'one version twice',
      ['1.0.0', '1.0.0'],
      /^swath: droughtwatch-baseline\/1\.0\.0 is named twice: name two versions\./,
    ],
    [
      'models of other tasks',
      [BUNDLED, fromHere('../../models/s2-scl/1.0.0'), '--data', SHARD],
      /^swath: droughtwatch-baseline 1\.0\.0 is of the task classification, s2-scl 1\.0\.0 is of the task segmentation; what can be compared are/,
    ],
    [
      'a version by its name for files',
      ['1.0.0', 'swapped', '--data', SHARD],
      /^swath: 1\.0\.0: no such folder\. With --data, name two versions by the folders of their packages\./,
    ],
  ] as const)
    test(`${what} is wrong use`, async () => {
      const { code, stderr } = await diff(...args);
      assert.equal(code, 2);
      assert.match(stderr, words);
    });
});
