import { InvalidModelPackage, listed } from '../base/errors.ts';
import { MAX_EXPRESSION_LENGTH, MAX_EXPRESSION_NESTING } from '../base/limits.ts';
import { mapped } from '../base/mapped.ts';
import type { Plane } from './dataTypes.ts';

type Operator = '+' | '-' | '*' | '/';

const UNARY = { abs: Math.abs, sqrt: Math.sqrt, log: Math.log, log10: Math.log10, exp: Math.exp } as const;
type FunctionName = 'min' | 'max' | 'clip' | keyof typeof UNARY;
const FUNCTIONS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  ...{ min: [2, Infinity], max: [2, Infinity], clip: [3, 3] },
  ...mapped(UNARY, () => [1, 1] as const),
};
/** Their NumPy names, which gdal_calc's expressions use, also as numpy.minimum or np.minimum. */
const NUMPY: Readonly<Record<string, FunctionName>> = { minimum: 'min', maximum: 'max' };
type Operation = Operator | '**' | Exclude<FunctionName, 'clip'>;

/** How to compute a derived band, as plain data. Functions of one argument have no `right`. */
export type Plan =
  | { readonly band: number }
  | { readonly constant: number }
  | { readonly operator: Operation; readonly left: Plan; readonly right?: Plan };

/**
 * Parses arithmetic over band names: decimal numbers, names in `bandNames`, `+ - * / **`, signs and parentheses, with
 * Python's precedence and associativity, and the functions `min(a, b, …)`, `max(a, b, …)`, `clip(a, low, high)`,
 * `abs(a)`, `sqrt(a)`, `log(a)` (natural), `log10(a)` and `exp(a)`. Anything else is rejected, and nothing is ever run as code.
 * @param bandOf the number of a named band; by default, its place among the names
 * @throws {InvalidModelPackage} with the position of the character (the first is 1), what was found and what is allowed
 */
export function parseExpression(
  text: string,
  bandNames: readonly string[],
  bandOf: (name: string) => number = (name) => bandNames.indexOf(name),
): Plan {
  if (text.length > MAX_EXPRESSION_LENGTH)
    throw new InvalidModelPackage(
      `expression: found ${text.length} characters, allowed are at most ${MAX_EXPRESSION_LENGTH}`,
    );
  const tokens = tokenize(text);
  let next = 0;
  let nesting = 0;

  const fail = (allowed: string): never => {
    const { kind, text, at } = tokens[next]!;
    const found = kind === 'end' ? 'the end' : JSON.stringify(text);
    throw new InvalidModelPackage(`expression, character ${at}: found ${found}, allowed is ${allowed}`);
  };

  const accept = <Sign extends string>(...signs: readonly Sign[]): Sign | undefined => {
    const { kind, text } = tokens[next]!;
    const found = kind === 'symbol' ? signs.find((sign) => sign === text) : undefined;
    if (found !== undefined) next++;
    return found;
  };

  const deeper = (read: () => Plan): Plan => {
    if (++nesting > MAX_EXPRESSION_NESTING) fail(`nesting at most ${MAX_EXPRESSION_NESTING} deep`);
    const tree = read();
    nesting--;
    return tree;
  };

  const leftToRight = (operators: readonly Operator[], operand: () => Plan): Plan => {
    let tree = operand();
    for (;;) {
      const operator = accept(...operators);
      if (operator === undefined) return tree;
      tree = { operator, left: tree, right: operand() };
    }
  };
  const sum = (): Plan => leftToRight(['+', '-'], product);
  const product = (): Plan => leftToRight(['*', '/'], signed);

  const signed = (): Plan => {
    if (accept('+')) return deeper(signed);
    // Times -1 rather than 0 minus: the sign of a zero decides between the two infinities.
    if (accept('-')) return { operator: '*', left: { constant: -1 }, right: deeper(signed) };
    const left = operand();
    return accept('**') ? { operator: '**', left, right: deeper(signed) } : left;
  };

  const operand = (): Plan => {
    if (tokens[next]!.kind === 'name' && tokens[next + 1]!.text === '(') return call();
    if (!accept('(')) return leaf();
    const tree = deeper(sum);
    if (!accept(')')) fail('an operator (+ - * / **) or ")"');
    return tree;
  };

  const call = (): Plan => {
    const text = tokens[next]!.text.replace(/^(np|numpy)\./, '');
    const name = Object.hasOwn(NUMPY, text) ? NUMPY[text]! : text;
    if (!isFunction(name))
      return fail(`a function (${Object.keys(FUNCTIONS).join(', ')}), a number, a band, a sign or "("`);
    const [least, most] = FUNCTIONS[name]!;
    next += 2;
    const args = [deeper(sum)];
    while (args.length < most && accept(',')) args.push(deeper(sum));
    if (args.length < least) fail(`an operator (+ - * / **) or ",": ${name} takes ${least} arguments`);
    if (!accept(')')) fail('an operator (+ - * / **) or ")"');
    return called(name, args);
  };

  const leaf = (): Plan => {
    const { kind, text } = tokens[next]!;
    const constant = Number(text);
    if (kind === 'number' && !Number.isFinite(constant)) fail('a number below 1.8e308');
    if (kind !== 'number' && (kind !== 'name' || !bandNames.includes(text)))
      fail(`a number, a band (${listed(bandNames)}), a sign or "("`);
    next++;
    return kind === 'number' ? { constant } : { band: bandOf(text) };
  };

  const tree = sum();
  if (tokens[next]!.kind !== 'end') fail('an operator (+ - * / **) or the end');
  return tree;
}

/** Compiles a plan for planes of `length` values, in float64 by IEEE rules; the next call overwrites the result. */
export function makeEvaluator(plan: Plan, length: number): (planes: readonly Plane[]) => Float64Array {
  const bands = new Map<number, Float64Array>();
  const own: Float64Array[] = [];
  const steps: (() => void)[] = [];

  // An operation's left side stays in the plane of its depth while the right side is computed in deeper ones.
  function place(node: Plan, depth: number): Float64Array {
    if ('constant' in node) return Float64Array.of(node.constant);
    if ('band' in node) {
      const copy = bands.get(node.band) ?? new Float64Array(length);
      bands.set(node.band, copy);
      return copy;
    }
    const left = place(node.left, depth);
    const right = node.right === undefined ? left : place(node.right, own.includes(left) ? depth + 1 : depth);
    own[depth] ??= new Float64Array(length);
    const to = own[depth];
    steps.push(() => compute(node.operator, left, right, to));
    return to;
  }

  const result = place(plan, 0);
  return (planes) => {
    for (const [band, copy] of bands) copy.set(planes[band]!);
    for (const step of steps) step();
    return result.length === length ? result : new Float64Array(length).fill(result[0]!);
  };
}

function compute(operator: Operation, left: Float64Array, right: Float64Array, to: Float64Array): void {
  // A constant is an array of one value: masking its index to 0 lets one loop serve planes and constants.
  const l = left.length === 1 ? 0 : -1;
  const r = right.length === 1 ? 0 : -1;
  const n = to.length;
  if (operator === '+') for (let i = 0; i < n; i++) to[i] = left[i & l]! + right[i & r]!;
  else if (operator === '-') for (let i = 0; i < n; i++) to[i] = left[i & l]! - right[i & r]!;
  else if (operator === '*') for (let i = 0; i < n; i++) to[i] = left[i & l]! * right[i & r]!;
  else if (operator === '/') for (let i = 0; i < n; i++) to[i] = left[i & l]! / right[i & r]!;
  else if (operator === '**') for (let i = 0; i < n; i++) to[i] = power(left[i & l]!, right[i & r]!);
  else if (operator === 'min') for (let i = 0; i < n; i++) to[i] = Math.min(left[i & l]!, right[i & r]!);
  else if (operator === 'max') for (let i = 0; i < n; i++) to[i] = Math.max(left[i & l]!, right[i & r]!);
  else {
    const of = UNARY[operator];
    for (let i = 0; i < n; i++) to[i] = of(left[i & l]!);
  }
}

/** A missing value to the power of 0 stays missing. */
const power = (base: number, exponent: number): number => (Number.isNaN(base) ? base : base ** exponent);

type Token = { kind: 'number' | 'name' | 'symbol' | 'end'; text: string; at: number };

const TOKEN = /\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|((?:(?:np|numpy)\.)?[A-Za-z_][A-Za-z0-9_]*)|(\*\*|\S))/guy;

function tokenize(text: string): Token[] {
  const tokens = Array.from(text.matchAll(TOKEN), (match): Token => {
    const [all, number, name, symbol = ''] = match;
    const token = number ?? name ?? symbol;
    const kind = number === undefined ? (name === undefined ? 'symbol' : 'name') : 'number';
    return { kind, text: token, at: match.index + all.length - token.length + 1 };
  });
  return [...tokens, { kind: 'end', text: '', at: text.length + 1 }];
}

const isFunction = (name: string): name is FunctionName => Object.hasOwn(FUNCTIONS, name);

function called(name: FunctionName, [first, ...more]: readonly Plan[]): Plan {
  if (name === 'clip') return called('min', [called('max', [first!, more[0]!]), more[1]!]);
  if (name !== 'min' && name !== 'max') return { operator: name, left: first! };
  return more.reduce((left, right): Plan => ({ operator: name, left, right }), first!);
}
