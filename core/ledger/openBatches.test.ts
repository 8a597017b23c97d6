import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { batchOf } from '../../test/benches/ledgerRows.ts';
import { startTestTables } from '../../test/benches/tables.ts';
import { through } from '../../test/benches/through.ts';
import { ClaimLost } from '../base/errors.ts';
import type { BatchRef } from '../base/messages.ts';
import { makeLedger } from './ledger.ts';
import type { OpenBatch } from './openBatches.ts';

/** Who holds a batch of bulk files, on real tables, with a clock of the test's own. */

const tables = await startTestTables();
const batches = makeLedger(tables, LEDGER_TABLE);

describe('a batch', () => {
  test('is held from its opening on, for the requested time', async () => {
    const batch = newBatch();
    const opened = await batches.openBatch(batch, 'first', () => at('10:00:00.000'), 300);
    assert.deepEqual(opened, {
      batch,
      execution: 'first',
      attempt: 1,
      executions: 1,
      lease: at('10:05:00.000').toISOString(),
      openedAt: at('10:00:00.000').toISOString(),
      hasJob: false,
    });
    assert.deepEqual(await batches.isOpen(batch.id), true);
  });

  test('can be reopened by its holder as the next attempt, and the former attempt loses it', async () => {
    const batch = newBatch();
    const before = (await batches.openBatch(batch, 'first', () => at('10:00:00.000'), 300))!;
    const again = (await batches.openBatch(batch, 'first', () => at('10:00:01.000'), 300))!;
    assert.deepEqual([again.attempt, again.executions, again.openedAt], [2, 1, before.openedAt]);
    await lost(before);
    await batches.renewBatch(again, at('10:00:02.000'), 300);
  });

  test('that is announced is open for its execution, and for another one after the lease', async () => {
    const batch = newBatch();
    await batches.announceBatch(batch, 'first', at('10:00:00.000'), 300);
    assert.deepEqual(await batches.isOpen(batch.id), true);
    assert.equal(await batches.openBatch(batch, 'second', () => at('10:05:00.000'), 300), undefined);
    const opened = (await batches.openBatch(batch, 'first', () => at('10:00:01.000'), 300))!;
    assert.deepEqual([opened.attempt, opened.executions], [1, 1]);
    await batches.announceBatch(batch, 'third', at('12:00:00.000'), 300);
    assert.deepEqual(await batches.findBatch(batch.id), opened, 'one that is open stays as it is');
    const lost = newBatch();
    await batches.announceBatch(lost, 'first', at('10:00:00.000'), 300);
    const second = await batches.openBatch(lost, 'second', () => at('10:05:00.001'), 300);
    assert.deepEqual([second?.attempt, second?.executions], [1, 1], 'nobody had begun');
  });

  for (const [when, isTaken] of [
    ['10:05:00.000', false],
    ['10:05:00.001', true],
  ] as const)
    test(`can ${isTaken ? '' : 'not '}be opened by another execution at ${when}, with a lease until 10:05:00.000`, async () => {
      const batch = newBatch();
      const before = (await batches.openBatch(batch, 'first', () => at('10:00:00.000'), 300))!;
      const second = await batches.openBatch(batch, 'second', () => at(when), 300);
      assert.deepEqual([second?.attempt, second?.executions], isTaken ? [2, 2] : [undefined, undefined]);
      if (isTaken) await lost(before);
    });

  for (const [when, isTaken] of [
    ['10:00:01.000', false],
    ['10:05:00.001', true],
  ] as const)
    test(`that waits for its job can ${isTaken ? '' : 'not '}be opened by another execution at ${when}, for a shorter time, with a lease until 10:05:00.000`, async () => {
      const batch = newBatch();
      await batches.openBatch(batch, 'first', () => at('10:00:00.000'), 300, true);
      const second = await batches.openBatch(batch, 'second', () => at(when), 60);
      assert.deepEqual(second && [second.attempt, second.hasJob], isTaken ? [2, false] : undefined);
    });

  test('waits for its job while its execution opens it again, until that says otherwise', async () => {
    const batch = newBatch();
    const opened = (hasJob?: boolean) => batches.openBatch(batch, 'first', () => at('10:00:00.000'), 300, hasJob);
    const had: unknown[] = [];
    for (const hasJob of [true, undefined, false, undefined]) had.push((await opened(hasJob))?.hasJob);
    assert.deepEqual(had, [true, true, false, false]);
  });

  test('is not taken over by a worker that slept during its read and sees a lease in the future', async () => {
    const batch = newBatch();
    let time = at('10:00:00.000');
    const slow = through(tables, async ({ command, answer }) => {
      if (command !== 'Get') return answer();
      await batches.openBatch(batch, 'first', () => at('13:00:00.000'), 300);
      time = at('13:00:01.000');
      return answer();
    });
    assert.equal(await makeLedger(slow, LEDGER_TABLE).openBatch(batch, 'late', () => time, 300), undefined);
    assert.equal((await batches.findBatch(batch.id))?.execution, 'first');
  });

  test('is lost for a holder with another attempt, execution or opening time', async () => {
    const opened = (await batches.openBatch(newBatch(), 'first', () => at('10:00:00.000'), 300))!;
    await lost({ ...opened, attempt: 2 });
    await lost({ ...opened, execution: 'second' });
    await lost({ ...opened, openedAt: at('10:00:00.001').toISOString() });
    await batches.closeBatch(opened);
    assert.equal(await batches.isOpen(opened.batch.id), false);
  });

  test('that is released has an expired lease at once', async () => {
    const opened = (await batches.openBatch(newBatch(), 'first', () => at('10:00:00.000'), 300))!;
    await batches.releaseBatch(opened, at('10:00:01.000'));
    const released = (await batches.openBatches()).find(({ batch }) => batch.id === opened.batch.id);
    assert.equal(released?.lease, at('10:00:00.000').toISOString());
  });
});

describe('a client whose first request was done, and its answer lost,', () => {
  /** The client sends such a request again. */
  const repeating = makeLedger(
    through(tables, async ({ command, answer }) => {
      if (command !== 'Get') await answer();
      return answer();
    }),
    LEDGER_TABLE,
  );

  test('holds the batch that it has opened, new, announced or held before, and another execution does not', async () => {
    const [fresh, announced] = [newBatch(), newBatch()];
    await batches.announceBatch(announced, 'first', at('10:00:00.000'), 300);
    for (const batch of [fresh, announced, announced]) {
      const opened = await repeating.openBatch(batch, 'first', () => at('10:00:01.000'), 300);
      assert.deepEqual(opened, await batches.findBatch(batch.id));
      assert.equal(opened?.execution, 'first');
      assert.equal(await repeating.openBatch(batch, 'second', () => at('10:00:02.000'), 300), undefined);
    }
  });

  test('has released, lost or closed the batch', async () => {
    const opened = (await batches.openBatch(newBatch(), 'first', () => at('10:00:00.000'), 300))!;
    await repeating.releaseBatch(opened, at('10:00:01.000'));
    await repeating.loseBatch(opened, at('10:00:01.000'));
    assert.equal((await batches.findBatch(opened.batch.id))?.execution, 'lost');
    const next = (await batches.openBatch(opened.batch, 'next', () => at('10:00:01.000'), 300))!;
    await assert.rejects(batches.loseBatch(opened, at('10:00:02.000')), ClaimLost);
    await repeating.closeBatch(next);
    assert.equal(await batches.isOpen(opened.batch.id), false);
  });
});

describe('if two open a batch at the same time, only one gets it', () => {
  const NEW = at('11:00:00.000');
  test('when it is new', async () => {
    const batch = newBatch();
    assert.equal(await slowly(batch, () => batches.openBatch(batch, 'quicker', () => NEW, 300)), undefined);
  });

  for (const [what, meanwhile] of [
    [
      'its holder has begun another attempt, with a lease of the same time',
      (held: OpenBatch) => batches.openBatch(held.batch, 'first', () => at('10:00:00.000'), 300),
    ],
    ['its holder has renewed it', (held: OpenBatch) => batches.renewBatch(held, NEW, 300)],
    [
      'it was closed, and another execution has opened it with the same lease',
      async (held: OpenBatch) => {
        await batches.closeBatch(held);
        await batches.openBatch(held.batch, 'another', () => at('10:00:00.000'), 300);
      },
    ],
    ['a third one has taken it over', (held: OpenBatch) => batches.openBatch(held.batch, 'third', () => NEW, 300)],
  ] as const)
    test(`when a lease is over: ${what}`, async () => {
      const held = (await batches.openBatch(newBatch(), 'first', () => at('10:00:00.000'), 300))!;
      assert.equal(await slowly(held.batch, () => meanwhile(held)), undefined);
    });

  /** Somebody opens it, and between the look and the write something happens. */
  function slowly(batch: BatchRef, meanwhile: () => Promise<unknown>) {
    let isFirst = true;
    const slow = through(tables, async ({ command, answer }) => {
      const answered = await answer();
      if (command === 'Get' && isFirst) {
        isFirst = false;
        await meanwhile();
      }
      return answered;
    });
    return makeLedger(slow, LEDGER_TABLE).openBatch(batch, 'slow', () => NEW, 300);
  }
});

async function lost(holder: OpenBatch): Promise<void> {
  const is = { name: 'ClaimLost', message: new RegExp(`^Attempt ${holder.attempt} no longer holds the batch`) };
  await assert.rejects(batches.renewBatch(holder, at('10:00:02.000'), 300), is);
  await assert.rejects(batches.releaseBatch(holder, at('10:00:02.000')), is);
  await assert.rejects(batches.closeBatch(holder), ClaimLost);
}

const newBatch = () => batchOf({ id: crypto.randomUUID().replaceAll('-', '') });

function at(time: string): Date {
  return new Date(`2026-03-01T${time}Z`);
}
