import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, test } from 'node:test';
import { modelOf } from '../../../test/benches/predictions.ts';
import type { Chip } from '../../package/package.ts';
import { isInShare } from '../../releases/shadow.ts';
import { columnsOfShadow, parseAnswered } from '../answered/answered.ts';
import { predictedRows } from '../answered/predictedRows.ts';
import { type Counted, type CounterOptions, makeCounter } from './counter.ts';
import type { Given } from './given.ts';

const model = modelOf(['a', 'b'].map((name, value) => ({ name, value })));
const values = { label: [0, 1], class: ['a', 'b'], probability: [0.75, 0.5], p_0: [0.75, 0.5], p_1: [0.25, 0.5] };
const chip: Chip = {
  place: { index: 0, kind: 'index' },
  planes: [Uint8Array.of(1, 2), Uint16Array.of(3)],
  truth: null,
};
const given: Given[] = [
  { place: 0, id: 'x', digest: hash('sha256', 'hello'), chip, prediction: { values, at: 1, planes: null } },
  { place: 2, id: null, digest: null, chip, prediction: null },
];

/** A request of a thousand inputs whose ids take as many bytes as they may. */
const long = (request: string) => {
  const one = { ...given[0]!, id: '\u0001'.repeat(1024) };
  return { request, model, given: Array.from({ length: 1000 }, (_, place) => ({ ...one, place })) };
};

function makeBench(more: Partial<CounterOptions> = {}) {
  const sent: string[] = [];
  const told: Counted[] = [];
  const counter = makeCounter({
    send: async (message) => void sent.push(message),
    share: 1,
    now: () => new Date('2026-03-01T12:00:00.000Z'),
    onCounted: (counted) => void told.push(counted),
    ...more,
  });
  return { ...counter, sent, told };
}

describe('an answered request', () => {
  test('is sent as a message, with digests instead of the inputs, after the answer is made', async () => {
    const { count, settled, sent, told } = makeBench();
    count({ request: 'r-1', model, given });
    assert.deepEqual(sent, [], 'the answer goes first');
    await settled(5);
    const [{ columns, inputs, ...about } = assert.fail()] = sent.map(parseAnswered);
    const ref = { name: 'model', version: '1.0.0' };
    assert.deepEqual(about, { request: 'r-1', part: 0, model: ref, at: '2026-03-01T12:00:00.000Z', door: 'http' });
    assert.deepEqual(columns, ['label', 'class', 'probability', 'p_0', 'p_1']);
    assert.deepEqual(inputs, [
      { place: 0, id: 'x', digest: hash('sha256', 'hello'), values: [1, 'b', 0.5, 0.5, 0.5] },
      { place: 2, id: null, digest: hash('sha256', Uint8Array.of(1, 2, 3, 0)), values: null },
    ]);
    assert.deepEqual(told, [{ model: ref, inputs: 2, error: null }]);
    assert.doesNotMatch(sent.join(), /aGVsbG8/);
  });

  test('is not sent where nothing was predicted', async () => {
    const { count, settled, sent, told } = makeBench();
    count({ request: 'r-1', model, given: [] });
    await settled(5);
    assert.deepEqual([sent, told], [[], []]);
  });

  test('is reported as not counted if it cannot be sent, and nothing is thrown', async () => {
    const bench = makeBench({ send: () => Promise.reject(new Error('no way')) });
    bench.count({ request: 'r-1', model, given });
    await bench.settled(5);
    assert.deepEqual(
      bench.told.map(({ inputs, error }) => [inputs, error?.message]),
      [[2, 'The request r-1 was answered, and its predictions are not counted: no way']],
    );
  });

  test('is counted in part if sending fails midway, and the error says how many messages were sent', async () => {
    let left = 1;
    const bench = makeBench({
      send: async () => {
        if (left === 0) throw new Error('no way');
        left -= 1;
      },
    });
    bench.count(long('r-1'));
    await bench.settled(5);
    assert.match(String(bench.told[0]?.error), /r-1 .*\b1 .*no way/);
  });

  test('is reported as not counted, and not sent, if one of its predictions is too long for a message', async () => {
    const bench = makeBench();
    const large = { ...given[0]!, id: 'x'.repeat(300_000), place: 1 };
    bench.count({ request: 'r-1', model, given: [given[0]!, large] });
    await bench.settled(5);
    assert.deepEqual(bench.sent, []);
    assert.match(String(bench.told[0]?.error), /not counted: 1 of its predictions are too long for a message\./);
  });

  test('releases its memory if it could not be sent, so that later requests are counted', async () => {
    let isDown = true;
    const bench = makeBench({
      send: async () => {
        if (isDown) throw new Error('no way');
      },
    });
    for (let i = 0; i < 15; i += 1) {
      bench.count(long(`r-${i}`));
      await bench.settled(5);
    }
    for (const { error } of bench.told) assert.match(String(error), /no way/, 'each had room');
    isDown = false;
    bench.count(long('last'));
    await bench.settled(5);
    assert.equal(bench.told.at(-1)?.error, null);
  });

  test('is dropped if too many bytes wait to be sent', async () => {
    const bench = makeBench({ send: () => new Promise(() => {}) });
    for (let i = 0; i < 30; i += 1) bench.count(long(`r-${i}`));
    await bench.settled(0.5);
    assert.ok(bench.told.length > 10, 'what is more than so many bytes is lost');
    assert.match(String(bench.told[0]?.error), /not counted: \d+ bytes of predictions wait to be sent already\.$/);
  });

  test('carries the predictions of a shadow in the same message, in columns that the count ignores', async () => {
    const beside = { version: '1.1.0', columns: ['label', 'class'], values: [[0, 'a'], null] };
    const { count, settled, sent, told } = makeBench({ shadow: async () => beside });
    count({ request: 'r-1', model, given });
    await settled(5);
    const [message = assert.fail()] = sent.map(parseAnswered);
    assert.deepEqual(message.columns.slice(-2), ['shadow/1.1.0/label', 'shadow/1.1.0/class']);
    assert.deepEqual(
      message.inputs.map((input) => input.values),
      [[1, 'b', 0.5, 0.5, 0.5, 0, 'a'], null],
    );
    assert.deepEqual(predictedRows(message, model), { rows: [[1, 'b', 0.5, 0.5, 0.5], null] });
    const shadowed = columnsOfShadow(message, { name: 'model', version: '1.1.0' });
    assert.deepEqual(shadowed, ['', '', '', '', '', 'label', 'class']);
    for (const other of [
      { name: 'model', version: '1.1' },
      { name: 'other', version: '1.1.0' },
    ])
      assert.equal(columnsOfShadow(message, other), null);
    assert.equal(told[0]?.error, null);
  });

  test('is waited for no longer than the given time', async () => {
    const { count, settled } = makeBench({ send: () => new Promise(() => {}) });
    count({ request: 'r-1', model, given });
    const began = performance.now();
    await settled(0.05);
    assert.ok(performance.now() - began < 2000);
  });

  test('is waited for by no clock any more once it is sent', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length;
    const before = timers();
    const { count, settled, sent } = makeBench();
    count({ request: 'r-1', model, given });
    await settled(60);
    assert.deepEqual([sent.length, timers() <= before], [1, true]);
  });
});

test('of the requests, those of the share are counted, by the digests of their ids', async () => {
  const { count, settled, sent } = makeBench({ share: 0.5 });
  const ids = Array.from({ length: 100 }, (_, i) => `request-${i}`);
  for (const request of ids) count({ request, model, given });
  await settled(5);
  const counted = ids.filter((id) => isInShare(hash('sha256', id), 0.5));
  assert.deepEqual(sent.map((text) => parseAnswered(text).request).sort(), counted.sort());
});
