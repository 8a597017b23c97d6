import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { batchOf } from '../../test/benches/ledgerRows.ts';
import { dueByBatch, type Mark, makeEnding } from './dueDays.ts';

/** When a file of a batch comes to its end, on a clock of the test's own. */

const batch = batchOf({ files: 3 });

function endingAt(...times: string[]) {
  const marks: Mark[] = [];
  const now = () => new Date(times.length > 1 ? times.shift()! : times[0]!);
  const time = makeEnding(
    { ledger: { markDue: async (mark) => void marks.push(mark) }, now },
    dueByBatch({ batch, attempt: 2, execution: 'e', executions: 1, lease: '', openedAt: '' }),
  );
  return { time, marks };
}

describe('the end of a file', () => {
  test('is the current time, as long as its day is not about to close', async () => {
    const { time, marks } = endingAt('2026-03-01T23:58:59.999Z');
    assert.deepEqual([(await time()).toISOString(), marks], ['2026-03-01T23:58:59.999Z', []]);
  });

  test('follows a mark of its day in the last minute of the day, one mark for the whole batch', async () => {
    const { time, marks } = endingAt('2026-03-01T23:59:00.000Z', '2026-03-02T00:00:00.001Z');
    assert.equal((await time()).toISOString(), '2026-03-02T00:00:00.001Z');
    await time();
    const mark = { day: '2026-03-01', mark: `${batch.id}-2`, at: '2026-03-01T23:59:00.000Z', batch };
    assert.deepEqual(marks, [mark]);
  });

  test('gets its mark before the batch closes, if its day has closed by then', async () => {
    const { time, marks } = endingAt('2026-03-01T23:00:00.000Z', '2026-03-02T00:10:00.000Z');
    await time();
    assert.deepEqual(marks, []);
    await time();
    assert.equal(marks.length, 1);
  });
});
