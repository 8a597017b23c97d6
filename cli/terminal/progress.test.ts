import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { HOSTILE_NAMES } from '../../test/hostileNames.ts';
import { fitting, showProgress, width } from './output.ts';

test('the line of progress is one line of the terminal, whatever a file in it is called', (t) => {
  const { isTTY, columns } = process.stderr;
  Object.assign(process.stderr, { isTTY: true, columns: 40 });
  const drawn: string[] = [];
  const write = t.mock.method(process.stderr, 'write', (text: string) => drawn.push(text) > 0);
  try {
    for (const { name } of HOSTILE_NAMES) showProgress(() => `sending ${name}: 10 % of 3 MB`)();
  } finally {
    write.mock.restore();
    Object.assign(process.stderr, { isTTY, columns });
  }
  const lines = drawn.map((text) => stripVTControlCharacters(text).replace('\r', ''));
  assert.equal(lines.length, 2 * HOSTILE_NAMES.length);
  for (const line of lines) {
    assert.ok(width(line) < 40, line);
    assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  }
});

test('a text is cut where a terminal would break it, and within no letter', () => {
  for (const [text, columns, fits] of [
    ['abcdef', 4, 'abcd'],
    ['abc', 4, 'abc'],
    ['衛星衛星', 5, '衛星'],
    ['🛰️🛰️🛰️', 4, '🛰️🛰️'],
    ['cafe\u0301s', 4, 'cafe\u0301'],
    ['', 4, ''],
  ] as const)
    assert.equal(fitting(text, columns), fits);
});
