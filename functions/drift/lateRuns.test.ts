import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ledger, listed, metrics, newYear, ref, runsOf } from './testYear.ts';

describe('a run that lands late', () => {
  test('makes a new revision of its day at once', async () => {
    const { yesterday, finish, judgeDue, land } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await judgeDue();
    await land(yesterday, [0, 0, 0, 1000]);
    const row = await metrics.latestDay(ref, yesterday);
    assert.deepEqual([row?.revision, row?.runs, row?.judgement.counts], [2, 2, [60, 15, 15, 1010]]);
    assert.deepEqual(await judgeDue(), [], 'which the next daily verdict agrees with');
  });

  test('is left to the schedule where its day was not judged yet', async () => {
    const { yesterday, land } = await newYear();
    await land(yesterday, [60, 15, 15, 10]);
    assert.equal(await metrics.latestDay(ref, yesterday), undefined);
  });

  test('and one that lands on its own day, as nearly all do, costs no look at the table', async () => {
    const { today, land } = await newYear();
    const latestDay = () => assert.fail('it was looked at');
    await land(today, [60, 15, 15, 10], { metrics: { ...metrics, latestDay } });
  });

  test('counts once, whether the index shows it already or not yet', async () => {
    const { yesterday, finish, judgeDue, land } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await judgeDue();
    const outdated = await runsOf(yesterday);
    await land(yesterday, [0, 0, 0, 7], { ledger: { ...ledger, ofDay: () => listed(outdated) } });
    assert.deepEqual((await metrics.latestDay(ref, yesterday))?.judgement.counts, [60, 15, 15, 17]);
    await land(yesterday, [0, 0, 0, 5]);
    assert.deepEqual((await metrics.latestDay(ref, yesterday))?.judgement.counts, [60, 15, 15, 22]);
  });

  test('beside another one: the latest revision has both', async () => {
    const { yesterday, finish, judgeDue, land } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await judgeDue();
    await Promise.all([1, 2, 3].map((count) => land(yesterday, [count, 0, 0, 0])));
    const row = await metrics.latestDay(ref, yesterday);
    assert.deepEqual([row?.runs, row?.judgement.counts], [4, [66, 15, 15, 10]]);
  });

  test('in a crowd on a large day leaves the numbers to the next daily verdict', async () => {
    const { yesterday, finish, judgeDue, land } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await judgeDue();
    const latestDay: typeof metrics.latestDay = async (...of) => ({ ...(await metrics.latestDay(...of))!, runs: 1000 });
    await land(yesterday, [1, 0, 0, 0], { metrics: { ...metrics, latestDay } });
    assert.equal((await metrics.latestDay(ref, yesterday))?.runs, 1);
    await judgeDue();
    assert.equal((await metrics.latestDay(ref, yesterday))?.runs, 2);
  });

  test('in a crowd asks for a hundred of its marks at most, and leaves the numbers to the next daily verdict', async () => {
    const { year, yesterday, finish, judgeDue, land } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await judgeDue();
    const at = `${year}-06-02T00:14:59.000Z`;
    const others = Array.from({ length: 150 }, (_, i) => ledger.markDue({ day: yesterday, mark: `other${i}-1`, at }));
    await Promise.all(others);
    let read = 0;
    const marksSince: typeof ledger.marksSince = async (...asked) => {
      const marks = await ledger.marksSince(...asked);
      read += marks.length;
      return marks;
    };
    const ofDay: typeof ledger.ofDay = (day, asked) => {
      assert.equal(asked?.cutOff, undefined, 'the day is not counted');
      return ledger.ofDay(day, asked);
    };
    await land(yesterday, [1, 0, 0, 0], { ledger: { ...ledger, marksSince, ofDay } });
    assert.deepEqual([read, (await metrics.latestDay(ref, yesterday))?.runs], [101, 1]);
    await judgeDue();
    assert.equal((await metrics.latestDay(ref, yesterday))?.runs, 2);
  });

  test('reads the marks of no other day, and of its own only the fresh ones', async () => {
    const { year, yesterday, finish, judgeDue, land } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await judgeDue();
    const fresh = `${year}-06-02T00:14:59.000Z`;
    await ledger.markDue({ day: `${year}-05-31`, mark: 'other-1', at: fresh });
    await ledger.markDue({ day: yesterday, mark: 'old-1', at: `${yesterday}T10:00:00.000Z` });
    const read: string[] = [];
    const marksSince: typeof ledger.marksSince = async (...asked) => {
      const marks = await ledger.marksSince(...asked);
      read.push(...marks.map(({ mark }) => mark.slice(32)));
      return marks;
    };
    await land(yesterday, [1, 0, 0, 0], { ledger: { ...ledger, marksSince } });
    assert.deepEqual(read, ['-1'], 'its own');
    assert.equal((await metrics.latestDay(ref, yesterday))?.runs, 2);
  });

  test('does not undo a revision that knew of more runs', async () => {
    const { yesterday, finish, judgeDue, land } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await judgeDue();
    const outdated = await runsOf(yesterday);
    await finish(yesterday, [1, 0, 0, 0]);
    await finish(yesterday, [2, 0, 0, 0]);
    await judgeDue();
    await land(yesterday, [4, 0, 0, 0], { ledger: { ...ledger, ofDay: () => listed(outdated) } });
    assert.deepEqual((await metrics.latestDay(ref, yesterday))?.judgement.counts, [63, 15, 15, 10]);
    assert.equal((await judgeDue()).length, 1, 'the next daily verdict adds it');
    assert.deepEqual((await metrics.latestDay(ref, yesterday))?.judgement.counts, [67, 15, 15, 10]);
  });
});
