import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { type Alarm, alarmsOf } from '../../observability/alarms.ts';
import { makeAlarms } from './alarms.ts';
import { openMetricStore } from './metricStore.ts';
import { observedParameters } from './observing.ts';

/** CloudWatch's rules, on a store of each test's own and a clock that is moved by hand. */

const folder = mkdtempSync(join(tmpdir(), 'swath-alarms-'));
after(() => rmSync(folder, { recursive: true }));
const [drift] = alarmsOf(observedParameters()).filter(({ id }) => id === 'drift') as [Alarm];
const base: Alarm = {
  ...drift,
  id: 'some',
  periodSeconds: 300,
  threshold: 1,
  comparison: 'GreaterThanOrEqualToThreshold',
};

type Bench = Awaited<ReturnType<typeof makeBench>>;
let benches = 0;

/** One alarm, its metric, and the states that it came through. */
async function makeBench(change: Partial<Alarm>, { upFor = 48 * 60, file = join(folder, String(benches++)) } = {}) {
  const alarm = { ...base, ...change };
  let now = Date.parse('2026-03-01T10:00:30Z');
  const upSince = new Date(now - upFor * 60_000);
  const store = await openMetricStore(`${file}.jsonl`, new Date(now));
  const told: string[] = [];
  const changes: (string | null)[][] = [];
  const alarms = makeAlarms({
    stage: 'test',
    definitions: [alarm],
    metrics: store,
    now: () => new Date(now),
    upSince: () => upSince,
    tell: async (_alarm, before, { state }) => {
      told.push(`${before} -> ${state}`);
      return `e-mail ${told.length}`;
    },
    onChange: ({ state, email }) => changes.push([state, email]),
    file: `${file}.json`,
  });
  const state = async () => {
    await alarms.evaluate();
    return alarms.states()[0]!.state;
  };
  return {
    told,
    changes,
    file,
    state,
    reason: () => alarms.states()[0]!.reason,
    put: async (value: number) => {
      await store.put([{ ...alarm.metric, time: new Date(now).toISOString(), value }]);
      return state();
    },
    wait: async (minutes: number) => {
      now += minutes * 60_000;
      return state();
    },
  };
}

describe('a period without data', () => {
  for (const { missing, silence, afterBad, afterGood } of [
    { missing: 'notBreaching', silence: 'OK', afterBad: 'OK', afterGood: 'OK' },
    { missing: 'breaching', silence: 'ALARM', afterBad: 'ALARM', afterGood: 'ALARM' },
    { missing: 'ignore', silence: 'INSUFFICIENT_DATA', afterBad: 'ALARM', afterGood: 'OK' },
  ] as const)
    test(`is ${missing}`, async () => {
      const { put, wait, state } = await makeBench({ missing });
      assert.equal(await state(), silence);
      assert.equal(await put(1), 'ALARM');
      assert.equal(await wait(10), afterBad);
      assert.equal(await put(0), 'OK');
      assert.equal(await wait(10), afterGood);
    });

  test('before the stack was started is ignored: a laptop that was off has not missed a sweep', async () => {
    const silent = { missing: 'breaching', comparison: 'LessThanThreshold', periodSeconds: 3600 } as const;
    const { state, wait } = await makeBench({ ...silent, evaluationPeriods: 26, datapointsToAlarm: 26 }, { upFor: 0 });
    assert.equal(await state(), 'OK');
    assert.equal(await wait(25 * 60), 'OK');
    assert.equal(await wait(2 * 60), 'ALARM');
  });
});

describe('M of N periods', () => {
  test('one is enough where one is asked for, and counts until it is N periods old', async () => {
    const { put, wait } = await makeBench({ evaluationPeriods: 12, datapointsToAlarm: 1, missing: 'notBreaching' });
    assert.equal(await put(1), 'ALARM');
    assert.equal(await wait(59), 'ALARM');
    assert.equal(await wait(1), 'OK');
  });

  test('fewer than M are not enough', async () => {
    const { put, wait } = await makeBench({ evaluationPeriods: 3, datapointsToAlarm: 2, missing: 'notBreaching' });
    assert.equal(await put(1), 'OK');
    await wait(5);
    assert.equal(await put(1), 'ALARM');
    assert.equal(await wait(5), 'ALARM');
    assert.equal(await wait(5), 'OK');
  });
});

describe('beyond the threshold', () => {
  for (const { comparison, beyond } of [
    { comparison: 'GreaterThanThreshold', beyond: [1.01] },
    { comparison: 'GreaterThanOrEqualToThreshold', beyond: [1, 1.01] },
    { comparison: 'LessThanThreshold', beyond: [0.99] },
  ] as const)
    test(`is ${comparison}`, async () => {
      const found: number[] = [];
      for (const value of [0.99, 1, 1.01]) {
        const { put } = await makeBench({ comparison });
        if ((await put(value)) === 'ALARM') found.push(value);
      }
      assert.deepEqual(found, beyond);
    });

  test('is looked at in the statistic that the alarm names', async () => {
    const states = async ({ put }: Bench) => {
      for (let i = 0; i < 20; i += 1) await put(i === 0 ? 5 : 0);
      return put(0);
    };
    assert.equal(await states(await makeBench({ statistic: 'Maximum' })), 'ALARM');
    assert.equal(await states(await makeBench({ statistic: 'p95' })), 'OK', 'one call of twenty-one is not the p95');
  });
});

describe('the e-mail of an alarm', () => {
  test('hears of ALARM, and of the end where the alarm says so', async () => {
    for (const [tellsWhenOver, heard, email] of [
      [true, ['INSUFFICIENT_DATA -> ALARM', 'ALARM -> OK'], 'e-mail 2'],
      [false, ['INSUFFICIENT_DATA -> ALARM'], null],
    ] as const) {
      const { put, wait, told, changes } = await makeBench({ tellsWhenOver, missing: 'notBreaching' });
      await put(1);
      await put(1);
      await wait(10);
      assert.deepEqual(told, heard);
      const both = [
        ['ALARM', 'e-mail 1'],
        ['OK', email],
      ];
      assert.deepEqual(changes, both, 'a listener hears of both, and which e-mail says so');
    }
  });

  test('does not hear that all was well from the beginning', async () => {
    const { put, told, changes } = await makeBench({});
    await put(0);
    assert.deepEqual([told, changes], [[], []]);
  });

  test('gives the reason', async () => {
    const { put, reason } = await makeBench({});
    await put(1.23456);
    assert.equal(
      reason(),
      'Threshold crossed: 1.235 (2026-03-01T09:56:00.000Z) is greater than or equal to the threshold (1).',
    );
  });
});

test('a state survives a restart, and no e-mail is sent twice', async () => {
  const first = await makeBench({});
  await first.put(1);
  const second = await makeBench({}, { file: first.file });
  assert.equal(await second.state(), 'ALARM');
  assert.deepEqual(second.told, []);
});

test('where only some metrics have news, only the alarms on them are looked at', async () => {
  const file = join(folder, String(benches++));
  const time = new Date('2026-03-01T10:00:30Z');
  const store = await openMetricStore(`${file}.jsonl`, time);
  const other = { ...base, id: 'other', metric: { ...base.metric, name: 'Other' } };
  await store.put([base, other].map(({ metric }) => ({ ...metric, time: time.toISOString(), value: 2 })));
  const definitions = [base, other];
  const common = { stage: 'test', now: () => time, upSince: () => time, tell: async () => '', file: `${file}.json` };
  const alarms = makeAlarms({ ...common, definitions, metrics: store });
  const states = () => alarms.states().map(({ state }) => state);
  await alarms.evaluate(new Set(['Other', 'Unwatched']));
  assert.deepEqual(states(), ['INSUFFICIENT_DATA', 'ALARM']);
  await alarms.evaluate();
  assert.deepEqual(states(), ['ALARM', 'ALARM']);
});
