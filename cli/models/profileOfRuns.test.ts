import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { totalsOfRun } from '../../core/drift/totals.ts';
import { judgeDrift } from '../../core/drift/window.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { MODEL, startTestService } from '../../test/benches/service.ts';
import { storedCounts } from '../../test/benches/summaries.ts';
import { swathHere } from '../../test/swathHere.ts';
import { referenceOfRuns } from './profileModel.ts';
import { filesOf } from './publishModel.ts';

/** `swath model profile FOLDER --from-runs AGE`. */

const PACKAGE = fileURLToPath(new URL('../../models/droughtwatch-baseline/1.0.0', import.meta.url));
/** Predictions of each class, of six files. */
const QUIET = [
  [9, 0, 1, 0],
  [1, 8, 0, 1],
  [9, 1, 0, 0],
  [0, 1, 9, 0],
  [8, 1, 0, 3],
  [2, 7, 1, 0],
];
const guesses = (counts: readonly number[]) =>
  counts.flatMap((count, place) => Array.from({ length: count }, () => ({ class: place })));

describe('the reference of a stage whose first weeks are quiet', async () => {
  const { service, models, finish, fail, wait } = await startTestService();
  const cwd = mkdtempSync(join(tmpdir(), 'swath-from-runs-'));
  after(() => rmSync(cwd, { recursive: true }));
  const folder = join(cwd, 'droughtwatch');
  cpSync(PACKAGE, folder, { recursive: true });
  models.set(`${MODEL.name}/${MODEL.version}/model.onnx`, readFileSync(join(PACKAGE, 'model.onnx')));
  const loaded = await service.models.load(MODEL);
  const ofScenes = {
    ...service,
    models: { ...service.models, load: async () => ({ ...loaded, unit: 'scene' as const }) },
  };
  const written = () => JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8'));
  const before = written();
  const DAY = 86_400;

  const judge = (counts: readonly number[]) => {
    const chips = counts.reduce((a, b) => a + b);
    const totals = totalsOfRun({ ...storedCounts(counts), chips, blank: 0 });
    const judgement = judgeDrift(totals, loaded, { threshold: 0.25, minimum: 1 });
    const cutOff = service.now().toISOString();
    return service.metrics.putDay(MODEL, { day: cutOff.slice(0, 10), revision: 1, runs: 1, cutOff, judgement });
  };

  test('is refused as long as there are too few quiet runs, with how many it takes, and nothing is written', async () => {
    for (const [i, counts] of QUIET.slice(0, 4).entries()) await finish(`quiet-${i}`, guesses(counts));
    await assert.rejects(
      referenceOfRuns(ofScenes, folder, '30d'),
      /found 0 quiet runs on 0 days \(left out: 4 of days not judged yet\), allowed are 5/,
      'they may drift',
    );
    await judge([29, 10, 11, 4]);
    await assert.rejects(
      referenceOfRuns(ofScenes, folder, '30d'),
      /^WrongUse: --from-runs: found 4 quiet runs on 1 day, allowed are 5 quiet runs or more\. Wait for them, or go further back\.$/,
    );
    assert.deepEqual(written(), before);
  });

  test('is made of all quiet runs, says what was left out and why, and how alike the chips of a run are', async () => {
    wait(DAY);
    for (const [i, counts] of QUIET.slice(4).entries()) await finish(`quiet-${4 + i}`, guesses(counts));
    await finish('masked', [{ class: null }]);
    await finish('small', guesses([1, 0, 0, 0]));
    await fail('broken', 'FAILED');
    await judge([29, 18, 11, 4]);
    wait(DAY);
    await finish('drifted', guesses([0, 0, 0, 40]));
    await judge([0, 0, 0, 400]);
    wait(DAY);
    await finish('today', guesses([0, 0, 0, 40]));

    const { said, independentChips, ...found } = await referenceOfRuns(ofScenes, folder, '30d');
    const left = {
      'of days that drift': 1,
      'of days not judged yet': 1,
      'without predictions, of blank or masked chips': 1,
      'with less than half the usual number of predictions': 1,
      'FAILED files of any model': 1,
    };
    assert.deepEqual(found, { runs: 6, days: 2, left, predictions: 62 });
    assert.match(
      said,
      /^6 quiet runs on 2 days \(left out: 1 FAILED files of any model; (?:1 [^;]+(?:; |\))){4}\. A run says as much as 1\.8 independent chips\. No profile of the bands is replaced: runs hold/,
    );
    // By numpy: the eigenvalues of the scaled covariance matrix of the six runs' shares, np.linalg.eigvalsh.
    const expected = { of: 'files', scenes: 5.96894, chips: 10.3871, exponent: 0.255518, degreesOfFreedom: 2.35495 };
    const { scenes, classes, ...others } = written();
    assert.deepEqual(scenes, expected, 'to six digits');
    assert.ok(Math.abs(independentChips! - 1.8185796124587292) < 1e-9);
    assert.deepEqual(Object.values(classes), [29, 18, 11, 4]);
    const { scenes: _, classes: __, ...kept } = before;
    assert.deepEqual(others, kept, 'all else stays');
    const { clustering, reference } = await readModelPackage(filesOf(folder));
    assert.deepEqual([clustering?.scenes, reference], [scenes.scenes, [29, 18, 11, 4]]);
  });

  test('says what is usual of the segments that chips are told apart by, of the runs whose rows have them', async () => {
    let runs = 0;
    /** Rows in which most chips are maize. */
    async function* ofDay(...asked: Parameters<typeof service.ledger.ofDay>) {
      for await (const run of service.ledger.ofDay(...asked)) {
        const { counts } = JSON.parse(run.summary!);
        runs += 1;
        const crop = { maize: { counts }, rye: { counts: runs > 4 ? [1, 0, 0, 0] : [0, 0, 0, 0] } };
        yield { ...run, summary: JSON.stringify({ ...JSON.parse(run.summary!), segments: { crop } }) };
      }
    }
    const chipSegments = { crop: { column: 'crop', values: ['maize', 'rye'] } };
    const told = {
      ...ofScenes,
      ledger: { ...service.ledger, ofDay },
      models: { ...service.models, load: async () => ({ ...loaded, unit: 'scene' as const, chipSegments }) },
    };
    const { said } = await referenceOfRuns(told, folder, '30d');
    assert.match(said, /It says what is usual of 1 segment\.$/);
    const { scenes, classes, seasons } = written();
    const { maize, ...others } = seasons.segments.crop;
    assert.deepEqual(others, {}, 'two runs with rye are too few');
    assert.deepEqual([maize.classes, maize.scenes, maize.months], [classes, scenes.scenes, {}]);
  });

  test('is made of the runs of the usual size, however large a single one is', async () => {
    wait(40 * DAY);
    for (const [i, counts] of QUIET.entries()) await finish(`usual-${i}`, guesses(counts));
    await finish('large', guesses([590, 180, 110, 40]));
    await finish('tiny', guesses([1, 1, 1, 1]));
    await judge([29, 18, 11, 4]);
    const { runs, left } = await referenceOfRuns(ofScenes, folder, '30d');
    assert.deepEqual([runs, left], [7, { 'with less than half the usual number of predictions': 1 }]);
  });

  test('is refused of a time to come like one without runs', async () => {
    await assert.rejects(
      referenceOfRuns(ofScenes, folder, '2999-01-01'),
      /found 0 quiet runs on 0 days, allowed are 5/,
    );
  });

  test('is refused of another model than the live one, and without a live version', async () => {
    const serving = async () => ({ live: [], waiting: [] });
    const none = { ...ofScenes, models: { ...ofScenes.models, serving } };
    await assert.rejects(referenceOfRuns(none, folder, '30d'), /found no live version of droughtwatch-baseline/);
    writeFileSync(join(folder, 'model.onnx'), 'another');
    await assert.rejects(referenceOfRuns(ofScenes, folder, '30d'), /found another model file than 1\.0\.0's/);
  });

  test('needs one of --data and --from-runs, and no bands', async () => {
    for (const [args, said] of [
      [[], /Give the files of --data, or --from-runs\./],
      [['--from-runs', '30d', '--only-bands'], /--from-runs.*cannot be used with.*--only-bands/],
      [['--from-runs', '30d'], /is not the folder of an embedded stack/],
    ] as const) {
      const { code, stderr } = await swathHere(['model', 'profile', PACKAGE, ...args], cwd);
      assert.equal(code, 2, stderr);
      assert.match(stderr, said);
    }
  });
});
