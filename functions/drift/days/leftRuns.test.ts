import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finish, leave, ledger, listed, metrics, newYear, ref, runsOf } from '../../../test/benches/year.ts';

/** What becomes of a closed day's numbers when a run leaves them, as its file has grown. */

async function numbersOf(day: string) {
  const row = await metrics.latestDay(ref, day);
  return [row?.revision, row?.runs, row?.judgement['counts']];
}

test('a day that was judged has a new revision without the run that has left', async () => {
  const { yesterday, judgeDue, now } = await newYear();
  await finish(yesterday, [60, 15, 15, 10]);
  const left = await finish(yesterday, [0, 0, 0, 7]);
  await judgeDue();
  await leave(left, now());
  await judgeDue();
  assert.deepEqual(await numbersOf(yesterday), [2, 1, [60, 15, 15, 10]]);
  assert.deepEqual(await judgeDue(), [], 'and no other one');
});

test('so has a day of which no run is left', async () => {
  const { yesterday, judgeDue, now } = await newYear();
  const left = await finish(yesterday, [60, 15, 15, 10]);
  await judgeDue();
  await leave(left, now());
  await judgeDue();
  assert.deepEqual(await numbersOf(yesterday), [2, 0, [0, 0, 0, 0]]);
  assert.equal((await metrics.latestDay(ref, yesterday))?.judgement.drift, null);
});

test('a run that has left before its day was judged never counts', async () => {
  const { yesterday, judgeDue, now } = await newYear();
  await finish(yesterday, [60, 15, 15, 10]);
  await leave(await finish(yesterday, [0, 0, 0, 7]), now());
  await judgeDue();
  assert.deepEqual(await numbersOf(yesterday), [1, 1, [60, 15, 15, 10]]);
});

test('an index that still shows it does not bring it back', async () => {
  const { yesterday, judgeDue, now } = await newYear();
  await finish(yesterday, [60, 15, 15, 10]);
  const left = await finish(yesterday, [0, 0, 0, 7]);
  await judgeDue();
  const outdated = await runsOf(yesterday);
  await leave(left, now());
  await judgeDue({ ledger: { ...ledger, ofDay: () => listed(outdated) } });
  assert.deepEqual((await numbersOf(yesterday))[2], [60, 15, 15, 10]);
});

test('an index that hides a run takes none out of a day that none has left', async () => {
  const { yesterday, judgeDue } = await newYear();
  for (const count of [1, 2]) await finish(yesterday, [count, 0, 0, 0]);
  await judgeDue();
  const [first] = await runsOf(yesterday);
  await judgeDue({ ledger: { ...ledger, ofDay: () => listed([first!]) } });
  assert.deepEqual((await numbersOf(yesterday)).slice(0, 2), [1, 2]);
});

test('a count that was slept over does not bring it back', async () => {
  const { yesterday, judgeDue, now } = await newYear();
  await finish(yesterday, [60, 15, 15, 10]);
  const left = await finish(yesterday, [0, 0, 0, 7]);
  const [asleep, woken] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const latestDay: typeof metrics.latestDay = async (...of) => {
    asleep.resolve(); // it has counted
    await woken.promise;
    return metrics.latestDay(...of);
  };
  const late = judgeDue({ metrics: { ...metrics, latestDay } });
  await asleep.promise;
  await leave(left, now());
  await judgeDue({ now: () => new Date(now().getTime() + 1000) });
  woken.resolve();
  assert.deepEqual(await late, []);
  assert.deepEqual(await numbersOf(yesterday), [1, 1, [60, 15, 15, 10]]);
});
