import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { replacedSoon } from './formerVersions.ts';

const at = (time: string) => new Date(`2026-03-01T${time}Z`);
const versions = (...times: string[]) => times.map((time) => ({ arrived: at(time) }));

describe('versions that may be unfinished copies of the next one', () => {
  for (const { what, before, arrived, found } of [
    { what: 'a version that was replaced within the hour', before: ['10:00:00'], arrived: '11:00:00', found: 1 },
    { what: 'no version that was replaced later', before: ['10:00:00'], arrived: '11:00:01', found: 0 },
    { what: 'each version of a chain', before: ['10:50:00', '10:00:00', '09:10:00'], arrived: '11:40:00', found: 3 },
    {
      what: 'no version before a longer pause',
      before: ['10:50:00', '09:00:00', '08:59:00'],
      arrived: '11:40:00',
      found: 1,
    },
    { what: 'no version if there is none', before: [], arrived: '10:00:00', found: 0 },
  ])
    test(what, () => {
      const list = versions(...before);
      assert.deepEqual(replacedSoon(list, at(arrived)), list.slice(0, found));
    });

  test('at most twenty versions', () => {
    assert.equal(replacedSoon(versions(...Array<string>(30).fill('10:00:00')), at('10:00:01')).length, 20);
  });
});
