import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cited, withoutCitations } from '../errors.ts';

describe('text that a message quotes from a file', () => {
  test('stands between “ and ”, which are replaced inside it', () => {
    assert.equal(cited('id,label'), '“id,label”');
    assert.equal(cited('a ” b “ c'), "“a ' b ' c”");
    assert.equal(cited(''), '“”');
  });

  for (const [message, shown] of [
    [`a: starts with ${cited('id,label')}, like text`, 'a: starts with “…”, like text'],
    [`${cited('x')} and ${cited('y\nz')}`, '“…” and “…”'],
    [`it was cut off in ${cited('the middle').slice(0, 5)}…`, 'it was cut off in “…”'],
    ['it cites "nothing"', 'it cites "nothing"'],
  ] as const)
    test(`is left out of the log: ${JSON.stringify(message)}`, () => assert.equal(withoutCitations(message), shown));
});
