import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InvalidModelPackage } from '../base/errors.ts';
import { MAX_EXPRESSION_LENGTH, MAX_EXPRESSION_NESTING } from '../base/limits.ts';
import { makeEvaluator, parseExpression } from './expression.ts';

const NAMES = ['A', 'B', 'B8A', '_c'];

/** The value for single-pixel bands A, B, B8A, _c. */
function compute(text: string, ...bands: number[]): number {
  const planes = NAMES.map((_, i) => Float64Array.of(bands[i] ?? 0));
  return makeEvaluator(parseExpression(text, NAMES), 1)(planes)[0]!;
}

for (const [text, expected] of [
  ['7', 7],
  ['.5 + 2. + 1e2 + 1.5E-1', 102.65],
  ['A', 10],
  ['B8A', 5],
  ['_c', 3],
  ['1 + 2 * 3', 7],
  ['(1 + 2) * 3', 9],
  ['10 - 4 - 3', 3],
  ['100 / 10 / 5', 2],
  ['2 * 6 / 3 * 2', 8],
  ['-A + +B', -6],
  ['--A', 10],
  ['2 - -3', 5],
  ['-2 * -3', 6],
  ['-(A - B) / 2', -3],
  ['\t( ( A ) )\n', 10],
  ['(A-B)/(A+B)', 6 / 14],
  ['min(A, B)', 4],
  ['max(B, A, 11)', 11],
  ['minimum(maximum((A - 4) / 3, 0), 1)', 1],
  ['clip(A, 0, 7)', 7],
  ['clip(-A, -2 * B, 7)', -8],
  ['clip((A - 5) / 10, 0, 2) * 2', 1],
  ['abs(B - A) + sqrt(B)', 8],
  ['log(exp(_c)) - exp(0)', 2],
  ['log10(A * A * 10)', 3],
  ['np.log10(A) + numpy.maximum(B, np.clip(A, 0, 7))', 8],
  ['_c ** 2', 9],
  ['-_c ** 2', -9],
  ['2 ** -1 + 4 ** .5', 2.5],
  ['2 ** 3 ** 2 / 2 ** 2', 128],
  ['2 * _c ** 2 * 2', 36],
  ['(1 + 1) ** abs(B - 1)', 8],
  ['sqrt(A * A) - min(B, max(_c, B8A))', 6],
] as const)
  test(`${JSON.stringify(text)} is ${expected} for A = 10, B = 4, B8A = 5, _c = 3`, () => {
    assert.equal(compute(text, 10, 4, 5, 3), expected);
  });

for (const [text, a, expected] of [
  ['1 / A', 0, Infinity],
  ['1 / -A', 0, -Infinity],
  ['0 / A', 0, NaN],
  ['A - A', Infinity, NaN],
  ['-A', 0, -0],
  ['min(A, 1)', NaN, NaN],
  ['max(1, A)', NaN, NaN],
  ['clip(A, 0, 2)', NaN, NaN],
  ['sqrt(A)', -1, NaN],
  ['log(A)', 0, -Infinity],
  ['log10(A)', -1, NaN],
  ['A ** 0', NaN, NaN],
  ['1 ** A', NaN, NaN],
  ['A ** 0', 0, 1],
  ['A ** .5', -4, NaN],
  ['A ** -1', -0, -Infinity],
  ['2 ** A', -Infinity, 0],
] as const)
  test(`${text} is ${Object.is(expected, -0) ? '-0' : expected} for A = ${a}, as in IEEE arithmetic`, () => {
    assert.ok(Object.is(compute(text, a), expected));
  });

test('only the source bands that an expression names are read', () => {
  const planes = [Uint8Array.of(10), undefined!, Uint8Array.of(5)];
  assert.deepEqual([...makeEvaluator(parseExpression('(B8A - A) / (B8A + A + 1)', NAMES), 1)(planes)], [-5 / 16]);
});

test('one evaluator can be reused for chip after chip', () => {
  const evaluate = makeEvaluator(parseExpression('A + 1', NAMES), 2);
  const first = evaluate([Uint8Array.of(1, 2)]);
  assert.deepEqual([...first], [2, 3]);
  assert.deepEqual([...evaluate([Uint8Array.of(8, 9)])], [9, 10]);
  assert.deepEqual([...first], [9, 10], 'the result is overwritten, as documented');
});

test('an expression without a band fills the plane', () => {
  const evaluate = makeEvaluator(parseExpression('2.5', NAMES), 3);
  assert.deepEqual([...evaluate([])], [2.5, 2.5, 2.5]);
});

for (const [text, message] of [
  ['', 'character 1: found the end, allowed is a number, a band (A, B, B8A, _c), a sign or "("'],
  ['A +', 'character 4: found the end, allowed is a number, a band'],
  ['A B', 'character 3: found "B", allowed is an operator (+ - * / **) or the end'],
  ['2A', 'character 2: found "A", allowed is an operator'],
  ['(A', 'character 3: found the end, allowed is an operator (+ - * / **) or ")"'],
  ['A)', 'character 2: found ")", allowed is an operator (+ - * / **) or the end'],
  ['A * * 2', 'character 5: found "*", allowed is a number'],
  ['A *** 2', 'character 5: found "*", allowed is a number'],
  ['np.A', 'character 1: found "np.A", allowed is a number, a band'],
  ['np.pow(A, B)', 'character 1: found "np.pow", allowed is a function'],
  ['scipy.log(A)', 'character 1: found "scipy"'],
  ['A × B', 'character 3: found "×", allowed is an operator'],
  ['🛰', 'character 1: found "🛰", allowed is a number'],
  ['C', 'character 1: found "C", allowed is a number, a band (A, B, B8A, _c)'],
  ['a', 'character 1: found "a"'],
  ['constructor', 'character 1: found "constructor"'],
  ['A.constructor', 'character 2: found "."'],
  [
    'pow(A, B)',
    'character 1: found "pow", allowed is a function (min, max, clip, abs, sqrt, log, log10, exp), a number, a band',
  ],
  ['toString(A)', 'character 1: found "toString"'],
  ['max', 'character 1: found "max"'],
  ['max(A)', 'character 6: found ")", allowed is an operator (+ - * / **) or ",": max takes 2 arguments'],
  ['clip(A, 1)', 'character 10: found ")", allowed is an operator (+ - * / **) or ",": clip takes 3 arguments'],
  ['clip(A, 1, 2, 3)', 'character 13: found ",", allowed is an operator (+ - * / **) or ")"'],
  ['abs()', 'character 5: found ")"'],
  ['abs(A', 'character 6: found the end, allowed is an operator (+ - * / **) or ")"'],
  ['A, B', 'character 2: found ",", allowed is an operator (+ - * / **) or the end'],
  ['A(1)', 'character 1: found "A", allowed is a function'],
  ['this', 'character 1: found "this"'],
  ["'A'", 'character 1: found "\'"'],
  ['A[0]', 'character 2: found "["'],
  ['A = 1', 'character 3: found "="'],
  ['A; B', 'character 2: found ";"'],
  ['1e999', 'character 1: found "1e999", allowed is a number below 1.8e308'],
  ['0x10', 'character 2: found "x10"'],
  ['1e', 'character 2: found "e"'],
  ['1.2.3', 'character 4: found ".3"'],
] as const)
  test(`${JSON.stringify(text)} is refused: ${message}`, () => {
    assert.throws(
      () => parseExpression(text, NAMES),
      (error) => error instanceof InvalidModelPackage && error.message.startsWith(`expression, ${message}`),
    );
  });

test('length and nesting are accepted up to their limits and rejected beyond them', () => {
  const long = '1'.padEnd(MAX_EXPRESSION_LENGTH);
  assert.equal(compute(long), 1);
  assert.throws(() => parseExpression(`${long} `, NAMES), {
    name: 'InvalidModelPackage',
    message: 'expression: found 1001 characters, allowed are at most 1000',
  });
  for (const [open, close] of [
    ['(', ')'],
    ['-', ''],
    ['+', ''],
    ['abs(', ')'],
  ] as const) {
    const nested = (depth: number) => `${open.repeat(depth)}A${close.repeat(depth)}`;
    assert.equal(Math.abs(compute(nested(MAX_EXPRESSION_NESTING), 4)), 4);
    assert.throws(() => parseExpression(nested(MAX_EXPRESSION_NESTING + 1), NAMES), /nesting at most 32 deep/);
  }
  assert.equal(compute(Array(100).fill('(-1)').join('+')), -100, 'one after the other is not one in the other');
  assert.equal(compute(Array(500).fill('1').join('+')), 500, 'a long sum is not a deep one');
});

test('for a sensor with hundreds of bands, an error names at most twenty of them', () => {
  const many = Array.from({ length: 200 }, (_, i) => `b${i}`);
  assert.throws(() => parseExpression('x', many), /b18, b19 and 180 more\)/);
});

type Tree =
  | number
  | string
  | { operator: '+' | '-' | '*' | '/' | '**'; left: Tree; right: Tree }
  | { sign: '+' | '-'; of: Tree }
  | { name: 'min' | 'max' | 'clip' | 'abs' | 'sqrt'; args: [Tree, Tree, Tree] };

/** Of the three, a function takes so many. */
const TAKES = { min: 2, max: 3, clip: 3, abs: 1, sqrt: 1 } as const;

const trees = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom(...NAMES),
    fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
    fc.record({
      operator: fc.constantFrom('+' as const, '-' as const, '*' as const, '/' as const, '**' as const),
      left: tie('tree'),
      right: tie('tree'),
    }),
    fc.record({ sign: fc.constantFrom('+' as const, '-' as const), of: tie('tree') }),
    fc.record({
      name: fc.constantFrom('min' as const, 'max' as const, 'clip' as const, 'abs' as const, 'sqrt' as const),
      args: fc.tuple(tie('tree'), tie('tree'), tie('tree')),
    }),
  ),
})).tree;

const write = (tree: Tree): string => {
  if (typeof tree !== 'object') return String(tree);
  if ('name' in tree) return `${tree.name}(${tree.args.slice(0, TAKES[tree.name]).map(write).join(', ')})`;
  return 'sign' in tree
    ? `(${tree.sign} ${write(tree.of)})`
    : `(${write(tree.left)}${tree.operator} ${write(tree.right)})`;
};

/** The slow, obvious reading: one pixel at a time, straight down the tree. */
const evaluate = (tree: Tree, bands: Record<string, number>): number => {
  if (typeof tree === 'number') return tree;
  if (typeof tree === 'string') return bands[tree]!;
  if ('name' in tree) {
    const [a, b, c] = tree.args.map((arg) => evaluate(arg, bands)) as [number, number, number];
    const of = { min: () => Math.min(a, b), max: () => Math.max(a, b, c), clip: () => Math.min(Math.max(a, b), c) };
    return tree.name === 'abs' || tree.name === 'sqrt' ? Math[tree.name](a) : of[tree.name]();
  }
  if ('sign' in tree) return tree.sign === '-' ? -evaluate(tree.of, bands) : evaluate(tree.of, bands);
  const left = evaluate(tree.left, bands);
  const right = evaluate(tree.right, bands);
  const power = Number.isNaN(left) ? left : left ** right;
  return { '+': left + right, '-': left - right, '*': left * right, '/': left / right, '**': power }[tree.operator];
};

test('evaluating whole planes gives the same bits as evaluating the tree pixel by pixel', () => {
  const pixel = fc.oneof(fc.double(), fc.integer({ min: 0, max: 255 }));
  const pixels = fc.array(fc.tuple(pixel, pixel, pixel, pixel), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(trees, pixels, (tree, values) => {
      const text = write(tree);
      fc.pre(text.length <= MAX_EXPRESSION_LENGTH);
      const planes = NAMES.map((_, band) => Float64Array.from(values, (pixel) => pixel[band]!));
      const got = makeEvaluator(parseExpression(text, NAMES), values.length)(planes);
      const want = values.map((pixel) => evaluate(tree, Object.fromEntries(NAMES.map((name, i) => [name, pixel[i]!]))));
      assert.deepEqual([...got], want, text);
    }),
    { numRuns: 500 },
  );
});

test('any text is either parsed or rejected with InvalidModelPackage', () => {
  const soup = fc.string({
    unit: fc.constantFrom('A', 'B', '1', '.', 'e', '+', '-', '*', '/', '(', ')', ' '),
    maxLength: 30,
  });
  fc.assert(
    fc.property(fc.oneof(fc.string(), soup), (text) => {
      try {
        parseExpression(text, NAMES);
      } catch (error) {
        assert.ok(error instanceof InvalidModelPackage, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
