import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { State } from '../../core/ledger/states.ts';
import { rowIn } from '../../test/benches/ledgerRows.ts';
import { readQuery } from '../query.ts';
import { runRows, runsOf, runsQuery } from './runs.ts';

/** The table of runs: what is found, in which order, on which page. */

/** A row that changed at a minute of the day. */
function row(file: string, state: State, minute: number, more: Partial<LedgerRow> = {}): LedgerRow {
  const at = `2026-03-16T10:${String(minute).padStart(2, '0')}:00.000Z`;
  return rowIn(state, { run: `run of ${file}`, scene: { bucket: 'inbox', key: file, versionId: 'v1' }, at, ...more });
}

const broken = { name: 'InvalidSceneFile', message: 'record 3: no band B5', step: 'Preprocess', attempt: 1, at: '' };
const drift = (jensenShannon: number) => ({
  jensenShannon,
  psi: 0,
  noiseFloor: 0.1,
  n: 80,
  verdict: 'no drift' as const,
  chiSquare: { statistic: 1, degreesOfFreedom: 3, pValue: 0.5 },
});
const rows = [
  row('scene 10', 'DONE', 9, { size: 500, chips: 81, drift: drift(0.1), milliseconds: { total: 400 } }),
  row('scene 9', 'DONE', 8, {
    ...{ size: 90, chips: 12, drift: drift(0.3), milliseconds: { total: 2000 }, attempt: 2 },
    acquired: { at: '2018-01-06T15:33:21.000Z', by: 'key' },
  }),
  row('Scene 1', 'PREPARED', 7, {
    size: 7,
    parts: 2,
    day: '2026-03-16',
    model: { name: 'baseline', version: '1.1.0' },
  }),
  row('broken', 'INVALID', 6, { error: broken }),
  row('copy', 'DUPLICATE', 5, { size: 500 }),
];

async function ask(query: string, of: LedgerRow[] = rows) {
  const listed: string[] = [];
  const listResults = async (prefix: string) => {
    listed.push(prefix);
    return [`${prefix}00000.parquet`];
  };
  const newest = { read: async () => ({ rows: of, cut: [] }) };
  const answer = await runsOf(newest, listResults, readQuery(runsQuery, new URLSearchParams(query)));
  return { ...answer, listed, files: answer.runs.map(({ file }) => file) };
}

describe('the order', () => {
  const cases: [query: string, files: string[]][] = [
    ['', ['scene 10', 'scene 9', 'Scene 1', 'broken', 'copy']],
    ['sort=changed', ['copy', 'broken', 'Scene 1', 'scene 9', 'scene 10']],
    ['sort=changed&descending=true', ['scene 10', 'scene 9', 'Scene 1', 'broken', 'copy']],
    ['descending=false', ['copy', 'broken', 'Scene 1', 'scene 9', 'scene 10']],
    ['sort=file', ['broken', 'copy', 'Scene 1', 'scene 9', 'scene 10']],
    ['sort=file&descending=true', ['scene 10', 'scene 9', 'Scene 1', 'copy', 'broken']],
    ['sort=size', ['Scene 1', 'scene 9', 'scene 10', 'copy', 'broken']],
    ['sort=size&descending=true', ['scene 10', 'copy', 'scene 9', 'Scene 1', 'broken']],
    ['sort=drift&descending=true', ['scene 9', 'scene 10', 'Scene 1', 'broken', 'copy']],
    ['sort=seconds', ['scene 10', 'scene 9', 'Scene 1', 'broken', 'copy']],
    ['sort=attempt&descending=true', ['scene 9', 'scene 10', 'Scene 1', 'broken', 'copy']],
    ['sort=model&descending=true', ['Scene 1', 'scene 10', 'scene 9', 'broken', 'copy']],
    ['sort=state', ['Scene 1', 'scene 10', 'scene 9', 'copy', 'broken']],
    ['sort=acquired&descending=true', ['scene 9', 'scene 10', 'Scene 1', 'broken', 'copy']],
    ['sort=error', ['broken', 'scene 10', 'scene 9', 'Scene 1', 'copy']],
  ];
  for (const [query, files] of cases)
    test(`of "${query}" is ${files.join(', ')}`, async () => assert.deepEqual((await ask(query)).files, files));
});

describe('a search', () => {
  const cases: [query: string, files: string[]][] = [
    ['search=SCENE', ['scene 10', 'scene 9', 'Scene 1', 'broken']],
    ['search=scene+1', ['scene 10', 'Scene 1']],
    ['search=band+b5', ['broken']],
    ['search=run+of+copy', ['copy']],
    ['search=baseline/1.1', ['Scene 1']],
    ['search=nothing', []],
    ['search=.*', []],
    ['state=DONE', ['scene 10', 'scene 9']],
    ['state=DONE&search=9', ['scene 9']],
    ['state=FAILED', []],
  ];
  for (const [query, files] of cases)
    test(`for "${query}" finds ${files.join(', ') || 'nothing'}`, async () => {
      const answer = await ask(query);
      assert.deepEqual(answer.files, files);
      assert.equal(answer.total, files.length);
    });

  test('is counted in every state, whichever one is shown', async () => {
    const { states, total } = await ask('state=DONE&search=scene');
    assert.equal(total, 2);
    assert.deepEqual(
      Object.entries(states).filter(([, count]) => count > 0),
      [
        ['PREPARED', 1],
        ['DONE', 2],
        ['INVALID', 1],
      ],
    );
    assert.equal(Object.keys(states).length, 8, 'those without a run as well');
  });
});

describe('the pages', () => {
  const many = Array.from({ length: 101 }, (_, i) => row(`file ${i}`, 'DONE', 59 - Math.floor(i / 2)));
  const cases: [page: string, shown: number, first: string | undefined, count: number][] = [
    ['1', 1, 'file 0', 50],
    ['2', 2, 'file 50', 50],
    ['3', 3, 'file 100', 1],
    ['4', 3, 'file 100', 1],
  ];
  for (const [page, shown, first, count] of cases)
    test(`page ${page} begins with ${first}`, async () => {
      const answer = await ask(`page=${page}`, many);
      assert.deepEqual([answer.page, answer.pages, answer.total], [shown, 3, 101]);
      assert.deepEqual([answer.files[0], answer.files.length], [first, count]);
    });

  test('there is one where nothing is found', async () => {
    const { page, pages, runs } = await ask('search=nothing');
    assert.deepEqual([page, pages, runs], [1, 1, []]);
  });
});

test('only runs on their way are asked how far they are, and only those that are shown', async () => {
  const { runs, listed } = await ask('');
  assert.deepEqual(
    runs.map(({ progress }) => progress),
    [null, null, { done: 1, parts: 2 }, null, null],
  );
  assert.deepEqual(listed, ['predictions/model=baseline/version=1.1.0/date=2026-03-16/run of Scene 1-']);
  assert.deepEqual((await ask('state=DONE')).listed, []);
});

describe('the file of runs', () => {
  for (const query of ['', 'sort=file', 'state=DONE&sort=size', 'search=scene', 'state=FAILED', 'sort=file&page=2'])
    test(`has those that the page shows, in its order: ${query}`, async () => {
      const newest = { read: async () => ({ rows, cut: [] }) };
      const { columns, rows: found } = await runRows(newest, readQuery(runsQuery, new URLSearchParams(query)));
      const at = columns.findIndex(({ name }) => name === 'file');
      const files: unknown[] = [];
      for await (const some of found) files.push(...some.map((cells) => cells[at]));
      const { files: shown } = await ask(query.replace(/&page=2/, ''));
      assert.deepEqual(files, shown);
    });
});
