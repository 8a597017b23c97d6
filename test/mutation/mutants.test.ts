import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mutantsOf, mutated } from './mutants.ts';

/** Which changes are made to a source. */

const changesOf = (source: string) => mutantsOf('a.ts', source).map(({ from, to }) => `${from} → ${to}`);

describe('of a source', () => {
  for (const { what, source, changes } of [
    {
      what: 'a condition is always true, or never',
      source: 'if (a === b) go = c ? d : e;',
      changes: ['a === b → true', 'a === b → false', 'go = c ? d : e; → ;', 'c → true', 'c → false'],
    },
    {
      what: 'each part of a condition is left out',
      source: 'export const is = !a && b;',
      changes: ['!a && b → (!a)', '!a && b → (b)', '!a && b → !a || b'],
    },
    {
      what: 'a boundary is moved, a comparison turned round',
      source: 'export const is = [a < b, c === d];',
      changes: ['[a < b, c === d] → []', 'a < b → a <= b', 'a < b → a >= b', 'c === d → c !== d'],
    },
    {
      what: 'a default is left out, and what may be missing is there',
      source: 'export const it = a?.b ?? c;',
      changes: ['a?.b → a.b', 'a?.b ?? c → (a?.b)'],
    },
    {
      what: 'numbers are one off, and signs others',
      source: 'export const it = (a + 1) * 0;',
      changes: ['(a + 1) * 0 → (a + 1) / 0', 'a + 1 → a - 1', '1 → 0', '0 → 1'],
    },
    {
      what: 'what every object has is no method of ours',
      source: 'export const it = [a.toString(b), a.hasOwnProperty(c)];',
      changes: ['[a.toString(b), a.hasOwnProperty(c)] → []'],
    },
    {
      what: 'a statement is left out, a property, a step of a chain',
      source: 'await go({ a: true, ...b }, Math.max(c.filter(d)));',
      changes: [
        'await go({ a: true, ...b }, Math.max(c.filter(d))); → ;',
        'true → false',
        '...b → ...{}',
        'max → min',
        'c.filter(d) → c',
      ],
    },
    { what: 'texts, types and log lines stay', source: "log['a'] = 1; export const it: 1 | 2 = 'a' + b;", changes: [] },
  ])
    test(what, () => assert.deepEqual(changesOf(source).toSorted(), changes.toSorted()));
});

describe('of a condition of the tables', () => {
  const always = (clause: string) => `(${clause} OR attribute_exists(model) OR attribute_not_exists(model))`;

  test('each clause always holds, is turned round, and meets its boundary', () => {
    const [a, b] = ['attempt = :attempt', 'lease < :now'];
    assert.deepEqual(
      changesOf(`export const it = '${a} AND ${b}';`).map((change) => change.split(' → ')[1]),
      [
        `'${a} AND lease <= :now'`,
        `'${a} OR ${b}'`,
        `'attempt <> :attempt AND ${b}'`,
        `'${always(a)} AND ${b}'`,
        `'${a} AND ${always(b)}'`,
      ],
    );
  });

  test('of a key only the boundary is moved, and an update stays', () => {
    const source =
      "export const it = { KeyConditionExpression: 'a = :a AND b >= :b', UpdateExpression: 'SET a = :a' };";
    assert.deepEqual(changesOf(source), ["'a = :a AND b >= :b' → 'a = :a AND b > :b'"]);
  });
});

test('a change is made in its place, and the changed source runs', async () => {
  const source = 'type T = number;\nexport const is = (a: T, b: T): boolean => a < b;\n';
  const [mutant] = mutantsOf('a.ts', source);
  assert.deepEqual([mutant?.line, mutant?.column, mutant?.to], [2, 44, 'a <= b']);
  const { is } = await import(`data:text/javascript,${encodeURIComponent(mutated(source, mutant!))}`);
  assert.deepEqual([is(1, 1), is(2, 1)], [true, false]);
});
