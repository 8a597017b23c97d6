import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { BASELINE } from '../../test/benches/packages.ts';
import golden from '../../test/golden/droughtwatch.vectors.json' with { type: 'json' };
import { runningStack } from '../../test/runningStack.ts';
import { framesWithTruth, shard } from '../../test/scenes.ts';
import { jsonLines, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
import { nextText } from './truth.ts';

type Told = { truths: number; empty: number; joined: number; corrected: number; known: number; runs: number } & {
  days: object[];
  unknown: { where: string; chip: string; why: string }[];
};

const cwd = temporaryFolder();

describe('swath truth', { timeout: 180_000 }, () => {
  runningStack(cwd);
  let scene: string;

  before(async () => {
    writeFileSync(join(cwd, 'good'), shard);
    const { code } = await swathHere(['classify', 'good'], cwd);
    assert.equal(code, 0);
    scene = `${hash('sha256', shard).slice(0, 12)}/good`;
    const rows = golden.records.slice(0, 10).map(({ index }) => `${scene},${index},0\n`);
    writeFileSync(join(cwd, 'truth.csv'), `scene,index,truth\n${rows.join('')}`);
  });

  const tell = async (file: string, ...more: string[]) => {
    const { code, stdout, stderr } = await swathHere(['truth', file, '--json', ...more], cwd);
    return { code, stderr, told: jsonLines<Told>({ stdout })[0] };
  };
  const write = (name: string, text: string) => {
    writeFileSync(join(cwd, name), text);
    return name;
  };

  test('joins a table, and says what became of it', async () => {
    const { code, told } = await tell('truth.csv');
    assert.equal(code, 0);
    assert.partialDeepStrictEqual(told, {
      truths: 10,
      empty: 0,
      joined: 10,
      corrected: 0,
      known: 0,
      runs: 1,
      unknown: [],
    });
    assert.equal(told!.days.length, 1);
    const again = await tell('truth.csv', '--model', 'droughtwatch-baseline');
    assert.partialDeepStrictEqual(again, { code: 0, told: { joined: 0, corrected: 0, known: 10, days: [] } });
    const versioned = await tell('truth.csv', '--model', 'droughtwatch-baseline/1.1.0');
    assert.partialDeepStrictEqual(versioned, { code: 0, told: { joined: 0, corrected: 0, known: 10, days: [] } });
    const other = await tell('truth.csv', '--model', 'droughtwatch-baseline/9.9.9');
    assert.equal(other.code, 1);
    assert.match(other.told!.unknown[0]!.why, /by droughtwatch-baseline\/1\.1\.0, and not by .*\/9\.9\.9$/);
    const { stdout } = await swathHere(['truth', 'truth.csv'], cwd);
    assert.match(stdout, /known +10 that had it already/);
    assert.match(stdout, /Nothing has changed\./);
  });

  test('takes what SQL has written, and leaves rows out that say nothing yet', async () => {
    const query = `SELECT scene, chip_id, CASE WHEN "index" < 20 THEN 0 END AS truth FROM predictions`;
    await swathHere(['sql', query, '--parquet', 'truth.parquet'], cwd);
    const { code, told } = await tell('truth.parquet');
    assert.equal(code, 0);
    assert.ok(told!.empty > 0 && told!.joined + told!.corrected + told!.known === told!.truths, JSON.stringify(told));
  });

  test('lists chips without a prediction: exit code 1', async () => {
    const { code, told } = await tell(write('some.csv', `scene,index,truth\n${scene},100000,0\nnone,1,0\n`));
    assert.equal(code, 1);
    assert.deepEqual(
      told!.unknown.map(({ where, why }) => [where, why.replace(/[0-9a-f]{32}/, 'RUN')]),
      [
        ['line 2', 'the run RUN of droughtwatch-baseline/1.1.0 has predicted no such chip'],
        ['line 3', 'no run of it is known'],
      ],
    );
    const { stdout } = await swathHere(['truth', 'some.csv'], cwd);
    assert.match(stdout, /unknown +2 chips that nobody has predicted\n {2}line 2: the chip 100000 of /);
  });

  for (const { what, text, says } of [
    {
      what: 'a class that there is not',
      text: 'INDEX,sheep\n',
      says: /line 2: the truth of the chip \d+ of .*: found “sheep”, allowed is one integer of 0, 1, 2, 3, or the name of its class/,
    },
    {
      what: 'two words on one chip',
      text: 'INDEX,0\nINDEX,1\n',
      says: /line 3: found “1” as the truth of the chip \d+ of .*, and line 2 says “0”; allowed is one truth for a chip/,
    },
    { what: 'a row that is too short', text: 'INDEX\n', says: /bad\.csv: line 2: found 2 cells, allowed are 3/ },
  ])
    test(`refuses ${what}, with its line: exit code 2`, async () => {
      const chip = `${scene},${golden.records[0]!.index}`;
      const file = write('bad.csv', `scene,index,truth\n${text.replaceAll('INDEX', chip)}`);
      const { code, stderr } = await tell(file);
      assert.equal(code, 2);
      assert.match(stderr, says);
    });

  test('refuses a file that does not exist or is no table: exit code 2', async () => {
    const { code, stderr } = await tell('nothing.csv');
    assert.deepEqual([code, stderr], [2, 'swath: nothing.csv: no such file.\n']);
    const folder = await tell('.');
    assert.deepEqual([folder.code, folder.stderr], [2, 'swath: . is a folder, allowed is a table.\n']);
    const other = await tell(write('other.csv', 'a,b\n1,2\n'));
    assert.equal(other.code, 2);
    assert.match(other.stderr, /other\.csv: found the columns “a, b”, allowed are truth;/);
  });

  test('joins the others where predictions were removed or are damaged', async () => {
    const other = Buffer.concat(framesWithTruth(1).slice(0, 5));
    writeFileSync(join(cwd, 'other'), other);
    const [run] = jsonLines<{ run: string }>(await swathHere(['classify', 'other', '--json'], cwd));
    const results = join(cwd, '.swath/results/predictions');
    const file = readdirSync(results, { recursive: true, encoding: 'utf8' }).find((name) => name.includes(run!.run))!;
    const both = write(
      'both.csv',
      `scene,index,truth\n${hash('sha256', other).slice(0, 12)}/other,0,1\n${scene},${golden.records[0]!.index},1\n`,
    );
    for (const damage of [() => truncateSync(join(results, file), 500), () => rmSync(join(results, file))]) {
      damage();
      const { code, told } = await tell(both);
      assert.deepEqual([code, told!.joined + told!.corrected + told!.known], [1, 1]);
      assert.deepEqual(
        told!.unknown.map(({ where, why }) => [where, why]),
        [['line 2', `the predictions of the run ${run!.run} no longer exist`]],
      );
    }
  });
});

test('swath truth says that a sweep judges closed days, and what shows a run of an open one', () => {
  const model = { name: 'm', version: '1.0.0' };
  const said = (...days: string[]) =>
    nextText(
      days.map((day) => ({ day, model })),
      new Date('2026-03-02T10:00:00Z'),
      { dataDir: '.swath' },
    );
  const closed = 'The next sweep judges again: 2026-03-01 (m 1.0.0). Now: npx swath sweep';
  const open =
    'The first sweep after midnight (UTC) judges 2026-03-02 (m 1.0.0). Until then, a run by itself: npx swath show RUN';
  assert.equal(said('2026-03-01'), closed);
  assert.equal(said('2026-03-02'), open);
  assert.equal(said('2026-03-02', '2026-03-01'), `${closed} ${open}`);
  assert.equal(said(), 'Nothing has changed.');
});

test('swath truth notes that a truth is called as one class and is the value of another one', async () => {
  const home = temporaryFolder();
  const folder = join(home, 'numbered');
  cpSync(BASELINE, folder, { recursive: true, filter: (file) => !file.endsWith('sample.json') });
  for (const file of ['item.json', 'reference.json'].map((name) => join(folder, name)))
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replaceAll(/cows-(\d)/g, (_, value) => `${Number(value) + 1}`),
    );
  writeFileSync(join(home, 'good'), shard);
  for (const command of [
    ['model', 'publish', folder, '--promote'],
    ['classify', 'good'],
  ])
    assert.equal((await swathHere(command, home)).code, 0);
  const chip = `${hash('sha256', shard).slice(0, 12)}/good,${golden.records[0]!.index}`;
  for (const [truth, says] of [
    ['0', /^$/],
    [
      '2',
      /^Note: droughtwatch-baseline\/\S+: item\.json: the class "2" is called as the value of another one, so that a truth 2 means/,
    ],
  ] as const) {
    writeFileSync(join(home, 'truth.csv'), `scene,index,truth\n${chip},${truth}\n`);
    const { code, stderr } = await swathHere(['truth', 'truth.csv', '--json'], home);
    assert.equal(code, 0);
    assert.match(stderr, says);
  }
});
