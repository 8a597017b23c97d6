import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { storedCounts } from '../benches/summaries.ts';
import type { Prediction } from '../predictions.ts';
import { type Audited, audit, type Put } from './audit.ts';
import { sha256 } from './sceneFiles.ts';
import type { Item, TablesAtRest } from './tablesAtRest.ts';

/** A test of the test: the audit finds nothing where all is well, and whatever is made wrong in it. */

const root = mkdtempSync(join(tmpdir(), 'swath-audit-'));
after(() => rmSync(root, { recursive: true }));

const MODEL = 'm/1.0.0';
const DAY = '2026-11-20';
const AT = `${DAY}T10:00:00.000Z`;
const [A, BLANK] = ['two chips', 'nothing to see'].map((text) => Buffer.from(text));
const [a, blank] = [sha256(A!), sha256(BLANK!)];
const PREDICTIONS: Prediction[] = [0, 1].map((index) => ({
  chip_id: `${a.slice(0, 16)}-${index}`,
  index,
  offset: BigInt(index * 100),
  length: 100,
  label: index,
  class: `c${index}`,
  probability: 0.75,
  truth: null,
  p_0: 0.75,
  p_1: 0.25,
  digest: a,
  scene: 'a',
  run: 'run-a',
})) as unknown as Prediction[];

/** A stack that has seen a file, the same bytes under a second key, and a blank one; each may be changed. */
function stack() {
  const home = mkdtempSync(join(root, 'stack-'));
  const [inbox, results] = [join(home, 'inbox'), join(home, 'results')];
  const puts: Put[] = [
    { key: 'a', sha256: a, kind: 'chips' },
    { key: 'north/again', sha256: a, kind: 'chips' },
    { key: 'blank', sha256: blank, kind: 'blank' },
  ];
  write(inbox, 'a', A!);
  write(inbox, 'north/again', A!);
  write(inbox, 'blank', BLANK!);
  const predictions = `predictions/model=m/version=1.0.0/date=${DAY}/run-a-00000.parquet`;
  write(results, predictions, parquetOf(PREDICTIONS));

  const counts = (...counts: number[]) => storedCounts(counts, { names: counts.map((_, i) => `c${i}`) });
  const row = (key: string, digest: string, run: string, state: string, more: Item): Item => ({
    scene: `inbox/${key}#${digest}`,
    model: MODEL,
    run,
    digest,
    state,
    day: DAY,
    attempt: 1,
    changed: `${AT}#${run}`,
    ...more,
  });
  const counted = { countedDay: DAY };
  const first = row('a', a, 'run-a', 'DONE', { ...counted, ...counts(1, 1), chips: 2, blank: 0, parts: 1 });
  const second = row('north/again', a, 'run-b', 'DUPLICATE', { duplicateOf: 'run-a' });
  const nothing = row('blank', blank, 'run-c', 'EMPTY', { ...counted, ...counts(0, 0), chips: 1, blank: 1 });
  const owner: Item = { scene: `digest#${a}`, model: MODEL, owner: 'run-a' };
  const ownerOfNothing: Item = { scene: `digest#${blank}`, model: MODEL, owner: 'run-c' };
  const ledger = [first, second, nothing, owner, ownerOfNothing];
  const run: Item = { model: MODEL, window: 'run#run-a', judgement: JSON.stringify({ counts: [1, 1] }) };
  const day: Item = {
    model: MODEL,
    window: `day#${DAY}#000001`,
    revision: 1,
    cutOff: `${DAY}T23:00:00.000Z`,
    runs: 2,
    chips: 3,
    blank: 1,
    judgement: JSON.stringify({ counts: [1, 1] }),
  };
  return { inbox, results, puts, predictions, first, second, nothing, owner, ledger, run, metrics: [run, day], day };
}

type Made = ReturnType<typeof stack>;

/** What the audit says of it; the indexes are those of the ledger, but for what `index` does to them. */
async function faultsOf(made: Made, index: (indexes: TablesAtRest['indexes']) => void = () => {}): Promise<string[]> {
  const { inbox, results, puts, ledger, metrics } = made;
  const runs = ledger.filter((item) => 'run' in item);
  const only = (item: Item, ...names: string[]) => Object.fromEntries(names.map((name) => [name, item[name]]));
  const indexes = structuredClone({
    byState: runs,
    byDay: runs
      .filter((item) => 'countedDay' in item)
      .map((item) => only(item, 'scene', 'model', 'countedDay', 'changed', 'run', 'summary', 'chips', 'blank')),
    byRun: runs.map((item) => only(item, 'scene', 'model', 'run')),
  });
  index(indexes);
  const expected: Audited['expected'] = (digest) => (digest === a ? PREDICTIONS : []);
  return (await audit({ inbox, results, puts, expected, tables: { ledger, metrics, indexes } })).errors;
}

test('a consistent ledger has no findings', async () => {
  assert.deepEqual(await faultsOf(stack()), []);
});

describe('an inconsistency is found', () => {
  const change = (of: keyof Made, to: object) => (made: Made) => void Object.assign(made[of], to);
  const predicting = (rows: object[]) => (made: Made) =>
    write(made.results, made.predictions, parquetOf(rows as Prediction[]));
  const [chip, other] = PREDICTIONS as [Prediction, Prediction];
  const judgement = '{"counts":[2,2]}';
  const wrong: [name: string, change: (made: Made) => unknown, found: RegExp][] = [
    [
      'a file without a row',
      ({ puts }) => puts.push({ key: 'lost', sha256: 'f', kind: 'invalid' }),
      /lost .* has no row/,
    ],
    ['a run that goes on for ever', change('second', { state: 'PREPARED' }), /again .* is PREPARED/],
    ['a bad end of a good file', change('first', { state: 'FAILED' }), /^a .* is FAILED/],
    ['two rows of a file', ({ ledger, first }) => ledger.push({ ...first, model: 'm/2.0.0' }), /a has 2 rows/],
    [
      'a row of no file',
      ({ ledger, second }) => ledger.push({ ...second, scene: 'inbox/ghost#1' }),
      /ghost.* was never put/,
    ],
    [
      'a content that is counted twice',
      ({ second, first }) => Object.assign(second, { ...first, scene: second['scene'], run: 'run-b' }),
      /is counted 2 times/,
    ],
    ['a duplicate of nobody', change('second', { duplicateOf: 'run-x' }), /not of the run that counts/],
    [
      'a duplicate of a duplicate',
      ({ ledger, second }) => ledger.push({ ...second, scene: 'inbox/third#1', run: 'run-c', duplicateOf: 'run-b' }),
      /third#1 is a duplicate of \S+, which is DUPLICATE/,
    ],
    ['another owner', change('owner', { owner: 'run-b' }), /belongs to run-b, and run-a counts/],
    ['predictions that are gone', (made) => rmSync(join(made.results, made.predictions)), /is not there/],
    [
      'half a Parquet file',
      (made) => write(made.results, made.predictions, parquetOf(PREDICTIONS).subarray(0, 300)),
      /cannot be read/,
    ],
    ['a prediction too few', predicting([other]), /1 rows, and not 2/],
    ['another prediction', predicting([chip, { ...other, class: 'c0' }]), /row 1: class is c0, and not c1/],
    ['predictions of another run', predicting([chip, { ...other, run: 'run-b' }]), /row 1 is of the run run-b of a$/m],
    ['predictions of another file', predicting([chip, { ...other, scene: 'b' }]), /row 1 is of the run run-a of b$/m],
    [
      'predictions of nobody',
      ({ results }) => write(results, 'predictions/stray.parquet', parquetOf(PREDICTIONS)),
      /no run that is DONE has it/,
    ],
    ['a wrong count of a run', change('first', storedCounts([2, 0], { names: ['c0', 'c1'] })), /the ledger counts 2,0/],
    ['a wrong metrics row', change('run', { judgement }), /the metrics row of run-a/],
    ['a day that counts twice', change('day', { judgement }), /its runs are/],
    ['a day that was never judged', ({ metrics }) => metrics.pop(), /was never judged/],
    ['a run behind the cut-off', change('day', { cutOff: `${DAY}T01:00:00.000Z` }), /came after its last cut-off/],
    ['a file that was taken away', ({ inbox }) => rmSync(join(inbox, 'a')), /a is gone from the inbox/],
    ['a file that was changed', ({ inbox }) => write(inbox, 'a', Buffer.from('other')), /a has other bytes/],
  ];
  for (const [name, change, found] of wrong)
    test(name, async () => {
      const made = stack();
      change(made);
      const errors = await faultsOf(made);
      assert.ok(
        errors.some((error) => found.test(error)),
        `found only ${JSON.stringify(errors)}`,
      );
    });

  test('an index that shows too much, too little, or a former state', async () => {
    const gone = await faultsOf(stack(), (indexes) => indexes['byRun']!.pop());
    assert.match(gone.join(), /byRun does not show inbox\/blank/);
    const former = await faultsOf(stack(), ({ byState }) => Object.assign(byState![0]!, { state: 'PREDICTED' }));
    assert.match(former.join(), /byState shows inbox\/a.* as it is not/);
    const ghost = await faultsOf(stack(), ({ byDay }) => byDay!.push({ scene: 'inbox/x#1', model: MODEL }));
    assert.match(ghost.join(), /byDay shows inbox\/x#1 by m\/1.0.0, which is no item/);
  });
});

test('a version that was written over may have any end, or none', async () => {
  const made = stack();
  made.puts.push({ key: 'over', sha256: 'e'.repeat(64), kind: 'chips', isFormer: true });
  assert.deepEqual(await faultsOf(made), []);
});

function write(folder: string, key: string, bytes: Uint8Array): void {
  const path = join(folder, ...key.split('/'));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

function parquetOf(rows: Prediction[]): Uint8Array {
  const types = { index: 'INT32', offset: 'INT64', length: 'INT32', label: 'INT32', truth: 'INT32' } as const;
  const columnData = Object.keys(rows[0]!).map((name) => ({
    name,
    type:
      name in types ? types[name as keyof typeof types] : /^p/.test(name) ? ('FLOAT' as const) : ('STRING' as const),
    nullable: true,
    data: rows.map((row) => row[name as keyof Prediction]),
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}
