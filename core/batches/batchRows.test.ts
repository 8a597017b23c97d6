import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { batchOf, MODEL as model } from '../../test/benches/ledgerRows.ts';
import { type SceneRef, sceneId } from '../base/messages.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import { type End, makeBatchRows } from './batchRows.ts';

/** What the ledger says of a batch's files, by rows of the test's own. */

const OPENED = '2026-03-01T10:00:00.000Z';
const [EARLIER, LATER] = ['2026-03-01T09:59:59.999Z', '2026-03-01T10:00:00.001Z'];
const batch = batchOf({ files: 3 });
const opened = { batch, attempt: 2, execution: 'ours', executions: 2, lease: LATER, openedAt: OPENED };
const OTHER = 'cd'.repeat(16);
const sceneOf = (key: string): SceneRef => ({ bucket: 'inbox', key, versionId: 'v1' });

type Rows = Record<string, Partial<LedgerRow> | undefined>;

function rowOf(key: string, row: Partial<LedgerRow>): LedgerRow & { batch: string } {
  const times = { changed: LATER, claimedAt: OPENED };
  const state = { state: 'FAILED' as const, attempt: 1, attemptLimit: 3, execution: 'another', batch: batch.id };
  return { run: key, scene: sceneOf(key), model, ...times, ...state, ...row } as LedgerRow & { batch: string };
}

async function batchRows(rows: Rows, end: (row: LedgerRow) => Promise<boolean> = async () => true) {
  const scenes = Object.keys(rows).map(sceneOf);
  const looked: string[][] = [];
  const known = makeBatchRows(
    {
      rowsOf: async (asked) => {
        looked.push(asked.map(({ key }) => key));
        const found = asked.flatMap(({ key }) => (rows[key] === undefined ? [] : [rowOf(key, rows[key])]));
        return new Map(found.map((row) => [sceneId(row.scene), row]));
      },
      end: (row) => end(row),
    },
    opened,
    scenes,
  );
  await known.read();
  return { ...known, scenes, looked };
}

describe('for a file', () => {
  for (const [what, row, isOpen] of [
    ['without a run', undefined, true],
    ['whose run has failed in an earlier batch', { batch: OTHER, changed: EARLIER }, true],
    ['whose run has failed in another batch since this one was opened', { batch: OTHER, changed: LATER }, true],
    ['whose run has failed in this batch, before it was reopened', { changed: EARLIER }, true],
    ['whose run has failed in this batch, in an earlier attempt', { changed: LATER }, false],
    ['whose run has failed in this batch, at the moment it was opened', { changed: OPENED }, false],
    ['whose run this execution has ended', { changed: EARLIER, execution: 'ours' }, false],
    ['whose run has failed for good', { batch: OTHER, attempt: 3 }, false],
    ['whose run has an attempt left', { batch: OTHER, attempt: 2 }, true],
    ['whose run has failed in an execution of its own', { batch: undefined } as object, false],
    ['whose run is done by another batch', { batch: OTHER, state: 'DONE' }, false],
    ['whose run is in progress', { batch: undefined, state: 'CLAIMED' } as object, false],
  ] as [string, Partial<LedgerRow> | undefined, boolean][])
    test(`${what} the end is ${isOpen ? 'still to come' : 'there'}`, async () => {
      const { isOpen: is, scenes, rowOf: found } = await batchRows({ a: row });
      assert.equal(is(scenes[0]!), isOpen);
      assert.equal(found(scenes[0]!) === undefined, row === undefined);
    });
});

test('a batch counts the runs that its own rows say it has ended, and leaves out the others', async () => {
  const rows: Rows = {
    a: { state: 'DONE', digest: 'a' },
    b: { state: 'DONE', digest: 'b', batch: OTHER },
    c: { state: 'EMPTY', digest: 'c' },
    d: { state: 'DUPLICATE', digest: 'd' },
    e: { state: 'INVALID' },
    f: { state: 'FAILED' },
    g: { state: 'FAILED', batch: OTHER },
    h: undefined,
    i: { state: 'DONE' },
  };
  const { done, result } = await batchRows(rows);
  assert.deepEqual(done(), [{ run: 'a', digest: 'a' }]);
  const counts = { done: 2, empty: 1, duplicate: 1, invalid: 1, failed: 1, leftOut: 3, unsettled: 0 };
  assert.deepEqual(result(), { files: 9, ...counts });
});

describe('the ends of files', () => {
  const at = new Date(LATER);
  const time = async () => at;
  const endOf = (key: string): End => ({
    seen: undefined,
    row: (now) => rowOf(key, { state: 'DONE', digest: key, changed: now.toISOString() }),
  });
  const no = () => false;

  test('become the known rows; if one is refused, the stored row is read again', async () => {
    const rows: Rows = { a: undefined, b: undefined };
    const end = async ({ run }: LedgerRow) => {
      if (run === 'a') return true;
      rows['b'] = { state: 'CLAIMED', batch: undefined } as object;
      return false;
    };
    const found = await batchRows(rows, end);
    assert.deepEqual(await found.end([endOf('a'), endOf('b')], time, no), []);
    assert.deepEqual(found.done(), [{ run: 'a', digest: 'a' }]);
    assert.deepEqual(found.scenes.map(found.isOpen), [false, false]);
    assert.equal(found.rowOf(found.scenes[0]!)?.changed, LATER);
    assert.deepEqual(found.looked, [['a', 'b'], ['b']]);
  });

  test('that meet a tolerated error are reported, and the others are written', async () => {
    const trouble = new Error('slow down');
    const end = async ({ run }: LedgerRow) => {
      if (run === 'a') throw trouble;
      return true;
    };
    const found = await batchRows({ a: undefined, b: undefined }, end);
    assert.deepEqual(await found.end([endOf('a'), endOf('b')], time, () => true), [trouble]);
    assert.deepEqual(found.done(), [{ run: 'b', digest: 'b' }]);
    await assert.rejects(found.end([endOf('a')], time, no), trouble);
  });

  test('are written thirty-two at a time', async () => {
    let [underWay, most] = [0, 0];
    const end = async () => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      return true;
    };
    const keys = Array.from({ length: 100 }, (_, i) => String(i));
    const found = await batchRows(Object.fromEntries(keys.map((key) => [key, undefined])), end);
    await found.end(keys.map(endOf), time, no);
    assert.deepEqual([most, found.done().length], [32, 100]);
  });
});
