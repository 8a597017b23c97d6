import assert from 'node:assert/strict';
import { makeEvaluator, parseExpression } from '../../../core/arrays/expression.ts';
import { MAX_EXPRESSION_LENGTH, MAX_EXPRESSION_NESTING } from '../../../core/base/limits.ts';
import type { Dice } from '../dice.ts';
import { damage } from '../mutate/bytes.ts';
import type { Target } from '../target.ts';

const BANDS = { A: 7, B: 0, B8A: -3.5, _c: 255, constructor: 2, e1: 1e-7 };
const NAMES = Object.keys(BANDS);
/** With how many arguments each is called here. */
const CALLS = { min: 2, max: 3, clip: 3, abs: 1, sqrt: 1, log: 1, log10: 1, exp: 1 } as const;
const FUNCTIONS = Object.keys(CALLS) as (keyof typeof CALLS)[];
const WORDS = [
  ...NAMES,
  ...FUNCTIONS,
  ...'1 .5 2. 1e3 1.5E-1 0 ( ) + - * / ** 1e999 __proto__ ß , clip( minimum('.split(' '),
  ...[' ', '\n', '\u00a0', '\ud83d'],
];

function sum(dice: Dice, depth: number): string {
  if (depth === 0 || dice.once(4)) return dice.pick([...NAMES, '1', '.5', '2.5e2', '3.']);
  const inner = () => sum(dice, depth - 1);
  switch (dice.below(6)) {
    case 0:
      return `(${inner()})`;
    case 1:
      return `${dice.pick(['-', '+'])}${inner()}`;
    case 2: {
      const called = dice.pick(FUNCTIONS);
      return `${called}(${Array.from({ length: CALLS[called] }, inner).join(dice.pick([',', ' , ']))})`;
    }
    default:
      return `${inner()}${dice.pick(['+', ' - ', '*', ' /', '\t/ ', '**'])}${inner()}`;
  }
}

/** Band expressions: sound ones, ones with a few bytes damaged, and a soup of their words. */
export const expression: Target = {
  name: 'expression',
  limits: { share: 100, refuses: ['InvalidModelPackage'], bytesPerByte: 400 },
  make: (dice) => {
    const encode = (text: string) => new TextEncoder().encode(text);
    switch (dice.below(5)) {
      case 0:
        return encode(Array.from({ length: dice.below(30) }, () => dice.pick(WORDS)).join(dice.pick(['', ' '])));
      case 1: {
        const [open, close] = dice.pick([
          ['(', ')'],
          ['-', ''],
          ['+(', ')'],
          ['1+(', ')'],
          ['1-', ''],
        ] as const);
        const depth = dice.pick([MAX_EXPRESSION_NESTING, MAX_EXPRESSION_NESTING + 1, dice.below(400), 60_000]);
        return encode(`${open.repeat(depth)}A${close.repeat(depth)}`);
      }
      case 2:
        return damage(encode(sum(dice, 4)), dice);
      default:
        return encode(sum(dice, dice.pick([2, 4, 6])));
    }
  },
  read: (bytes) => {
    const text = new TextDecoder().decode(bytes);
    const plan = parseExpression(text, NAMES);
    assert.ok(text.length <= MAX_EXPRESSION_LENGTH);
    const planes = Object.values(BANDS).map((value) => Float64Array.of(value, value));
    const values = makeEvaluator(plan, 2)(planes);
    if (text.includes('**')) return; // JavaScript has other rules for signs beside it, and for NaN
    const expected = evaluated(text);
    assert.ok(
      Object.is(values[0], expected) && Object.is(values[1], expected),
      `${text} is ${values[0]}, not ${expected}`,
    );
  },
};

/** JavaScript reads a sound expression as we do, if blanks stand between its words. */
function evaluated(text: string): number {
  const tokens = text.match(/(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[A-Za-z_]\w*|[-+*/(),]/g) ?? [];
  const words = tokens.map((token) => (/^[\d.]/.test(token) ? String(Number(token)) : token)); // 010 is no octal
  const { min, max, abs, sqrt, log, log10, exp } = Math;
  const clip = (value: number, low: number, high: number) => min(max(value, low), high);
  const known = { ...BANDS, clip, min, max, minimum: min, maximum: max, abs, sqrt, log, log10, exp };
  return new Function(...Object.keys(known), `return ${words.join(' ')}`)(...Object.values(known));
}
