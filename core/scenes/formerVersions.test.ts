import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { replacedSoon } from './formerVersions.ts';

const at = (time: string) => new Date(`2026-03-01T${time}Z`);
const versions = (...times: string[]) => times.map((time) => ({ arrived: at(time) }));

describe('versions that may be unfinished copies of the next one', () => {
  for (const [what, before, arrived, found] of [
    ['a version that was replaced within the hour', ['10:00:00'], '11:00:00', 1],
    ['no version that was replaced later', ['10:00:00'], '11:00:01', 0],
    ['each version of a chain', ['10:50:00', '10:00:00', '09:10:00'], '11:40:00', 3],
    ['no version before a longer pause', ['10:50:00', '09:00:00', '08:59:00'], '11:40:00', 1],
    ['no version if there is none', [], '10:00:00', 0],
  ] as const)
    test(what, () => {
      const list = versions(...before);
      assert.deepEqual(replacedSoon(list, at(arrived)), list.slice(0, found));
    });

  test('at most twenty versions', () => {
    assert.equal(replacedSoon(versions(...Array<string>(30).fill('10:00:00')), at('10:00:01')).length, 20);
  });
});
