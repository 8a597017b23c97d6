import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { makeNewestRuns } from './newestRuns.ts';
import { startTestService } from './testService.ts';

const swath = await startTestService();
const { ledger } = swath.service;

describe('the newest runs', () => {
  test('are those of all states, in one order, and no more than the limit', async () => {
    const { read } = makeNewestRuns(ledger, 4);
    assert.deepEqual(await read(), { rows: [], isMore: false });
    await swath.claim('1');
    await swath.fail('2', 'FAILED');
    await swath.prepare('3');
    await swath.fail('4', 'FAILED');
    assert.deepEqual(await filesOf(read), ['4', '3', '2', '1']);
    assert.equal((await read()).isMore, false);
    await swath.finish('5', [{ class: 0 }]);
    assert.deepEqual(await filesOf(read), ['5', '4', '3', '2']);
    assert.equal((await read()).isMore, true);
  });

  test('move with their state', async () => {
    const { read } = makeNewestRuns(ledger, 4);
    const row = (await read()).rows.find(({ state }) => state === 'PREPARED')!;
    swath.wait(1);
    await ledger.advance(row, 'PREDICTED', swath.service.now());
    assert.deepEqual(await filesOf(read), ['3', '5', '4', '2']);
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
    assert.equal(pages, pagesRead);
    assert.equal(await sign(), before);
    await swath.claim('6');
    assert.notEqual(await sign(), before);
    assert.equal((await read()).rows[0]?.scene.key, '6');
  });

  test('are whole where a state has more than a page of them', async () => {
    const files = Array.from({ length: 260 }, (_, i) => `of many ${i}`);
    for (const file of files) await swath.claim(file);
    const { rows } = await makeNewestRuns(ledger).read();
    assert.deepEqual(rows.map(({ scene }) => scene.key).slice(0, files.length), files.toReversed());
    assert.equal(new Set(rows.map(({ run }) => run)).size, rows.length);
    assert.equal(rows.length, files.length + 6);
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

async function filesOf(read: ReturnType<typeof makeNewestRuns>['read']): Promise<string[]> {
  return (await read()).rows.map(({ scene }) => scene.key);
}
