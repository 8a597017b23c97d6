import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { HOSTILE_NAMES } from '../../test/hostileNames.ts';
import { fitting, showProgress, width } from './output.ts';

/** What progress writes to a terminal of forty columns. */
function drawnOn(t: TestContext, term: string, draw: () => void): string[] {
  const { isTTY, columns } = process.stderr;
  const { TERM } = process.env;
  process.env['TERM'] = term;
  Object.assign(process.stderr, { isTTY: true, columns: 40 });
  const drawn: string[] = [];
  const write = t.mock.method(process.stderr, 'write', (text: string) => drawn.push(text) > 0);
  try {
    draw();
  } finally {
    write.mock.restore();
    Object.assign(process.stderr, { isTTY, columns });
    if (TERM === undefined) delete process.env['TERM'];
    else process.env['TERM'] = TERM;
  }
  return drawn;
}

test('the line of progress is one line of the terminal, whatever a file in it is called', (t) => {
  const drawn = drawnOn(t, 'xterm', () => {
    for (const { name } of HOSTILE_NAMES) showProgress(() => `sending ${name}: 10 % of 3 MB`)();
  });
  const lines = drawn.map((text) => stripVTControlCharacters(text).replace('\r', ''));
  assert.equal(lines.length, 2 * HOSTILE_NAMES.length);
  for (const line of lines) {
    assert.ok(width(line) < 40, line);
    assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  }
});

test('no progress is shown on a terminal that cannot erase a line', (t) => {
  assert.deepEqual(
    drawnOn(t, 'dumb', () => showProgress(() => 'sending')()),
    [],
  );
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
