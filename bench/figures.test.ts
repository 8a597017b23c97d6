import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { coresOf } from './cores.ts';
import { type Goal, measured, spread } from './figure.ts';
import { interleaved } from './rounds.ts';
import { sharedCore } from './taken.ts';

it('a spread has the middle of its rounds, whatever their order, or the mean of the two in the middle', () => {
  assert.deepEqual(spread([30, 10, 20]), { median: 20, least: 10, most: 30, rounds: 3 });
  assert.equal(spread([1, 2, 4, 100]).median, 3);
});

describe('a figure', () => {
  const figure = (goal?: Goal) => measured('A', 'chips/s', [10, 40, 90], { beside: { B: [20, 80, 180] }, goal });

  it('is held against its limit round by round, not median by median', () => {
    assert.deepEqual(figure().beside[0]?.ratio, { median: 0.5, least: 0.5, most: 0.5, rounds: 3 });
  });

  for (const [goal, isReached, text] of [
    [{ of: 'value', atLeast: 40 }, true, '≥ 40 chips/s'],
    [{ of: 'value', atLeast: 41 }, false, '≥ 41 chips/s'],
    [{ of: 'ratio', atMost: 0.5 }, true, '≤ 0.5 × B'],
    [{ of: 'ratio', atLeast: 0.51 }, false, '≥ 0.51 × B'],
  ] as const)
    it(`is judged by its goal: ${text}`, () => {
      assert.deepEqual(figure(goal).goal, { text, isReached });
    });
});

it('rounds take turns, begin with another one each time, and do not count the first', async () => {
  const order: string[] = [];
  const note = (name: string) => (round: number) => {
    order.push(`${name}${round}`);
    return round;
  };
  const found = await interleaved(2, { a: note('a'), b: note('b'), c: note('c') });
  assert.deepEqual(order, ['a0', 'b0', 'c0', 'b1', 'c1', 'a1', 'c2', 'a2', 'b2']);
  assert.deepEqual(found, { a: [1, 2], b: [1, 2], c: [1, 2] });
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
