import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ledger, listed, metrics, newRun, newYear, ref, runsOf } from '../../../test/benches/year.ts';

describe('a run that lands late', () => {
  test('makes a new revision of its day at once', async () => {
    const { yesterday, finish, judgeDue, land } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await judgeDue();
    await land(yesterday, [0, 0, 0, 1000]);
    const row = await metrics.latestDay(ref, yesterday);
    assert.deepEqual([row?.revision, row?.runs, row?.judgement['counts']], [2, 2, [60, 15, 15, 1010]]);
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
    assert.deepEqual((await metrics.latestDay(ref, yesterday))?.judgement['counts'], [60, 15, 15, 17]);
    await land(yesterday, [0, 0, 0, 5]);
    assert.deepEqual((await metrics.latestDay(ref, yesterday))?.judgement['counts'], [60, 15, 15, 22]);
  });

  test('beside another one: the latest revision has both', async () => {
    const { yesterday, finish, judgeDue, land } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await judgeDue();
    await Promise.all([1, 2, 3].map((count) => land(yesterday, [count, 0, 0, 0])));
    const row = await metrics.latestDay(ref, yesterday);
    assert.deepEqual([row?.runs, row?.judgement['counts']], [4, [66, 15, 15, 10]]);
  });

  test('adds to the sums of the latest revision, and reads no run that those know already', async () => {
    const { yesterday, finish, judgeDue, land } = await newYear();
    for (let i = 0; i < 30; i++) await finish(yesterday, [1, 1, 0, 0], { missing: 1, chips: 10, blank: 2 });
    await judgeDue();
    const read: string[] = [];
    const ofDay: typeof ledger.ofDay = async function* (day, asked) {
      for await (const run of ledger.ofDay(day, asked)) {
        if (asked?.newestFirst !== true) read.push(run.run); // else it is for the window `recent`
        yield run;
      }
    };
    for (const runs of [31, 32, 33]) {
      read.splice(0);
      await land(yesterday, [0, 0, 0, 7], { ledger: { ...ledger, ofDay } });
      assert.ok(read.length <= 1, `${read.length} runs were read`);
      const row = await metrics.latestDay(ref, yesterday);
      const late = runs - 30;
      assert.deepEqual([row?.runs, row?.judgement['counts']], [runs, [30, 30, 0, 7 * late]]);
      const { chips, blank, missing, probabilitySum } = row!.judgement;
      assert.deepEqual([chips, blank, missing, probabilitySum], [300 + 500 * late, 60, 30, 7500 + late]);
    }
    assert.deepEqual(await judgeDue(), [], 'a full count comes to the same');
  });

  test('gets the same sums as a full count if they depend on the order', async () => {
    const { yesterday, judgeDue, land } = await newYear();
    const sums = [0.1, 0.2, 0.3, 1e15, -1e15, 0.7];
    await judgeDue();
    for (const [i, sum] of sums.entries()) {
      await land(yesterday, [1, 0, 0, 0], {}, sum);
      if (i === 0) await judgeDue();
    }
    const row = await metrics.latestDay(ref, yesterday);
    assert.equal(
      row?.judgement['probabilitySum'],
      sums.reduce((total, sum) => total + sum, 0),
    );
    assert.deepEqual([row?.runs, await judgeDue()], [6, []]);
  });

  test('of one model version adds nothing of another one', async () => {
    const { yesterday, finish, judgeDue, land, now } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await finish(yesterday, [9, 0, 0, 0], { version: '2.0.0' });
    await judgeDue();
    await finish(yesterday, [8, 0, 0, 0], { version: '2.0.0', endedAt: now() });
    await land(yesterday, [0, 0, 0, 7], {});
    const other = { ...ref, version: '2.0.0' };
    assert.deepEqual((await metrics.latestDay(ref, yesterday))?.judgement['counts'], [60, 15, 15, 17]);
    assert.deepEqual((await metrics.latestDay(other, yesterday))?.judgement['counts'], [9, 0, 0, 0]);
    assert.equal((await judgeDue()).length, 1, 'the next daily verdict adds it');
    assert.deepEqual((await metrics.latestDay(other, yesterday))?.judgement['counts'], [17, 0, 0, 0]);
  });

  test('behind a crowd that no revision has yet leaves the numbers to the next daily verdict', async () => {
    const { yesterday, finish, judgeDue, land } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await judgeDue({ now: () => new Date(`${yesterday}T10:00:01.500Z`) });
    await Promise.all(Array.from({ length: 101 }, () => finish(yesterday, [1, 0, 0, 0], { at: '10:00:02' })));
    let read = 0;
    const ofDay: typeof ledger.ofDay = async function* (day, asked) {
      for await (const run of ledger.ofDay(day, asked)) {
        if (asked?.newestFirst !== true) read += 1;
        yield run;
      }
    };
    await land(yesterday, [1, 0, 0, 0], { ledger: { ...ledger, ofDay } });
    assert.deepEqual([read, (await metrics.latestDay(ref, yesterday))?.runs], [101, 1]);
    await judgeDue();
    assert.equal((await metrics.latestDay(ref, yesterday))?.runs, 103);
  });

  test('asks for no run by its key whose end the index shows', async () => {
    const { yesterday, finish, judgeDue, land, now } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await judgeDue();
    for (let i = 0; i < 5; i++) await finish(yesterday, [1, 0, 0, 0], { endedAt: now() });
    const get: typeof ledger.get = () => assert.fail('it was asked for');
    await land(yesterday, [1, 0, 0, 0], { ledger: { ...ledger, get } });
    assert.equal((await metrics.latestDay(ref, yesterday))?.runs, 7);
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
      assert.equal(asked?.newestFirst, true, 'the day is not counted');
      return ledger.ofDay(day, asked);
    };
    await land(yesterday, [1, 0, 0, 0], { ledger: { ...ledger, marksSince, ofDay } });
    assert.deepEqual([read, (await metrics.latestDay(ref, yesterday))?.runs], [101, 1]);
    await judgeDue();
    assert.equal((await metrics.latestDay(ref, yesterday))?.runs, 2);
  });

  for (const [others, runs] of [
    [99, 2],
    [100, 1],
  ] as const)
    test(`beside ${others} marks of others ${runs === 2 ? 'makes a revision' : 'leaves it to the schedule'}`, async () => {
      const { year, yesterday, finish, judgeDue, land } = await newYear();
      await finish(yesterday, [60, 15, 15, 10]);
      await judgeDue();
      const at = `${year}-06-02T00:14:59.000Z`;
      for (let i = 0; i < others; i++) await ledger.markDue({ day: yesterday, mark: `other${i}-1`, at });
      await land(yesterday, [1, 0, 0, 0]);
      assert.equal((await metrics.latestDay(ref, yesterday))?.runs, runs);
    });

  test('beside a batch leaves the numbers to the schedule', async () => {
    const { year, yesterday, finish, judgeDue, land } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await judgeDue();
    const lines = { manifest: 'manifests/a.jsonl', offset: 0, length: 9, files: 1 };
    const batch = { id: 'ab'.repeat(16), ...lines, day: yesterday, model: ref };
    await ledger.markDue({ day: yesterday, mark: 'batch-1', at: `${year}-06-02T00:14:59.000Z`, batch });
    await land(yesterday, [1, 0, 0, 0]);
    assert.equal((await metrics.latestDay(ref, yesterday))?.runs, 1);
  });

  test('looks for a hundred and one others, so that it knows whether they are a crowd', async () => {
    const { yesterday, finish, judgeDue, land } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await judgeDue();
    const sizes: (number | undefined)[] = [];
    const ofDay: typeof ledger.ofDay = (day, asked) => {
      if (asked?.newestFirst !== true) sizes.push(asked?.pageSize);
      return ledger.ofDay(day, asked);
    };
    await land(yesterday, [1, 0, 0, 0], { ledger: { ...ledger, ofDay } });
    assert.deepEqual(sizes, [101]);
  });

  test('counts another one that has just landed, by its mark, where no index shows it', async () => {
    const { yesterday, finish, judgeDue, land, now } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await judgeDue();
    const outdated = await runsOf(yesterday);
    await finish(yesterday, [0, 5, 0, 0], { endedAt: now() });
    await land(yesterday, [0, 0, 7, 0], { ledger: { ...ledger, ofDay: () => listed(outdated) } });
    const row = await metrics.latestDay(ref, yesterday);
    assert.deepEqual([row?.runs, row?.judgement['counts']], [3, [60, 20, 22, 10]]);
    assert.deepEqual(await judgeDue(), [], 'a full count comes to the same');
  });

  test('counts none twice that ended just at the cut-off of the latest revision', async () => {
    const { year, yesterday, finish, judgeDue, land } = await newYear();
    const at = new Date(`${year}-06-02T00:14:30.000Z`);
    await finish(yesterday, [60, 15, 15, 10], { endedAt: at });
    await judgeDue({ now: () => at });
    assert.deepEqual((await metrics.latestDay(ref, yesterday))?.cutOff, at.toISOString());
    await land(yesterday, [0, 0, 7, 0]);
    assert.equal((await metrics.latestDay(ref, yesterday))?.runs, 2);
  });

  test('waits for one that is about to come to its end before it', async () => {
    const { year, yesterday, finish, judgeDue, land } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await judgeDue();
    const landing = await newRun(yesterday, ref.version);
    const at = `${year}-06-02T00:14:59.000Z`;
    await ledger.markDue({
      day: yesterday,
      mark: `${landing.id}-1`,
      at,
      landing: { scene: landing.scene, model: ref },
    });
    await land(yesterday, [0, 0, 7, 0]);
    assert.equal((await metrics.latestDay(ref, yesterday))?.runs, 1);
  });

  test('counts at the moment of its end', async () => {
    const { year, yesterday, finish, judgeDue, land } = await newYear();
    await finish(yesterday, [60, 15, 15, 10]);
    await judgeDue();
    const at = new Date(`${year}-06-02T00:20:00.000Z`);
    await land(yesterday, [0, 0, 7, 0], { now: () => at });
    const row = await metrics.latestDay(ref, yesterday);
    assert.deepEqual([row?.runs, row?.cutOff], [2, at.toISOString()]);
  });

  test('reads the marks of no other day, and of its own day only the fresh ones', async () => {
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
    const outdated = { runs: await runsOf(yesterday), day: await metrics.latestDay(ref, yesterday) };
    await finish(yesterday, [1, 0, 0, 0]);
    await finish(yesterday, [2, 0, 0, 0]);
    await judgeDue();
    let looks = 0;
    const latestDay: typeof metrics.latestDay = async (...of) =>
      ++looks === 1 ? outdated.day : await metrics.latestDay(...of);
    const ofDay = () => listed(outdated.runs);
    await land(yesterday, [4, 0, 0, 0], { ledger: { ...ledger, ofDay }, metrics: { ...metrics, latestDay } });
    assert.deepEqual(
      (await metrics.latestDay(ref, yesterday))?.judgement['counts'],
      [67, 15, 15, 10],
      'it adds to that',
    );
    assert.deepEqual(await judgeDue(), [], 'and so does a full count');
  });
});
