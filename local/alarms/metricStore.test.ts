import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openMetricStore, type Sample } from './metricStore.ts';

const folder = mkdtempSync(join(tmpdir(), 'swath-metrics-'));
after(() => rmSync(folder, { recursive: true }));
const now = new Date('2026-03-01T12:00:00Z');
const metric = { namespace: 'Swath', name: 'Drift', dimensions: { Stage: 'test', Model: 'baseline' } };
const at = (time: string, value: number, change: Partial<Sample> = {}): Sample => ({
  time: `2026-03-01T${time}Z`,
  ...metric,
  value,
  ...change,
});
let files = 0;
const newFile = () => join(folder, `${files++}.jsonl`);
const hour = { metric, periodSeconds: 3600, from: new Date('2026-03-01T08:00:00Z'), to: now } as const;

describe('reading', () => {
  test('makes one number of each period that has data', async () => {
    const store = await openMetricStore(newFile(), now);
    await store.put([at('09:00:00.000', 3), at('09:59:59.999', 1), at('11:30:00.000', 2)]);
    assert.deepEqual(await store.read({ ...hour, statistic: 'Maximum' }), [
      { time: '2026-03-01T09:00:00.000Z', value: 3 },
      { time: '2026-03-01T11:00:00.000Z', value: 2 },
    ]);
    assert.deepEqual((await store.read({ ...hour, statistic: 'Sum' }))[0]?.value, 4);
  });

  test('leaves out other metrics and other times', async () => {
    const store = await openMetricStore(newFile(), now);
    await store.put([
      at('07:59:59.000', 1),
      at('12:00:00.000', 2),
      at('10:00:00.000', 3, { name: 'Other' }),
      at('10:00:00.000', 4, { namespace: 'AWS/Lambda' }),
      at('10:00:00.000', 5, { dimensions: { Stage: 'test' } }),
    ]);
    assert.deepEqual(await store.read({ ...hour, statistic: 'Sum' }), []);
  });

  test('knows the values of a dimension beside given ones', async () => {
    const store = await openMetricStore(newFile(), now);
    const share = (dimensions: Record<string, string>) => at('10:00:00.000', 1, { dimensions });
    await store.put([
      share({ Model: 'a', Class: 'y' }),
      share({ Class: 'x', Model: 'a' }),
      share({ Model: 'b', Class: 'z' }),
      share({ Model: 'a', Class: 'w', Stage: 'test' }),
    ]);
    assert.deepEqual(await store.valuesOf({ ...metric, dimensions: { Model: 'a' } }, 'Class'), ['x', 'y']);
  });
});

describe('a statistic', () => {
  test('Last is the value that was put last of the latest minute', async () => {
    const file = newFile();
    const store = await openMetricStore(file, now);
    await store.put([at('10:03:00.000', 1), at('10:05:00.000', 9), at('10:05:30.000', 4), at('10:04:00.000', 2)]);
    for (const one of [store, await openMetricStore(file, now)])
      assert.deepEqual(await one.read({ ...hour, statistic: 'Last' }), [
        { time: '2026-03-01T10:00:00.000Z', value: 4 },
      ]);
  });

  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  for (const [statistic, value] of [
    ['Maximum', 100],
    ['Sum', 5050],
    ['p50', 50],
    ['p95', 95],
  ] as const)
    test(statistic, async () => {
      const store = await openMetricStore(newFile(), now);
      await store.put(values.map((one, i) => at(`10:0${i % 3}:00.000`, one)));
      assert.deepEqual(await store.read({ ...hour, statistic }), [{ time: '2026-03-01T10:00:00.000Z', value }]);
      const [from, to] = ['2026-03-01T10:00:00Z', '2026-03-01T10:03:00Z'].map(Date.parse) as [number, number];
      assert.equal(store.statisticOver(metric, statistic, from, to), value);
    });
});

test('what CloudWatch would have forgotten is forgotten', async () => {
  const store = await openMetricStore(newFile(), now);
  await store.put([at('10:00:00.000', 1), at('10:00:00.000', 2, { time: '2026-05-03T10:00:00.000Z' })]);
  const all = { ...hour, to: new Date('2026-06-01T00:00:00Z'), statistic: 'Sum' } as const;
  assert.equal((await store.read(all)).length, 2, 'not yet: 63 days');
  await store.put([at('10:00:00.000', 3, { time: '2026-05-03T10:01:00.000Z' })]);
  assert.deepEqual(
    (await store.read(all)).map(({ time, value }) => [time, value]),
    [['2026-05-03T10:00:00.000Z', 5]],
  );
});

test('a write that fails does not fail the ones after it', async () => {
  const file = join(folder, 'late', 'metrics.jsonl');
  const store = await openMetricStore(file, now);
  await assert.rejects(store.put([at('10:00:00.000', 1)]), { code: 'ENOENT' });
  mkdirSync(join(folder, 'late'));
  await store.put([at('10:00:00.000', 2)]);
  assert.equal(readFileSync(file, 'utf8').trimEnd().split('\n').length, 1);
});

test('the file is written anew before it grows without end, and holds each datum once', async () => {
  const file = newFile();
  const store = await openMetricStore(file, now);
  let bytes = 0;
  let most = 0;
  const puts: Promise<void>[] = [];
  for (let i = 0; i < 40; i += 1) {
    const samples = Array.from({ length: 1000 }, (_, j) => at('10:00:00.000', j + 1, { name: `Some${j % 10}` }));
    bytes += samples.map((sample) => `${JSON.stringify(sample)}\n`).join('').length;
    puts.push(store.put(samples));
    if (i % 3 === 0) await Promise.all(puts); // else one comes while another is being written
    most = Math.max(most, statSync(file).size);
  }
  await Promise.all(puts);
  assert.ok(bytes > 5_000_000 && most < 5_000_000, `${most} of ${bytes} bytes`);
  const again = await openMetricStore(file, now);
  for (const name of ['Some0', 'Some9']) {
    const query = { ...hour, metric: { ...metric, name }, statistic: 'Sum' } as const;
    const values = Array.from({ length: 1000 }, (_, j) => j + 1).filter(
      (value) => (value - 1) % 10 === Number(name[4]),
    );
    const sum = 40 * values.reduce((one, other) => one + other, 0);
    assert.equal((await store.read(query))[0]?.value, sum);
    assert.equal((await again.read(query))[0]?.value, sum);
  }
});

describe('a restart', () => {
  test('finds the earlier values', async () => {
    const file = newFile();
    await (await openMetricStore(file, now)).put([at('10:00:00.000', 7)]);
    const store = await openMetricStore(file, now);
    assert.equal((await store.read({ ...hour, statistic: 'Maximum' }))[0]?.value, 7);
  });

  test('keeps values from the future for a corrected clock, and shows none of them', async () => {
    const file = newFile();
    const before = await openMetricStore(file, now);
    await before.put([at('10:00:00.000', 1), at('10:00:00.000', 7, { time: '2026-03-21T10:00:00.000Z' })]);
    const later = new Date('2026-03-22T10:00:00Z');
    const all = { ...hour, to: later, statistic: 'Maximum' } as const;
    const values = async (time: Date) =>
      (await (await openMetricStore(file, time)).read(all)).map(({ value }) => value);
    assert.deepEqual(await values(now), [1]);
    appendFileSync(file, 'a line that a power failure cut off'); // so that the file is written anew
    assert.deepEqual(await values(now), [1]);
    assert.deepEqual(await values(later), [1, 7]);
  });

  test('forgets what CloudWatch would have forgotten, and a line that a power failure cut off', async () => {
    const file = newFile();
    const line = ({ value, ...sample }: Sample) => `${JSON.stringify({ ...sample, values: [value] })}\n`;
    writeFileSync(
      file,
      line(at('10:00:00.000', 1)) + line(at('10:00:00.000', 2, { time: '2025-12-01T10:00:00.000Z' })),
    );
    appendFileSync(file, line(at('11:00:00.000', 3)).slice(0, 50));
    const store = await openMetricStore(file, now);
    assert.equal(readFileSync(file, 'utf8'), line(at('10:00:00.000', 1)));
    await store.put([at('11:00:00.000', 4)]);
    await openMetricStore(file, now);
    assert.equal(readFileSync(file, 'utf8').trimEnd().split('\n').length, 2);
  });
});
