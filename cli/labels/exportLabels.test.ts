import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readPredictedParts } from '../../core/results/predictions.ts';
import { resultsInFolder } from '../../local/buckets/folderBucket.ts';
import { withLabels } from '../../test/benches/labels.ts';
import { startOnlineStack } from '../../test/benches/onlineStack.ts';
import { runningStack } from '../../test/runningStack.ts';
import { blankFrames, edited, framesWithTruth } from '../../test/scenes.ts';
import { jsonLines, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';

type Told = { model: string; table: string } & Record<'random' | 'leastCertain' | 'seed' | 'gone', number>;
type Row = Record<string, string>;

const cwd = temporaryFolder();

/** No cell of these tables is quoted. */
function rowsIn(path: string): Row[] {
  const [head, ...lines] = readFileSync(path, 'utf8').trimEnd().split(/\r?\n/);
  const names = head!.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i]!, cell])));
}

function write(path: string, rows: readonly Row[]): void {
  const lines = [Object.keys(rows[0]!), ...rows.map((row) => Object.values(row))].map((cells) => cells.join(','));
  writeFileSync(path, `${lines.join('\n')}\n`);
}

const isRandom = ({ sample = '' }: Row): boolean => sample.startsWith('random-');
const indexOf = ({ chip_id = '' }: Row): number => Number(chip_id.split('-')[1]);

describe('swath label export', { timeout: 180_000 }, () => {
  const stack = runningStack(cwd);
  /** The true class of each chip, which the file does not state. */
  const truths = [0, 1, 2, 3].flatMap((truth) => {
    const frames = framesWithTruth(truth).filter((frame) => !blankFrames.includes(frame));
    return frames
      .slice(0, 10)
      .map((frame) => ({ truth, frame: edited(frame, (features) => features.delete('label')) }));
  });

  before(async () => {
    writeFileSync(join(cwd, 'scene'), Buffer.concat(truths.map(({ frame }) => frame)));
    const { code } = await swathHere(['classify', 'scene'], cwd);
    assert.equal(code, 0);
  });

  const exported = async (...more: string[]) => {
    const { code, stdout, stderr } = await swathHere(['label', 'export', '--json', ...more], cwd);
    return { code, stderr, told: jsonLines<Told>({ stdout })[0] };
  };

  /** Writes into a table what is true, where it does not say so yet, and has it joined. */
  async function fillIn(folder: string): Promise<object> {
    const path = join(cwd, folder, 'truth.csv');
    const rows = rowsIn(path).map((row) => {
      const { truth } = truths[indexOf(row)]!;
      assert.ok(row['truth'] === '' || row['truth'] === String(truth));
      return { ...row, truth: String(truth) };
    });
    write(path, rows);
    const { code, stdout } = await swathHere(['truth', path, '--json'], cwd);
    assert.equal(code, 0);
    return jsonLines<object>({ stdout })[0]!;
  }

  const run = async () =>
    (await Array.fromAsync(stack().ledger.rowsOfDay(stack().now().toISOString().slice(0, 10))))[0]!;

  /** The truths that count in the accuracy, and how many of them are right. */
  async function counted(): Promise<[known: number, right: number]> {
    const sum = (counts: number[] = []) => counts.reduce((all, one) => all + one, 0);
    const { truths: known, right } = JSON.parse((await run()).summary!);
    return [sum(known), sum(right)];
  }

  async function rightAmong(rows: readonly Row[]): Promise<number> {
    const { readResult } = resultsInFolder(stack().folder.results);
    const chips = (await Array.fromAsync(readPredictedParts(readResult, await run()))).flat();
    const said = new Map(chips.map(({ index, value }) => [index, value]));
    return rows.filter((row) => said.get(indexOf(row)) === truths[indexOf(row)]!.truth).length;
  }

  test('makes a folder whose truths come back: the random half counts, and the least certain are kept', async () => {
    const { code, told } = await exported('--chips', '11', '--to', 'first');
    assert.equal(code, 0);
    const model = 'droughtwatch-baseline/1.1.0';
    assert.deepEqual(told, { model, table: 'first/truth.csv', random: 6, due: 0, leastCertain: 5, seed: 1, gone: 0 });
    const rows = rowsIn(join(cwd, 'first/truth.csv'));
    assert.deepEqual(Object.keys(rows[0]!), ['picture', 'truth', 'scene', 'scene_version', 'chip_id', 'sample']);
    const random = rows.filter(isRandom);
    assert.equal(random.length, 6);
    const pictures = readdirSync(join(cwd, 'first')).filter((name) => name.endsWith('.png'));
    assert.deepEqual(
      pictures,
      rows.map(({ picture }) => picture),
    );
    const png = readFileSync(join(cwd, 'first', pictures[0]!));
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [65, 65]);
    assert.partialDeepStrictEqual(await fillIn('first'), { joined: 11, empty: 0, unknown: [] });
    assert.deepEqual(await counted(), [6, await rightAmong(random)]);
  });

  test('asks for no truth again: what counts is left out, and what does not is there already', async () => {
    const before = rowsIn(join(cwd, 'first/truth.csv'));
    const kept = new Set(before.filter((row) => !isRandom(row)).map(({ chip_id }) => chip_id));
    const countedAlready = new Set(before.filter(isRandom).map(({ chip_id }) => chip_id));
    assert.equal((await exported('--chips', '40', '--seed', '2', '--to', 'second')).code, 0);
    const rows = rowsIn(join(cwd, 'second/truth.csv'));
    assert.ok(rows.every(({ chip_id }) => !countedAlready.has(chip_id)));
    const known = rows.filter(({ truth }) => truth !== '');
    assert.deepEqual(
      known,
      rows.filter(({ chip_id }) => kept.has(chip_id)),
    );
    assert.ok(known.length > 0 && known.every(isRandom));
    await fillIn('second');
    const random = [...before, ...rows].filter(isRandom);
    assert.deepEqual(await counted(), [random.length, await rightAmong(random)]);
  });

  test('chooses the same chips with the same seed, and others with another one', async () => {
    for (const [to, seed] of [
      ['a', '3'],
      ['b', '3'],
      ['c', '4'],
    ] as const)
      await exported('--chips', '4', '--seed', seed, '--to', to);
    const [a, b, c] = ['a', 'b', 'c'].map((to) => readFileSync(join(cwd, to, 'truth.csv'), 'utf8'));
    assert.equal(a, b);
    assert.notEqual(a, c);
  });

  test('says what to write and what to do next', async () => {
    const { stdout } = await swathHere(['label', 'export', '--chips', '2'], cwd);
    assert.match(stdout, /random +1, drawn with the seed 1/);
    assert.match(stdout, /truth +the column to fill in: cows-0, cows-1, cows-2, cows-3plus\n/);
    assert.match(stdout, /npx swath truth labels\/truth\.csv --model droughtwatch-baseline/);
  });

  test('refuses a folder that exists, a model that does not, and a time without chips: exit code 2', async () => {
    const again = await exported();
    assert.deepEqual(
      [again.code, again.stderr],
      [2, 'swath: labels: exists already. Name another folder with --to.\n'],
    );
    const other = await exported('--model', 'none', '--to', 'd');
    assert.match(other.stderr, /none: found no version none of droughtwatch-baseline; published are: /);
    const none = await exported('--model', 'droughtwatch-baseline/1.0.0', '--to', 'd');
    assert.equal(none.code, 2);
  });

  test('leaves out predictions that no longer exist; without others it says so, and leaves no folder', async () => {
    rmSync(join(cwd, '.swath/results/predictions'), { recursive: true });
    const { code, stderr } = await exported('--to', 'd');
    assert.equal(code, 2);
    assert.match(
      stderr,
      /has no chip since 30d of unknown truth, but for 1 file of predictions that can no longer be read: see/,
    );
    assert.deepEqual(
      readdirSync(cwd).filter((name) => name.startsWith('d')),
      [],
    );
  });
});

describe('swath label export of rows', { timeout: 180_000 }, () => {
  let online: Awaited<ReturnType<typeof startOnlineStack>>;
  before(async () => {
    online = await startOnlineStack();
  });
  after(() => online.close());

  test('has their values in the place of pictures', async () => {
    const { stack, csv } = online;
    assert.equal((await stack.deliver(await stack.put(csv([50, 60, 70]), '-a.csv'))).status, 'SUCCEEDED');
    const args = ['--json', '--data-dir', stack.folder.path];
    await swathHere(['label', 'export', '--chips', '3', '--to', 'rows', ...args], cwd);
    const rows = rowsIn(join(cwd, 'rows/truth.csv'));
    assert.deepEqual(readdirSync(join(cwd, 'rows')), ['truth.csv']);
    assert.equal(existsSync(join(cwd, 'rows/0001.png')), false);
    const [band = ''] = Object.keys(rows[0]!).filter((name) => name.startsWith('band '));
    assert.deepEqual(rows.map((row) => [indexOf(row), row[band]]).sort(), [
      [0, '50'],
      [1, '60'],
      [2, '70'],
    ]);
    write(
      join(cwd, 'rows/truth.csv'),
      rows.map((row) => ({ ...row, truth: 'grey-soil' })),
    );
    const { stdout } = await swathHere(['truth', 'rows/truth.csv', ...args], cwd);
    assert.partialDeepStrictEqual(jsonLines<object>({ stdout })[0], { joined: 3, unknown: [] });
  });
});

describe('swath label export, a second time', { timeout: 180_000 }, () => {
  let online: Awaited<ReturnType<typeof startOnlineStack>>;
  before(async () => {
    online = await startOnlineStack();
  });
  after(() => online.close());

  test('draws as large a share of the chips that came since, says how many that are, and the seed comes back', async () => {
    const { stack, csv } = online;
    const values = (count: number, from: number) => csv(Array.from({ length: count }, (_, i) => from + (i % 90)));
    assert.equal((await stack.deliver(await stack.put(values(20, 10), 'w1.csv'))).status, 'SUCCEEDED');
    const args = ['--data-dir', stack.folder.path];
    await swathHere(['label', 'export', '--chips', '20', '--to', 'w1', ...args], cwd);
    const table = join(cwd, 'w1/truth.csv');
    const rows = rowsIn(table).map((row) => ({ ...row, truth: isRandom(row) ? 'red-soil' : '' }));
    write(table, rows);
    const { code } = await swathHere(['truth', 'w1/truth.csv', ...args], cwd);
    assert.equal(code, 0);
    assert.equal((await stack.deliver(await stack.put(values(200, 11), 'w2.csv'))).status, 'SUCCEEDED');
    const { stdout } = await swathHere(['label', 'export', '--chips', '20', '--to', 'w2', ...args], cwd);
    const drawn = rowsIn(join(cwd, 'w2/truth.csv')).filter(isRandom).length;
    assert.ok(drawn > 60, `${drawn} of 200, as 10 of 20 were`);
    assert.match(stdout, new RegExp(`at least the first ${drawn} of the random ones, or chips that came since`));
  });
});

describe('swath label export of several labels', { timeout: 180_000 }, () => {
  let online: Awaited<ReturnType<typeof startOnlineStack>>;
  before(async () => {
    online = await startOnlineStack(withLabels);
  });
  after(() => online.close());

  test('has the labels that are known already as they are read', async () => {
    const { stack, csv } = online;
    assert.equal((await stack.deliver(await stack.put(csv([50, 60, 70, 80]), 'a.csv'))).status, 'SUCCEEDED');
    const args = ['--json', '--data-dir', stack.folder.path];
    const said = ['', 'red-soil', 'red-soil;grey-soil', 'no label'];
    const rows = said.map((truth, index) => `a.csv,${index},least-certain,${truth}\n`);
    writeFileSync(join(cwd, 'labels.csv'), `scene,index,sample,truth\n${rows.join('')}`);
    await swathHere(['truth', 'labels.csv', ...args], cwd);
    await swathHere(['label', 'export', '--chips', '8', '--to', 'several', ...args], cwd);
    const found = rowsIn(join(cwd, 'several/truth.csv')).sort((a, b) => indexOf(a) - indexOf(b));
    assert.deepEqual(
      found.map(({ truth, sample }) => [truth, sample]),
      [
        ['', 'random-1'],
        ['red-soil', 'random-1'],
        ['"grey-soil;red-soil"', 'random-1'],
        ['no label', 'random-1'],
      ],
    );
    const { stdout } = await swathHere(['truth', 'several/truth.csv', ...args], cwd);
    assert.partialDeepStrictEqual(jsonLines<object>({ stdout })[0], { truths: 3, empty: 1, known: 3, unknown: [] });
  });
});
