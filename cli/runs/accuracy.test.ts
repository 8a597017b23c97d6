import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { driftOf } from '../../console/answers/drift.ts';
import { judgeDrift } from '../../core/drift/window.ts';
import type { Summed } from '../../core/package/task.ts';
import type { LiveModel } from '../../core/releases/serving.ts';
import { withTruths } from '../../core/tasks/sums.ts';
import { MODEL, startTestService } from '../../test/benches/service.ts';
import { accuracyJson, accuracyText, driftOfModel, periodSince } from './accuracy.ts';

const { service } = await startTestService();
const expecting = { ...(await service.models.load(MODEL)), expectedAccuracy: 0.8 };
const models = { ...service.models, load: async () => expecting };
const PERIOD = { from: '2026-03-01', to: '2026-03-31' };
const told = async () => driftOf({ ...service, models }, PERIOD);

/** A day with a hundred chips of two classes whose truth is known, so many of them right. */
async function judged(day: string, right: number | null, revision = 1): Promise<void> {
  const chips = Array.from({ length: 100 }, (_, i) => ({ truth: i % 2, value: i < (right ?? 0) ? i % 2 : 3 }));
  const none: Summed = { counts: [600, 150, 150, 100], missing: 0, probabilitySum: 700 };
  const sum = right === null ? none : withTruths(none, chips, expecting.task.countTruths(expecting));
  const judgement = judgeDrift({ sceneSquares: 1e6, chips: 1000, blank: 0, ...sum }, expecting, {
    threshold: 0.25,
    minimum: 1,
  });
  await service.metrics.putDay(MODEL, { day, revision, runs: 1, cutOff: `${day}T23:59:00.000Z`, judgement });
}

describe('swath accuracy', () => {
  test('says if no day was judged, or if no truth is known for the judged days', async () => {
    assert.match(accuracyText(await told()), /^No day since then has been judged\./);
    await judged('2026-03-10', null);
    assert.match(
      accuracyText(await told()),
      /^None of the 1 judged days has ground truth\. To add it: npx swath truth FILE\.csv$/,
    );
    assert.deepEqual(accuracyJson(await told()), { days: [], together: null, judged: 1 });
  });

  test('shows each day with its interval and the expected accuracy, the newest first, and the total', async () => {
    await judged('2026-03-11', 90);
    await judged('2026-03-12', 100);
    await judged('2026-03-12', 50, 2);
    const lines = accuracyText(await told())
      .replaceAll('\u00a0', ' ')
      .split('\n');
    assert.match(lines[0]!, /^day +version +accuracy +95 % interval +expected +known$/);
    assert.match(lines[1]!, /^2026-03-12 +1\.0\.0 +50 % +40 % to 60 % +80 % +100 +below the expected$/);
    assert.match(lines[2]!, /^2026-03-11 +1\.0\.0 +90 % +83 % to 94 % +80 % +100$/);
    const text = lines.join('\n');
    assert.match(text, /\n1\.0\.0, these 2 days together\n70 % of 200 predictions with a known truth were right/);
    assert.match(text, /\ntrue class, taken for +cows-0 +cows-1 +cows-3plus\ncows-0 +70 +0 +30\n/);
    assert.match(text, /\nclass +recall +precision +true +predicted\ncows-0 +70 % +100 % +100 +70\n/);
  });

  test('has all of it for scripts', async () => {
    const { days, together, judged: count } = accuracyJson(await told());
    assert.equal(count, 3);
    assert.partialDeepStrictEqual(days, [
      { day: '2026-03-11', known: 100, accuracy: 0.9, expected: 0.8, isBelowExpected: false },
      { day: '2026-03-12', revision: 2, known: 100, accuracy: 0.5, expected: 0.8, isBelowExpected: true },
    ]);
    assert.partialDeepStrictEqual(together, { days: 2, known: 200, accuracy: 0.7 });
    assert.equal(together?.confusion?.length, 4);
  });

  test('shows the days of the model that is named, says which live ones are left out, and refuses one that is not published', async () => {
    const live = [MODEL.name, 'other'].map((name) => ({ model: { name, version: '1.0.0' } }) as LiveModel);
    const listVersions = async (name?: string) => (name === 'nobody' ? [] : ['1.0.0']);
    const serving = async () => ({ live, waiting: [] });
    const now = () => new Date('2026-03-21T10:00:00Z');
    const both = { ...service, now, listVersions, models: { ...models, serving } };
    const own = await driftOfModel(both, '20d');
    assert.equal(own.drift.days.length, 3);
    assert.match(own.note.join(), /This is droughtwatch-baseline; --model shows other\./);
    const other = await driftOfModel(both, '20d', 'other');
    assert.deepEqual(other.drift.days, []);
    assert.match(other.note.join(), /This is other; --model shows droughtwatch-baseline\./);
    await assert.rejects(
      driftOfModel(both, '20d', 'nobody'),
      /--model: found "nobody", allowed are droughtwatch-baseline, other\./,
    );
  });

  test('refuses a time that is invalid, in the future, or longer ago than a page shows', () => {
    const now = new Date('2026-03-21T10:00:00Z');
    assert.deepEqual(periodSince('20d', now), { from: '2026-03-01', to: '2026-03-21' });
    assert.equal(periodSince('2025-03-21', now).from, '2025-03-21');
    for (const [since, says] of [
      ['yesterday', /--since: found "yesterday", allowed is an age such as/],
      ['2999-01-01', /--since: found "2999-01-01", allowed is a day that has begun\.$/m],
      ['366d', /--since: found "366d", allowed is 2025-03-21 or later: 366 days with today\./],
    ] as const)
      assert.throws(() => periodSince(since, now), says);
  });
});
