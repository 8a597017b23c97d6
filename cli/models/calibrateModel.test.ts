import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parquetReadObjects } from 'hyparquet';
import { openGeoTiff } from '../../core/scenes/formats/geotiff/geotiff.ts';
import type { Calibration } from '../../core/statistics/calibration/calibration.ts';
import { predictionSet } from '../../core/statistics/calibration/conformal.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { sclTruth } from '../../test/benches/sclTruth.ts';
import { openInMemory } from '../../test/openInMemory.ts';
import { runningStack } from '../../test/runningStack.ts';
import { jsonLines, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
import { labelledChips } from './labelledChips.ts';

/** `swath model calibrate PACKAGE --data FILE…`. */

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const STATLOG = path('models/landsat-statlog/1.0.0');
const DROUGHT = path('models/droughtwatch-baseline/1.0.0');
const SHARD = path('samples/droughtwatch/part-r-00012');
const [HEAD, ...ROWS] = readFileSync(path('samples/landsat-statlog/test.csv'), 'utf8').trimEnd().split('\n');
/** Rows of all classes: neighbours in the file are neighbours on the ground. */
const SOME = ROWS.filter((_, i) => i % 5 === 0);

type Goodness = { error: number; likelihood: number };
type Told = {
  name: string;
  version: string;
  folder: string;
  temperature: number;
  chips: number;
  right: number;
  before: Goodness;
  heldOut: Goodness;
  unlabelled: number;
  unknown: number;
  coverage: number;
  threshold: number;
};

type Classified = Record<string, unknown> & { run: string; unsureShare: number; predictions: string[] };

const cwd = temporaryFolder();

describe('swath model calibrate', () => {
  runningStack(cwd); // its workers serve each command
  /** The predictions of a run, of one part. */
  async function rowsOf({ predictions: [path = ''] }: Classified): Promise<Record<string, string | null>[]> {
    const { buffer: file } = new Uint8Array(readFileSync(resolve(cwd, path)));
    return (await parquetReadObjects({ file })) as Record<string, string | null>[];
  }
  const calibrate = (...args: string[]) => swathHere(['model', 'calibrate', ...args], cwd);
  /** What it reports where all goes well. */
  const reported = async (...args: string[]) => {
    const ended = await calibrate(...args, '--json');
    assert.equal(ended.code, 0, ended.stderr);
    return jsonLines<Told>(ended)[0]!;
  };
  const packageIn = (folder: string) => readModelPackage((file) => readFile(join(cwd, folder, file)));
  const json = (file: string) => JSON.parse(readFileSync(join(cwd, file), 'utf8'));
  let told: Told;

  before(async () => {
    writeFileSync(join(cwd, 'rows.csv'), [HEAD, ...SOME, ''].join('\n'));
    told = await reported(STATLOG, '--data', 'rows.csv');
  });

  test('fits the temperature of a model whose shares of votes are no probabilities, and says what it is worth on held-out chips', () => {
    const { before: was, heldOut } = told;
    assert.deepEqual(
      [told.chips, told.version, told.folder],
      [400, '1.0.0-calibrated', 'landsat-statlog-1.0.0-calibrated'],
    );
    assert.ok(told.right > 350 && told.temperature > 0.05 && told.temperature < 0.2);
    assert.ok(was.error > 0.55 && heldOut.error < 0.06, `${was.error}, ${heldOut.error}`);
    assert.ok(heldOut.likelihood < was.likelihood / 2);
  });

  test('writes a package that is whole, of a new version, with the temperature and what accuracy is estimated by', async () => {
    const { output, heldOut, version } = await packageIn(told.folder);
    assert.deepEqual([output.temperature, output.activation, version], [told.temperature, null, '1.0.0-calibrated']);
    assert.deepEqual(heldOut, { chips: told.chips, right: told.right, threshold: told.threshold });
    const item = json(`${told.folder}/item.json`);
    assert.equal(item.id, 'landsat-statlog-1.0.0-calibrated');
    const check = await swathHere(['model', 'check', told.folder], cwd);
    assert.deepEqual([check.code, check.stderr], [0, '']);
    assert.match(check.stdout, /Its sample: .*, as it is stored/, 'of which the probabilities are new');
    assert.ok(!readdirSync(cwd).some((name) => name.startsWith('.l')), 'nothing is left over');
  });

  test('no class changes, and probabilities say how often the model is right', async () => {
    const args = ['--data', 'rows.csv', '--json'];
    const ended = await swathHere(['model', 'diff', STATLOG, told.folder, ...args], cwd);
    assert.equal(ended.code, 0, ended.stderr);
    const [diff] = jsonLines<{
      difference: { figures: { name: string; value: number }[] };
      accuracy: Record<'first' | 'second', { correct: number; calibration: Calibration }>;
    }>(ended);
    assert.equal(diff!.difference.figures.find(({ name }) => name === 'Agreement')!.value, 1);
    const { first, second } = diff!.accuracy;
    assert.deepEqual([first.correct, second.correct], [told.right, told.right]);
    assert.ok(Math.abs(first.calibration.error - told.before.error) < 1e-6, 'as Parquet has them, in 32 bits');
    assert.ok(second.calibration.error < 0.05);
  });

  test("the truth may come in a table, by a chip's place or id, and overrides the truth in files", async () => {
    const digits = createHash('sha256')
      .update(readFileSync(join(cwd, 'rows.csv')))
      .digest('hex')
      .slice(0, 16);
    const classes = SOME.map((row) => row.slice(row.lastIndexOf(',') + 1));
    const [places, ids] = [
      classes.map((name, i) => `north/rows.csv,${i},,${name}`),
      classes.map((name, i) => `rows.csv,,${digits}-${i},${name}`),
    ];
    const other = ['rows.csv,,0123456789abcdef-3,red soil', 'elsewhere.csv,1,,red soil', 'rows.csv,4000,,red soil'];
    const wrong = ['rows.csv,0,,red soil'];
    const head = 'scene,index,chip_id,truth';
    writeFileSync(join(cwd, 'places.txt'), [head, ...places, ''].join('\n')); // a table may be called as no scene file is
    writeFileSync(join(cwd, 'ids.csv'), [head, ...ids, ...other, ''].join('\n'));
    writeFileSync(join(cwd, 'wrong.csv'), [head, ...wrong, ''].join('\n'));
    const of = (table: string) => reported(STATLOG, '--data', 'rows.csv', '--truth', table, '--to', table.slice(0, -4));
    assert.deepEqual(await of('places.txt'), { ...told, folder: 'places' });
    assert.deepEqual(await of('ids.csv'), { ...told, folder: 'ids', unknown: 3 });
    assert.equal((await of('wrong.csv')).right, told.right - 1);
    const chosen = [...places.map((row) => `${row},random`), `${wrong[0]},least-certain`];
    writeFileSync(join(cwd, 'chosen.csv'), [`${head},sample`, ...chosen, ''].join('\n'));
    assert.deepEqual(
      await of('chosen.csv'),
      { ...told, folder: 'chosen' },
      'the truth of a chosen chip does not count',
    );
  });

  test('prediction sets of the coverage that is asked for are in predictions, and runs say how many chips are unsure', async () => {
    const wide = await reported(STATLOG, '--data', 'rows.csv', '--coverage', '0.955', '--as', '2.0.0', '--to', 'wide');
    assert.deepEqual([told.coverage, wide.coverage], [0.9, 0.955]);
    assert.ok(wide.threshold > told.threshold && wide.threshold <= 1);
    assert.match(
      readFileSync(join(cwd, 'wide/README.md'), 'utf8'),
      /Prediction sets of a coverage of 95\.5.% hold the classes with a probability of 0\.\d{4} or more\./,
    );
    assert.equal(json('wide/sample.json').prediction.set[0], json('wide/sample.json').prediction.class);
    const classified = await swathHere(['classify', 'rows.csv', '--model', 'wide', '--json'], cwd);
    const [run] = jsonLines<Classified>(classified);
    const rows = await rowsOf(run!);
    assert.equal(rows.length, 400);
    for (const { set, class: winner } of rows) assert.equal(set!.split(', ')[0], winner);
    const unsure = rows.filter(({ set }) => set!.includes(', ')).length;
    assert.ok(unsure > 0 && run!.unsureShare === unsure / 400, `${run!.unsureShare}`);

    const about = ['--coverage', '0.955', '--as', '2.0.1', '--to', 'abstaining'];
    assert.equal((await reported(STATLOG, '--data', 'rows.csv', ...about, '--abstain')).threshold, wide.threshold);
    const abstaining = await swathHere(['classify', 'rows.csv', '--model', 'abstaining', '--json'], cwd);
    const [same] = jsonLines<Classified>(abstaining);
    for (const field of ['classes', 'meanProbability', 'unsureShare', 'accuracy', 'drift', 'missingShare'])
      assert.deepEqual(same![field], run![field], field);
    const abstained = await rowsOf(same!);
    const counts = ['scene', 'class', 'label', 'top_label'].map((name) =>
      abstained.filter((row) => row[name] !== null),
    );
    const given = 400 - unsure;
    assert.deepEqual(
      counts.map(({ length }) => length),
      [400, given, given, 400],
    );
    const shown = await swathHere(['show', run!.run], cwd);
    assert.match(shown.stdout, /^ {2}unsure +[\d.]+$/m);
  });

  test('of pixels, the threshold is measured, and a map says which pixels are unsure', async () => {
    const { side, model, scene, table } = await sclTruth();
    const pixels = await reported(model, '--data', scene, '--truth', table, '--to', 'pixels');
    assert.deepEqual([pixels.chips, pixels.temperature, pixels.version], [200, null, '1.0.0-calibrated']);
    const loaded = await packageIn('pixels');
    assert.equal(loaded.heldOut?.threshold, pixels.threshold);
    assert.match(
      readFileSync(join(cwd, 'pixels/README.md'), 'utf8'),
      /The prediction sets of pixels are from 200 labelled/,
    );
    const classified = await swathHere(['classify', scene, '--model', 'pixels', '--json'], cwd);
    const [{ results = [] } = {}] = jsonLines<{ results: string[] }>(classified);
    const rasterOf = (end: RegExp) => readFileSync(results.find((file) => end.test(file))!);
    const map = await openInMemory(openGeoTiff, 'unsure.tif', rasterOf(/-unsure\.tif$/));
    const unsure = new Uint8Array(side * side);
    await map.read({ x: 0, y: 0, width: side, height: side }, [0], [unsure]);
    const onnx = readFileSync(join(cwd, 'pixels/model.onnx'));
    const { chips } = await labelledChips(loaded, onnx, [scene], table, { mostPixels: Number.POSITIVE_INFINITY });
    const sizes = chips.map(({ scores }) => predictionSet([...scores.map(Math.exp)], pixels.threshold).length);
    assert.ok(sizes.some((size) => size === 1) && sizes.some((size) => size > 1));
    assert.deepEqual(
      [...unsure],
      sizes.map((size) => (size > 1 ? 1 : 0)),
    );
    const item = JSON.parse(rasterOf(/\.json$/).toString());
    assert.deepEqual(item.assets.unsure.roles, ['data', 'unsure']);
    assert.deepEqual(
      item.assets.unsure['classification:classes'].map(({ name }: { name: string }) => name),
      ['sure', 'unsure', 'nodata'],
    );
  });

  test('a package that was calibrated has its temperature replaced, and its card says it once', async () => {
    const again = await reported(told.folder, '--data', 'rows.csv', '--as', '1.1.0', '--to', 'again');
    assert.equal(again.temperature, told.temperature);
    assert.ok(again.before.error < 0.05, 'before is with the temperature that it had');
    const card = readFileSync(join(cwd, 'again/README.md'), 'utf8');
    assert.equal(card.match(/^## Calibration$/gm)?.length, 1);
    assert.match(card, /The probabilities of 1\.0\.0-calibrated are calibrated by a temperature of/);
    assert.ok(card.startsWith(readFileSync(join(STATLOG, 'README.md'), 'utf8').trimEnd()), 'what else it says is kept');
  });

  test('a published version is calibrated by its name; blank chips are left out', async () => {
    const publish = await swathHere(['model', 'publish', DROUGHT], cwd);
    assert.equal(publish.code, 0, publish.stderr);
    const ended = await calibrate('droughtwatch-baseline/1.0.0', '--data', SHARD);
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(
      ended.stdout,
      /^droughtwatch-baseline 1\.0\.0-calibrated is written in .*: a temperature of \S+, from 79 chips, of which 39 are right\. No class changes\.\n +before +held out\ncalibration error +0\.\d{4} +0\.\d{4}\nnegative log likelihood +\d\.\d{4} +\d\.\d{4}\nHeld out: 5 parts/,
    );
    assert.match(ended.stdout, /Then: npx swath model publish droughtwatch-baseline-1\.0\.0-calibrated$/m);
    const { heldOut } = await packageIn('droughtwatch-baseline-1.0.0-calibrated');
    assert.deepEqual([heldOut?.chips, heldOut?.right], [79, 39]);
  });

  for (const [name, says, args, files = {}] of [
    [
      'of which nothing is known to be true',
      /^swath: --data: found 0 chips with known truth and 400 others, allowed are 30 or more\. The truth comes from the files/m,
      [STATLOG, '--data', 'bare.csv'],
      { 'bare.csv': [HEAD, ...SOME].map((row) => row!.slice(0, row!.lastIndexOf(','))).join('\n') },
    ],
    [
      'that are too few',
      /^swath: --data: found 29 chips with known truth and 0 others, allowed are 30 or more\./m,
      [STATLOG, '--data', 'few.csv'],
      { 'few.csv': [HEAD, ...SOME.slice(0, 29), ''].join('\n') },
    ],
    [
      'that are all right',
      /^swath: --data: found no temperature from 0\.05 to 20 that makes the true classes most probable: 40 of 40 chips are right\./m,
      [STATLOG, '--data', 'same.csv'],
      { 'same.csv': [HEAD, ...Array.from({ length: 40 }, () => SOME[0]), ''].join('\n') },
    ],
    [
      'for a model of values',
      /found a model of regression, allowed is one of classification, segmentation\.$/m,
      [path('models/s2-b8a/1.0.0'), '--data', 'rows.csv'],
    ],
    [
      'into a folder that is there',
      /^swath: landsat-statlog-1\.0\.0-calibrated: exists already\. Name another folder with --to\.$/m,
      [STATLOG, '--data', 'rows.csv', '--to', 'landsat-statlog-1.0.0-calibrated'],
    ],
    [
      'as the version that it is',
      /^swath: --as: found 1\.0\.0, which is the version to calibrate\./m,
      [STATLOG, '--data', 'rows.csv', '--as', '1.0.0'],
    ],
    [
      'as no version',
      /^swath: --as: found "\.\.\/1", allowed is a name/m,
      [STATLOG, '--data', 'rows.csv', '--as', '../1'],
    ],
    [
      'of two files of one name, where a table names files',
      /^swath: --data: found two files called rows\.csv, and places\.txt names them by that\./m,
      [STATLOG, '--data', 'rows.csv', 'rows.csv', '--truth', 'places.txt'],
    ],
    [
      'with two truths of one chip',
      /^swath: two\.csv: line 3: found a truth for the chip 1 of “rows\.csv” that differs from the one at line 2, allowed is one/m,
      [STATLOG, '--data', 'rows.csv', '--truth', 'two.csv'],
      { 'two.csv': 'scene,index,truth\nrows.csv,1,red soil\nrows.csv,1,grey soil\n' },
    ],
    [
      'with the truth of a request',
      /^swath: request\.csv: line 2: found the input “a” of the request r-1, allowed is a chip of a scene file/m,
      [STATLOG, '--data', 'rows.csv', '--truth', 'request.csv'],
      { 'request.csv': 'request,id,truth\nr-1,a,red soil\n' },
    ],
    [
      'with a class that there is none of',
      /^swath: sheep\.csv: line 2: the truth of the chip 1 of “rows\.csv” for landsat-statlog 1\.0\.0: found “sheep”/m,
      [STATLOG, '--data', 'rows.csv', '--truth', 'sheep.csv'],
      { 'sheep.csv': 'scene,index,truth\nrows.csv,1,sheep\n' },
    ],
    ['of a file that is not there', /^swath: none\.csv: no such file/m, [STATLOG, '--data', 'none.csv']],
    [
      'of a version that there is none of',
      /found no version 9\.9\.9 of .*; published are: .*See: npx swath model list/,
      ['9.9.9', '--data', 'rows.csv'],
    ],
  ] as [name: string, says: RegExp, args: string[], files?: Record<string, string>][])
    test(`chips are refused ${name}, and nothing is written`, async () => {
      for (const [file, content] of Object.entries(files)) writeFileSync(join(cwd, file), content);
      const were = readdirSync(cwd).sort();
      const { code, stderr } = await calibrate(...args, ...(args.includes('--to') ? [] : ['--to', 'new']));
      assert.equal(code, 2, stderr);
      assert.match(stderr, says);
      assert.deepEqual(readdirSync(cwd).sort(), were);
    });
});
