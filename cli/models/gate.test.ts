import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { GateRules } from '../../core/package/gateRules.ts';
import type { HistoryRecord } from '../../core/releases/promotionHistory.ts';
import { runningStack } from '../../test/runningStack.ts';
import { jsonLines, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';

const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const BUNDLED = fromHere('../../models/droughtwatch-baseline/1.0.0');
const SHARD = fromHere('../../samples/droughtwatch/part-r-00012');
const NAME = 'droughtwatch-baseline';
const WHY = 'the labels of the north are wrong';

/** A candidate's life, from its publication to the history that tells it. */
const cwd = temporaryFolder();

describe('the gate of a model', () => {
  runningStack(cwd); // its workers serve each command
  const model = (...args: string[]) => swathHere(['model', ...args], cwd);
  const live = () => JSON.parse(readFileSync(join(cwd, `.swath/models/${NAME}/promoted.json`), 'utf8')).version;

  /** The bundled model under another version, as good as it is; or, taking red for blue, worse. */
  function makePackage(version: string, gate: GateRules, isWorse = false): void {
    const folder = join(cwd, version);
    cpSync(BUNDLED, folder, { recursive: true });
    const item = JSON.parse(readFileSync(join(folder, 'item.json'), 'utf8'));
    Object.assign(item.properties, { version, 'swath:gate': gate });
    item.id = `${NAME}-${version}`;
    if (isWorse) {
      rmSync(join(folder, 'sample.json'));
      const [input] = item.properties['mlm:input'];
      [input.bands[0], input.bands[2]] = [input.bands[2], input.bands[0]];
    }
    writeFileSync(join(folder, 'item.json'), JSON.stringify(item));
  }

  before(() => {
    makePackage('1.0.0', { max_accuracy_drop: 0.05, min_agreement: 0.9, min_chips: 50 });
    makePackage('1.0.1', { min_agreement: 0.01, min_chips: 1 }, true);
    makePackage('1.1.0', { min_agreement: 0.5 });
  });

  test('lets the first version pass, as there is nothing that it could be worse than', async () => {
    assert.equal((await model('publish', '1.0.0', '--promote')).code, 0);
    assert.equal(live(), '1.0.0');
  });

  test('refuses a version without enough data, and explains how to get data', async () => {
    const { code, stdout, stderr } = await model('publish', '1.0.1', '--promote');
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^swath: droughtwatch-baseline 1\.0\.1 is not promoted, 1\.0\.0 stays\.$/m);
    assert.match(
      stderr,
      /^ {2}Data: 1\.0\.0 and 1\.0\.1 have both classified 0 chips, needed are 50 \(min_chips\)\. .*"swath model diff FOLDER FOLDER --data FILES"/m,
    );
    assert.match(stderr, /npx swath model promote droughtwatch-baseline\/1\.0\.1 --anyway "WHY"$/m);
    assert.equal(live(), '1.0.0');
  });

  test('refuses a worse one by the rules of the live one, with the figures of both', async () => {
    assert.equal((await model('diff', '1.0.0', '1.0.1', '--data', SHARD)).code, 0);
    const { code, stderr } = await model('promote', `${NAME}/1.0.1`);
    assert.equal(code, 1);
    assert.match(stderr, /1\.0\.0 stays\. The gate was asked question 1 about it, at a level of 3\.04\u00a0%\.$/m);
    assert.equal((await model('promote', `${NAME}/1.0.1`)).stderr, stderr, 'the same data are the same question');
    assert.match(
      stderr,
      /^ {2}Accuracy: of 79 chips whose truth is known, 1\.0\.1 has \d+ right and 1\.0\.0 39; at 96\.96\u00a0% confidence it may be lower by up to [\d.]+ percentage points, allowed are 5 percentage points \(max_accuracy_drop 0\.05\)\.$/m,
    );
    assert.match(
      stderr,
      /^ {2}Agreement: 1\.0\.0 and 1\.0\.1 say the same of [\d.]+\u00a0% of 79 chips, allowed are at least 90\u00a0% \(min_agreement 0\.9\)\.$/m,
    );
    assert.equal(live(), '1.0.0');
  });

  test('gives way to a person who says why, and to no other', async () => {
    const { code, stderr } = await model('promote', '1.0.1', '--anyway', ' ');
    assert.deepEqual([code, stderr], [2, 'swath: --anyway: found nothing, allowed is the reason.\n']);
    assert.equal((await model('promote', '1.0.1', '--anyway', WHY)).code, 0);
    assert.equal(live(), '1.0.1');
  });

  test('does not stand in the way of a rollback', async () => {
    assert.equal((await model('rollback', '--reason', 'it was right after all')).code, 0);
    assert.equal(live(), '1.0.0');
  });

  test('lets one pass that is as good', async () => {
    await model('publish', '1.1.0');
    await model('diff', '1.0.0', '1.1.0', '--data', SHARD);
    const { code, stderr } = await model('promote', '1.1.0');
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(live(), '1.1.0');
    await model('rollback');
  });

  test('history shows refusals with their reasons, and who promoted against the gate', async () => {
    const records = jsonLines<HistoryRecord>(await model('history', '--json'));
    const kind = (one: HistoryRecord) =>
      'isRefused' in one ? 'refused' : one.isRollback ? 'rollback' : one.refusals ? 'anyway' : 'promoted';
    assert.deepEqual(
      records.map((one) => [kind(one), one.version, one.before, one.reason]),
      [
        ['rollback', '1.0.0', '1.1.0', null],
        ['promoted', '1.1.0', '1.0.0', null],
        ['rollback', '1.0.0', '1.0.1', 'it was right after all'],
        ['anyway', '1.0.1', '1.0.0', WHY],
        ['refused', '1.0.1', '1.0.0', null],
        ['refused', '1.0.1', '1.0.0', null],
        ['refused', '1.0.1', '1.0.0', null],
        ['promoted', '1.0.0', null, null],
      ],
    );
    assert.deepEqual(new Set(records.map(({ by }) => by)), new Set([userInfo().username]));
    const { stdout } = await model('history');
    assert.match(stdout, new RegExp(`^20\\S+Z +1\\.0\\.1 +1\\.0\\.0 +promotion against the gate +\\S+ +${WHY}$`, 'm'));
    assert.match(stdout, /^20\S+Z +1\.0\.1 +1\.0\.0 +refused attempt /m);
    assert.match(
      stdout,
      /^The gate refused 1\.0\.1 at 20\S+Z \(question 1 about it, at a level of 3\.04\u00a0%\):\n {2}Accuracy: of 79 chips/m,
    );
  });

  test("list shows each version's runs and accuracy", async () => {
    const { stdout } = await model('list');
    assert.match(stdout, /^1\.0\.0 +promoted +1 +79 +20\S+Z +49\u00a0% +classes/m);
    assert.match(stdout, /^1\.0\.1 +1 +79 +20\S+Z +\d+\u00a0% +classes/m);
  });

  for (const version of ['a/b/1.0.0', '/1.0.0', 'a/'])
    test(`promote ${version} is wrong use`, async () => {
      const { code, stderr } = await model('promote', version);
      assert.equal(code, 2);
      assert.match(
        stderr,
        /^swath: found "\S+".*, allowed are NAME\/VERSION, or a VERSION of the stack's own model\.$/m,
      );
    });
});
