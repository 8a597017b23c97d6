import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { coresOf } from './cores.ts';
import { counted, measured, spread } from './figure.ts';
import { interleaved } from './rounds.ts';
import { sharedCore } from './taken.ts';

describe('a spread', () => {
  it('has the middle one of its rounds, whatever their order', () => {
    assert.deepEqual(spread([30, 10, 20]), { median: 20, least: 10, most: 30, rounds: 3 });
  });

  it('has the mean of the two in the middle, where there are two', () => {
    assert.equal(spread([1, 2, 4, 100]).median, 3);
  });

  it('is empty without a round', () => {
    assert.throws(() => spread([]), /without a round/);
  });
});

describe('a figure', () => {
  const what = { name: 'A', unit: 'chips/s' };

  it('is held against its limit round by round, not median by median', () => {
    const { beside } = measured({ ...what, values: [10, 40, 90], beside: [{ name: 'B', values: [100, 100, 100] }] });
    assert.deepEqual(beside[0]?.ratio, { median: 0.4, least: 0.1, most: 0.9, rounds: 3 });
    const halved = measured({ ...what, values: [10, 40, 90], beside: [{ name: 'B', values: [20, 80, 180] }] });
    assert.deepEqual(halved.beside[0]?.ratio, { median: 0.5, least: 0.5, most: 0.5, rounds: 3 });
  });

  for (const [title, goal, isReached, text] of [
    ['by its value', { of: 'value', atLeast: 40 }, true, '≥ 40 chips/s'],
    ['by its value, and misses', { of: 'value', atLeast: 41 }, false, '≥ 41 chips/s'],
    ['by its ratio', { of: 'ratio', atMost: 0.4 }, true, '≤ 0.4 × B'],
    ['by its ratio, and misses', { of: 'ratio', atLeast: 0.41 }, false, '≥ 0.41 × B'],
  ] as const)
    it(`is judged ${title}`, () => {
      const figure = measured({
        ...what,
        values: [10, 40, 90],
        beside: [{ name: 'B', values: [100, 100, 100] }],
        goal,
      });
      assert.deepEqual(figure.goal, { text, isReached });
    });

  it('cannot be judged by a ratio to nothing', () => {
    assert.throws(() => measured({ ...what, values: [1], goal: { of: 'ratio', atLeast: 1 } }), /ratio to nothing/);
  });

  it('that is counted has one round', () => {
    const { measured: found, goal } = counted({ ...what, value: 14, goal: { of: 'value', atMost: 14 } });
    assert.deepEqual(found, { median: 14, least: 14, most: 14, rounds: 1 });
    assert.equal(goal?.isReached, true);
  });
});

describe('rounds', () => {
  it('take turns, begin with another one each time, and do not count the first', async () => {
    const order: string[] = [];
    const note = (name: string) => (round: number) => {
      order.push(`${name}${round}`);
      return round;
    };
    const found = await interleaved(2, { a: note('a'), b: note('b'), c: note('c') });
    assert.deepEqual(order, ['a0', 'b0', 'c0', 'b1', 'c1', 'a1', 'c2', 'a2', 'b2']);
    assert.deepEqual(found, { a: [1, 2], b: [1, 2], c: [1, 2] });
  });
});

it("the system's list of cores is read", () => {
  assert.deepEqual(coresOf('0-2,5,7-8'), [0, 1, 2, 5, 7, 8]);
  assert.deepEqual(coresOf(''), []);
});

it('a bare model that did not have its core to itself is reported, and one that did is not', () => {
  const taken = (cpuMilliseconds: number) => ({ chips: 1, milliseconds: 100, cpuMilliseconds });
  assert.match(String(sharedCore([taken(100), taken(50)])), /BUSY: the bare model, .* had 75 % of its core/);
  assert.equal(sharedCore([taken(99), taken(97)]), undefined);
});
