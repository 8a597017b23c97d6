import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Ledger } from '../core/ledger/contract.ts';
import type { LedgerRow } from '../core/ledger/ledgerRow.ts';
import { startTestService } from '../test/benches/service.ts';
import { everyRun, makeNewestRuns } from './newestRuns.ts';

const swath = await startTestService();
const { ledger } = swath.service;

describe('the newest runs', () => {
  test('are those of all states, in one order, and of each no more than the limit', async () => {
    const { read } = makeNewestRuns(ledger, 1);
    assert.deepEqual(await read(), { rows: [], cut: [] });
    await swath.claim('1');
    await swath.fail('2', 'FAILED');
    await swath.prepare('3');
    await swath.fail('4', 'FAILED');
    assert.deepEqual(await filesOf(read), ['4', '3', '1']);
    assert.deepEqual((await read()).cut, ['FAILED']);
    await swath.finish('5', [{ class: 0 }]);
    assert.deepEqual(await filesOf(read), ['5', '4', '3', '1']);
  });

  test('move with their state', async () => {
    const { read } = makeNewestRuns(ledger, 4);
    const row = (await read()).rows.find(({ state }) => state === 'PREPARED')!;
    swath.wait(1);
    await ledger.advance(row, 'PREDICTED', swath.service.now());
    assert.deepEqual(await filesOf(read), ['3', '5', '4', '2', '1']);
  });

  test('are read once, until something is new', async () => {
    let pages = 0;
    const counted: typeof ledger.byState = (state, options) => {
      if ((options?.limit ?? 0) > 100) pages += 1; // and not a look at the newest few
      return ledger.byState(state, options);
    };
    const { read, sign } = makeNewestRuns({ byState: counted });
    const first = await read();
    const before = await sign();
    const pagesRead = pages;
    assert.equal(await read(), first);
    assert.equal(await read({}), first);
    assert.equal(pages, pagesRead);
    assert.equal(await sign(), before);
    await swath.claim('6');
    assert.notEqual(await sign(), before);
    assert.equal((await read()).rows[0]?.scene.key, '6');
  });

  test('are whole where states have more than a page of them', async () => {
    const [row] = (await makeNewestRuns(ledger).read()).rows;
    const many = Array.from({ length: 1000 }, (_, i) => ({
      ...row!,
      run: String(i),
      state: i % 3 === 0 ? ('DONE' as const) : ('FAILED' as const),
      changed: new Date(1_000_000 - i).toISOString(),
    }));
    const { rows, cut } = await makeNewestRuns({ byState: pagesOf(many) }, 900).read();
    assert.deepEqual(
      rows.map(({ run }) => Number(run)),
      Array.from({ length: 1000 }, (_, i) => i),
    );
    assert.deepEqual(cut, []);
  });

  test('that are asked for are found behind many others', async () => {
    const [row] = (await makeNewestRuns(ledger).read()).rows;
    const many = Array.from({ length: 3000 }, (_, i) => ({
      ...row!,
      run: String(i),
      day: '2026-03-02',
      state: 'DONE' as const,
      changed: new Date(1_000_000_000 - i).toISOString(),
    }));
    const raster = {} as LedgerRow['raster'] & {};
    const [model, scene] = [
      { name: 'other', version: '2.0.0' },
      { ...row!.scene, key: 'rare.tif' },
    ];
    const rare = {
      ...many[0]!,
      run: 'rare',
      changed: new Date(0).toISOString(),
      day: '2026-03-01',
      scene,
      model,
      raster,
    };
    let pages = 0;
    const byState = pagesOf([...many, rare]);
    const { read } = makeNewestRuns({
      byState: (state, options) => {
        if ((options?.limit ?? 0) > 100) pages += 1;
        return byState(state, options);
      },
    });
    assert.deepEqual((await read()).cut, ['DONE']);
    for (const wanted of [
      { search: 'rare' },
      { of: 'other' },
      { of: 'other/2.0.0' },
      { from: '2026-02-01', to: '2026-03-01' },
      { isRaster: true as const },
    ]) {
      const { rows, cut } = await read(wanted);
      assert.deepEqual([rows.map(({ run }) => run), cut], [['rare'], []], JSON.stringify(wanted));
    }
    assert.equal(pages, 33, 'the newest once, and older ones once for all questions');
  });

  test('that could not be read are asked for again', async () => {
    let isDown = true;
    const { read } = makeNewestRuns({
      byState: (state, options) =>
        isDown && (options?.limit ?? 0) > 100 ? Promise.reject(new Error('down')) : ledger.byState(state, options),
    });
    await assert.rejects(read(), /down/);
    isDown = false;
    assert.ok((await read()).rows.length > 0);
  });
});

/** A ledger of rows that are in order, newest first, as it answers page by page. */
function pagesOf(rows: LedgerRow[]): Ledger['byState'] {
  return async (state, { limit = 1, cursor } = {}) => {
    const from = Number(cursor?.['from'] ?? 0);
    const all = rows.filter((row) => row.state === state);
    return {
      rows: all.slice(from, from + limit),
      cursor: from + limit < all.length ? { from: from + limit } : undefined,
    };
  };
}

async function filesOf(read: ReturnType<typeof makeNewestRuns>['read']): Promise<string[]> {
  return (await read()).rows.map(({ scene }) => scene.key);
}

test('a file of runs leaves none out, however many there are', async () => {
  const rows = Array.from({ length: 2500 }, (_, i) => ({ run: `${i}`, changed: '2026-03-01' }) as LedgerRow);
  const byState: Ledger['byState'] = async (state, { cursor, limit = 0 } = {}) => {
    const from = Number(cursor?.['from'] ?? 0);
    const to = from + limit;
    return { rows: state === 'DONE' ? rows.slice(from, to) : [], cursor: to < rows.length ? { from: to } : undefined };
  };
  assert.equal((await everyRun({ byState }).read()).rows.length, rows.length);
});
