import fc from 'fast-check';
import type { Dice } from '../dice.ts';
import { damage } from './bytes.ts';

/**
 * Damage to JSON: mostly one that leaves it JSON, so that it is the schema's turn, and sometimes one to its text. What JSON
 * can say and no program says (a name twice, 1e999, half of a surrogate pair, a hundred thousand brackets) is put in as text.
 */
export function damageJson(json: unknown, dice: Dice): Uint8Array {
  let value = json;
  const times = 1 + dice.below(3);
  for (let i = 0; i < times; i++) value = changed(value, dice);
  let text = JSON.stringify(value) ?? 'null';
  for (const [mark, raw] of RAW)
    if (text.includes(mark))
      text = raw.length > 100 ? text.replace(`"${mark}"`, raw) : text.replaceAll(`"${mark}"`, raw);
  if (dice.once(8)) text = twice(text, dice);
  const bytes = new TextEncoder().encode(text);
  return dice.once(6) ? damage(bytes, dice) : bytes;
}

/** Texts that are put into a value, and what then stands there in the file. */
const RAW: readonly [mark: string, raw: string][] = [
  ['raw:infinite', '1e999'],
  ['raw:minus', '-1e999'],
  ['raw:NaN', 'NaN'],
  ['raw:surrogate', '"\\ud800"'],
  ['raw:deep', `${'['.repeat(60_000)}${']'.repeat(60_000)}`],
  ['raw:deepObject', `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`],
  ['raw:long', `"${'a'.repeat(100_000)}"`],
  ['raw:spaces', `"${' '.repeat(50_000)}x"`],
  ['raw:many', `[${'1,'.repeat(50_000)}1]`],
  ['raw:manyObjects', `[${'{"name":"a","value":1,"data_type":"uint8"},'.repeat(5000)}{}]`],
  ['raw:manyNames', `[${Array.from({ length: 20_000 }, (_, i) => `"b${i}"`).join()}]`],
  ['raw:manyKeys', `{${Array.from({ length: 20_000 }, (_, i) => `"k${i}":1`).join()}}`],
];

const STRANGE: readonly unknown[] = [
  ...RAW.slice(0, 4).map(([mark]) => mark),
  ...[null, true, 0, -0, -1, 0.5, 256, 2 ** 31, 2 ** 53 + 2, 1e300, '', ' ', 'a', [], {}, [[]], [null], { type: null }],
  ...'../../etc/passwd /etc/passwd __proto__ constructor toString hasOwnProperty <script>alert(1)</script> =cmd()'.split(
    ' ',
  ),
  ...['model.onnx\u0000', '\u202egnp.exe', '\ufeff', 'é'.repeat(600)],
];

/** Large ones, which cost time: one input in some hundreds has one. */
const LARGE = RAW.slice(4).map(([mark]) => mark);

/** Any JSON at all, drawn once: drawing each anew would take most of the time. */
const ANY = fc.sample(fc.jsonValue({ maxDepth: 4 }), { seed: 1, numRuns: 300 });

const KEYS = ['', ...'__proto__ constructor prototype toString length type name value 0 classes'.split(' ')];

function changed(value: unknown, dice: Dice): unknown {
  if (typeof value !== 'object' || value === null || dice.once(12)) return strange(dice);
  const keys = Object.keys(value);
  const key = keys.length === 0 || dice.once(10) ? dice.pick(KEYS) : dice.pick(keys);
  const copy = Array.isArray(value) ? [...value] : copyOf(value);
  switch (dice.below(10)) {
    case 0:
      if (Array.isArray(copy)) copy.splice(Number(key) || 0, 1);
      else delete copy[key];
      return copy;
    case 1:
      if (Array.isArray(copy)) return repeated(copy, dice.once(20) ? 3000 : 2 * copy.length);
      return put(copy, dice.pick(KEYS), keys.length === 0 ? 1 : Reflect.get(copy, dice.pick(keys)));
    case 2:
      return put(copy, key, strange(dice));
    default:
      return put(copy, key, changed(Object.hasOwn(value, key) ? Reflect.get(value, key) : null, dice));
  }
}

/** More than so many characters, a list is not made to have: repeated within one that was, it would be longer than a text can be. */
const MOST_CHARACTERS = 2 ** 24;

/** Its items over and over, until there are so many. */
function repeated(items: readonly unknown[], count: number): unknown[] {
  if (items.length === 0) return [];
  const times = Math.ceil(count / items.length);
  if (JSON.stringify(items).length * times > MOST_CHARACTERS) return [...items];
  return Array(times).fill(items).flat().slice(0, count);
}

function strange(dice: Dice): unknown {
  if (dice.once(60)) return dice.pick(LARGE);
  return dice.pick(dice.once(3) ? ANY : STRANGE);
}

/** Its own names only, `__proto__` among them. */
function copyOf(value: object): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) put(copy, key, Reflect.get(value, key));
  return copy;
}

function put<Container extends object>(container: Container, key: string, value: unknown): Container {
  if (Array.isArray(container) && !/^\d+$/.test(key)) return container;
  Object.defineProperty(container, key, { value, enumerable: true, configurable: true, writable: true });
  return container;
}

/** A name of the text, once more with another value. */
function twice(text: string, dice: Dice): string {
  const names = [...text.slice(0, 5000).matchAll(/[{,]("[^"\\]*":)/g)];
  if (names.length === 0) return text;
  const { 0: found, 1: name, index } = dice.pick(names);
  const at = index + found.length - name!.length;
  return `${text.slice(0, at)}${name}${dice.pick(['null', '1', '[]', '{}', '"x"'])},${text.slice(at)}`;
}
