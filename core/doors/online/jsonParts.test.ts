import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MAX_JSON_NESTING, MAX_JSON_VALUES } from '../../base/limits.ts';
import { jsonParts } from './jsonParts.ts';
import { anotherTurn } from './turns.ts';

/** What `JSON.parse` makes of a body by its parts; undefined where it is none. */
async function byParts(text: string): Promise<unknown> {
  try {
    const { frame, parts } = await jsonParts(Buffer.from(text));
    const values = parts.map((part) => JSON.parse(Buffer.from(part).toString()));
    const whole = JSON.parse(Buffer.from(frame).toString());
    const filled = (list: unknown) => (Array.isArray(list) ? list.map((i) => values[i as number]) : list);
    return Array.isArray(whole)
      ? whole.map(filled)
      : Object.fromEntries(Object.entries(Object(whole)).map(([name, one]) => [name, filled(one)]));
  } catch {
    return undefined;
  }
}

describe('a body of JSON in parts', () => {
  for (const text of [
    '{"inputs":[1,"a,]}\\"[",{"b":[1,2,{"c":"\\\\"}]},null]}',
    ' {\n"inputs" : [ ] , "inputs":[ {} ,[ ] ]}\t',
    '{"inputs":[[],[[1]]],"x":{"y":[1,2]},"z":[3]}',
    '[[1,2],[3,[4]],5]',
    '{"ü":["ü\\u00fc"]}',
    '{"inputs":[ \t\r\n]}',
  ])
    test(`is read as JSON.parse reads the whole: ${text}`, async () =>
      assert.deepEqual(await byParts(text), JSON.parse(text)));

  for (const text of [
    '{"inputs":[1,]}',
    '{"inputs":[,1]}',
    '{"inputs":[1,,2]}',
    '{"inputs":[1}}',
    '{"inputs":[1]',
    '{"inputs":[1',
    '{"inputs":["1]}',
    '{"inputs":[{"a":1]}]}',
    '{"inputs":[1 2]}',
    '{"inputs":[1]]}',
    '{"inputs":[]1}',
  ])
    test(`is refused where JSON.parse refuses the whole: ${text}`, async () => {
      assert.throws(() => JSON.parse(text));
      assert.equal(await byParts(text), undefined);
    });

  for (const [what, fits, passes, says] of [
    [
      'nesting',
      `{"a":${'['.repeat(MAX_JSON_NESTING - 1)}${']'.repeat(MAX_JSON_NESTING - 1)}}`,
      `{"a":${'['.repeat(MAX_JSON_NESTING)}`,
      /nested deeper than 32/,
    ],
    [
      'values',
      `{"a":[[${'1,'.repeat(MAX_JSON_VALUES - 4)}1]]}`,
      `{"a":[[${'1,'.repeat(MAX_JSON_VALUES)}1]]}`,
      /more than 1000000 values/,
    ],
    [
      'values, where names count as values',
      `{"a":[[{${'"":1,'.repeat(MAX_JSON_VALUES / 2 - 10)}"":1}]]}`,
      `{"a":[[{${'"":1,'.repeat(MAX_JSON_VALUES / 2)}"":1}]]}`,
      /more than 1000000 values/,
    ],
    [
      'bytes beside its inputs',
      `{"a":"${'x'.repeat(60_000)}","b":[]}`,
      `{"a":"${'x'.repeat(70_000)}","b":[]}`,
      /more than 65536 bytes beside/,
    ],
    ['elements', `{"a":[${'1,'.repeat(9_999)}1]}`, `{"a":[${'1,'.repeat(10_000)}1]}`, /a list of more than 10000/],
  ] as const)
    test(`has a budget of ${what}`, async () => {
      await jsonParts(Buffer.from(fits));
      await assert.rejects(jsonParts(Buffer.from(passes)), { name: 'Problem', message: says });
    });

  test('is cut while others have their turn', async (t) => {
    let now = performance.now();
    const clock = t.mock.method(performance, 'now', () => {
      now += 11; // each look at the clock is a turn later
      return now;
    });
    let turns = 0;
    const turn = () => {
      turns += 1;
      next = setImmediate(turn);
    };
    let next = setImmediate(turn);
    const body = Buffer.from(`{"inputs":["${'x'.repeat(4e6)}"]}`);
    const { parts } = await jsonParts(body).finally(() => {
      clearImmediate(next);
      clock.mock.restore();
      return anotherTurn(); // this one begins at the present time
    });
    assert.equal(parts[0]!.length, 4e6 + 2);
    assert.ok(turns >= 60, `${turns} turns in 62 windows`);
  });
});
