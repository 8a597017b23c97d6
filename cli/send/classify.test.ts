import assert from 'node:assert/strict';
import fs, { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type OwnStack, startStack } from '../../local/stack/stack.ts';
import { sqlRows } from '../../test/benches/sqlRows.ts';
import { buildIndices } from '../../test/models/buildIndices.ts';
import { blankFrames, sceneOf, shard } from '../../test/scenes.ts';
import { type Ended, jsonLines, swath, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
import type { toJson } from '../runs/report.ts';

type Line = ReturnType<typeof toJson>;

const NULLS =
  'masked refused task classes mostCommonShare missingShare meanProbability unsureShare accuracy drift crs bounds duplicateOf error';
const KEYS =
  'file key door run state task model shadow chips blank masked refused warnings classes mostCommonShare missingShare meanProbability unsureShare accuracy drift predictions results crs bounds duplicateOf error milliseconds';
const NOTHING = { ...Object.fromEntries(NULLS.split(' ').map((key) => [key, null])), predictions: [], results: [] };

const cwd = temporaryFolder();

describe('swath classify', () => {
  const good = ['a/part-1', 'a/part-2', 'b/part-1', 'a/copy of part-1', 'a/blank'];
  const bad = 'b/cut off';
  for (const folder of ['a', 'b']) mkdirSync(join(cwd, folder));
  const put = (name: string, bytes: Uint8Array) => writeFileSync(join(cwd, name), bytes);
  put('a/part-1', shard);
  put('a/copy of part-1', shard);
  put('a/part-2', sceneOf('a', 5));
  put('b/part-1', sceneOf('b', 7));
  put('a/blank', Buffer.concat(blankFrames));
  put(bad, shard.subarray(0, 100_000));
  let first: Ended;
  let lines: Line[];
  let stack: OwnStack; // its workers serve each further command

  before(async () => {
    first = await swath(['classify', ...good, bad, '--json'], cwd);
    lines = jsonLines(first);
    stack = await startStack({ dataDir: join(cwd, '.swath'), command: 'a test' });
  });
  after(() => stack.close());

  test('--json prints one object a file, in the order that they were named, and nothing else', () => {
    const states = ['DONE', 'DONE', 'DONE', 'DUPLICATE', 'EMPTY', 'INVALID'];
    for (const [i, file] of [...good, bad].entries())
      assert.partialDeepStrictEqual(lines[i], { file, state: states[i] });
    assert.equal(lines.length, 6);
    for (const line of lines) {
      assert.equal(Object.keys(line).join(' '), KEYS);
      assert.deepEqual(line.model, { name: 'droughtwatch-baseline', version: '1.1.0' });
      assert.deepEqual(Object.keys(line.milliseconds), ['preprocess', 'infer', 'drift', 'total', 'chip']);
    }
    assert.equal(first.stderr, '');
    assert.equal(first.code, 1, 'one is invalid');
  });

  test('a done file has its numbers and its predictions', () => {
    const { run, drift, predictions, meanProbability, milliseconds, ...line } = lines[0]!;
    assert.deepEqual(line, {
      file: 'a/part-1',
      key: '588715918154/part-1',
      door: 'file',
      state: 'DONE',
      task: 'classification',
      model: { name: 'droughtwatch-baseline', version: '1.1.0' },
      shadow: false,
      chips: 81,
      blank: 2,
      masked: 0,
      ...{ refused: null, duplicateOf: null, error: null, crs: null, bounds: null, warnings: [], results: [] },
      classes: { 'cows-0': 45, 'cows-1': 6, 'cows-2': 11, 'cows-3plus': 17 },
      mostCommonShare: 45 / 79,
      missingShare: 0,
      unsureShare: null,
      accuracy: 39 / 79,
    });
    assert.match(run, /^[0-9a-f]{32}$/);
    assert.deepEqual(Object.keys(drift!), ['jensenShannon', 'chiSquare', 'psi', 'noiseFloor', 'n', 'verdict']);
    assert.deepEqual(Object.keys(drift!.chiSquare), ['statistic', 'degreesOfFreedom', 'pValue']);
    assert.ok(meanProbability! > 0.25 && meanProbability! < 1);
    const [path = '', ...others] = predictions;
    assert.deepEqual([basename(path), others], [`${run}-00000.parquet`, []]);
    assert.equal(readFileSync(path).subarray(0, 4).toString(), 'PAR1');
    for (const took of Object.values(milliseconds)) assert.ok(took! >= 0);
  });

  test('equal base names from two folders, and two files of one folder, do not collide', () => {
    assert.deepEqual([lines[0]!.chips, lines[1]!.chips, lines[2]!.chips], [81, 5, 7]);
    assert.equal(new Set(lines.flatMap(({ run, predictions }) => [run, ...predictions])).size, lines.length + 3);
  });

  test('a duplicate has no counts, an empty file no shares, an invalid one its error', () => {
    const { predictions, ...none } = { ...NOTHING, chips: null, blank: null };
    assert.partialDeepStrictEqual(lines[3], { ...none, duplicateOf: lines[0]!.run });
    const empty = { task: 'classification', chips: 2, blank: 2, masked: 0, classes: { 'cows-0': 0, 'cows-3plus': 0 } };
    assert.partialDeepStrictEqual(lines[4], { ...NOTHING, ...empty });
    const { error, ...invalid } = lines[5]!;
    const nothing = { chips: null, blank: null, masked: null, classes: null, drift: null, duplicateOf: null };
    assert.partialDeepStrictEqual(invalid, nothing);
    assert.deepEqual([error?.name, error?.step], ['InvalidSceneFile', 'Preprocess']);
    assert.match(error!.message, /cut off: record 2 at byte 93486 is cut short/);
    for (const { predictions } of lines.slice(3)) assert.deepEqual(predictions, []);
  });

  test('the same files again: nothing is done, the table says so, and that is success', async () => {
    const { code, stdout, stderr } = await swathHere(['classify', ...good], cwd);
    assert.equal(stderr, '');
    assert.equal(code, 0);
    const [head, ...rest] = stdout.split('\n');
    assert.match(head!, /^file +run +state +chips +blank +classes +drift +noise floor +verdict +seconds$/);
    assert.match(
      rest[0]!,
      /^588715918154\/part-1 +\w{8} +DONE +81 +2 +cows-0 57 % {2}cows-1 8 % {2}cows-2 14 % {2}cows-3plus 22 % +0.134 +0.135 +no drift +\d/,
    );
    assert.equal(stdout.match(/settled before, at \S+; nothing was done now\.$/gm)?.length, good.length);
    const [, paths = ''] = stdout.split('\npredictions\n');
    assert.match(paths, /^( {2}\.swath\/results\/predictions\/model=\S+\.parquet\n)+$/);
    for (const path of paths.trimEnd().split('\n')) assert.ok(existsSync(join(cwd, path.trim())));
  });

  test('the table names a file as the list of runs and SQL do', async () => {
    const { stdout } = await swathHere(['classify', 'a/part-1'], cwd);
    const [, name = ''] = /\n(\S+) +\w{8} +DONE/.exec(stdout)!;
    const runs = jsonLines<Line>(await swathHere(['runs', '--json'], cwd));
    assert.ok(runs.some(({ file }) => file === name));
    const scenes = await sqlRows(join(cwd, '.swath/results'), 'SELECT DISTINCT scene FROM predictions');
    assert.ok(scenes.some(({ scene }) => scene === name));
  });

  for (const [named, name] of [
    ['a bundled model', 'digits'],
    ['a promoted model', 'droughtwatch-baseline'],
  ])
    test(`--model takes the name of ${named}`, async () => {
      const [line] = jsonLines<Line>(await swathHere(['classify', 'a/part-1', '--model', name!, '--json'], cwd));
      assert.equal(line?.model.name, name);
    });

  test('--model that names nothing lists the bundled models', async () => {
    const { code, stderr } = await swathHere(['classify', 'a/part-1', '--model', 'nothing'], cwd);
    assert.equal(code, 2);
    assert.match(stderr, /^swath: nothing is neither a folder, nor a model that was promoted .+ \(.+s2-scl.+\)/);
  });

  test('--model classifies with that package, once, and leaves the promoted one', async () => {
    buildIndices(join(cwd, 'indices'));
    const [line] = jsonLines<Line>(await swathHere(['classify', 'a/part-1', '--model', 'indices', '--json'], cwd));
    assert.deepEqual(line?.model, { name: 'droughtwatch-indices', version: '1.0.0' });
    assert.deepEqual(line.classes, { 'cows-0': 33, 'cows-1': 37, 'cows-2': 8, 'cows-3plus': 1 });
    assert.equal(line.drift?.verdict, 'drift');
    const promoted = readFileSync(join(cwd, '.swath/models/droughtwatch-baseline/promoted.json'), 'utf8');
    assert.equal(JSON.parse(promoted).version, '1.1.0');
    assert.ok(!existsSync(join(cwd, '.swath/models/droughtwatch-indices/promoted.json')));
  });

  test('what a package says that is not promoted is in no report of the day', async () => {
    const today = new Date().toISOString().slice(0, 10);
    const reported = async () => {
      const report = await swathHere(['report', '--day', today, '--json'], cwd);
      return jsonLines<{ model: { name: string } }>(report).map(({ model }) => model.name);
    };
    assert.deepEqual(await reported(), ['droughtwatch-baseline']);
    assert.equal((await swathHere(['model', 'promote', 'droughtwatch-indices/1.0.0', '--beside'], cwd)).code, 0);
    assert.deepEqual(await reported(), ['droughtwatch-baseline', 'droughtwatch-indices'], 'once it is promoted, it is');
    assert.equal((await swathHere(['classify', 'a/part-1', '--model', 'indices'], cwd)).code, 0);
    assert.deepEqual(await reported(), ['droughtwatch-baseline', 'droughtwatch-indices'], 'and stays');
  });

  for (const [live, ...model] of [['the live model'], ['a package', '--model', 'indices']])
    test(`two commands at once on one folder both succeed: with ${live}`, async () => {
      const both = ['one', 'two'].map(async (name) => {
        const names = [`${name} a`, `${name} b`];
        for (const file of names) put(file, sceneOf(file, 30));
        return swath(['classify', ...names, ...model, '--json', '--data-dir', 'shared'], cwd);
      });
      for (const { code, stdout, stderr } of await Promise.all(both)) {
        assert.deepEqual([code, stderr], [0, '']);
        const [one, other, ...more] = jsonLines<Line>({ stdout });
        assert.deepEqual([one?.state, other?.state, more], ['DONE', 'DONE', []]);
      }
      assert.ok(!existsSync(join(cwd, 'shared/lock.json')));
    });
});

test('swath classify ends with a sentence where the definition of the state machine is missing, and touches no data', async (t) => {
  const folder = temporaryFolder();
  const { existsSync: isThere } = fs;
  t.mock.method(fs, 'existsSync', (path: fs.PathLike) => !/pipeline\.yml$/.test(String(path)) && isThere(path));
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const shard = fileURLToPath(new URL('../../samples/droughtwatch/part-r-00012', import.meta.url));
  const { code, stdout, stderr } = await swathHere(['classify', shard], folder);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /^swath: \S+pipeline\.yml: found no such file\. It is the state machine that each file .*\n$/);
  assert.ok(!existsSync(join(folder, '.swath/inbox')));
});
