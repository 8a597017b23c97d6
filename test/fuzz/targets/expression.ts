import assert from 'node:assert/strict';
import { makeEvaluator, parseExpression } from '../../../core/arrays/expression.ts';
import { MAX_EXPRESSION_LENGTH, MAX_EXPRESSION_NESTING } from '../../../core/base/limits.ts';
import type { Dice } from '../dice.ts';
import { damage } from '../mutate/bytes.ts';
import type { Target } from '../target.ts';

const BANDS = { A: 7, B: 0, B8A: -3.5, _c: 255, constructor: 2, e1: 1e-7 };
const NAMES = Object.keys(BANDS);
/** With how many arguments each is called here. */
const CALLS = { min: 2, max: 3, clip: 3, abs: 1, sqrt: 1, log: 1, exp: 1 } as const;
const FUNCTIONS = Object.keys(CALLS) as (keyof typeof CALLS)[];
const WORDS = [
  ...NAMES,
  '1',
  '.5',
  '2.',
  '1e3',
  '1.5E-1',
  '0',
  '(',
  ')',
  '+',
  '-',
  '*',
  '/',
  ' ',
  '\n',
  '\u00a0',
  '1e999',
  '__proto__',
  'ß',
  ',',
  ...FUNCTIONS,
  'clip(',
  'minimum(',
  '\ud83d',
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
      return `${inner()}${dice.pick(['+', ' - ', '*', ' /', '\t/ '])}${inner()}`;
  }
}

/** Band expressions: sound ones, ones with a few bytes damaged, and a soup of their words. */
export const expression: Target = {
  name: 'expression',
  share: 100,
  refuses: ['InvalidModelPackage'],
  bytesPerByte: 400,
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
    assert.ok(plan.registers <= NAMES.length + text.length, `${plan.registers} planes`);
    const planes = Object.values(BANDS).map((value) => Float64Array.of(value, value));
    const values = makeEvaluator(plan, 2)(planes);
    const expected = evaluated(text);
    assert.ok(
      Object.is(values[0], expected) && Object.is(values[1], expected),
      `${text} is ${values[0]}, not ${expected}`,
    );
  },
};

/** The slow, obvious reading, from right to left of the rule: the last sum, the last product, the sign, the parenthesis. */
function evaluated(text: string): number {
  const tokens = text.match(/(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[A-Za-z_]\w*|[-+*/(),]/g) ?? [];
  return of(tokens);
}

function of(tokens: string[]): number {
  const sumAt = lastOperator(tokens, ['+', '-']);
  if (sumAt > 0) {
    const [left, right] = [of(tokens.slice(0, sumAt)), of(tokens.slice(sumAt + 1))];
    return tokens[sumAt] === '+' ? left + right : left - right;
  }
  const productAt = lastOperator(tokens, ['*', '/']);
  if (productAt > 0) {
    const [left, right] = [of(tokens.slice(0, productAt)), of(tokens.slice(productAt + 1))];
    return tokens[productAt] === '*' ? left * right : left / right;
  }
  const [first = ''] = tokens;
  if (first === '+') return of(tokens.slice(1));
  if (first === '-') return of(tokens.slice(1)) * -1;
  if (first === '(') return of(tokens.slice(1, -1));
  if (tokens[1] === '(') return called(first, argumentsOf(tokens.slice(2, -1)).map(of));
  return first in BANDS && Object.hasOwn(BANDS, first) ? BANDS[first as keyof typeof BANDS] : Number(first);
}

function called(name: string, values: readonly number[]): number {
  const [a = Number.NaN, low = Number.NaN, high = Number.NaN] = values;
  if (name === 'clip') return Math.min(Math.max(a, low), high);
  if (name === 'min' || name === 'minimum') return Math.min(...values);
  if (name === 'max' || name === 'maximum') return Math.max(...values);
  return Math[name as 'abs' | 'sqrt' | 'log' | 'exp'](a);
}

/** What stands between the commas outside of parentheses. */
function argumentsOf(tokens: readonly string[]): string[][] {
  const found: string[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token === '(') depth++;
    if (token === ')') depth--;
    if (token === ',' && depth === 0) found.push([]);
    else found.at(-1)!.push(token);
  }
  return found;
}

/** The last of these outside of parentheses that stands between two operands; a sign follows an operator, or nothing. */
function lastOperator(tokens: string[], operators: string[]): number {
  let depth = 0;
  for (let at = tokens.length - 1; at > 0; at--) {
    const token = tokens[at]!;
    if (token === ')') depth++;
    else if (token === '(') depth--;
    else if (depth === 0 && operators.includes(token) && !['+', '-', '*', '/', '('].includes(tokens[at - 1]!))
      return at;
  }
  return -1;
}
