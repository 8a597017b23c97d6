/**
 * Adds two sums: numbers, lists of numbers place by place, and objects name by name. What only one of them has is taken from it;
 * so is a text, which is the same in both.
 */
export function added<Sum>(a: Sum, b: Sum): Sum;
export function added(a: unknown, b: unknown): unknown {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (Array.isArray(a) && Array.isArray(b))
    return Array.from({ length: Math.max(a.length, b.length) }, (_, place) => added(a[place], b[place]));
  if (!isObject(a) || !isObject(b)) return a ?? b;
  return Object.fromEntries(Object.keys({ ...a, ...b }).map((name) => [name, added(a[name], b[name])]));
}

/** Returns the same sums, whole numbers as they are and others with seven significant digits, for where they are stored. */
export const sevenDigits = <Sum>(sum: Sum): Sum =>
  JSON.parse(JSON.stringify(sum), (_, value) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(7)) : value,
  );

const isObject = (sum: unknown): sum is Readonly<Record<string, unknown>> => typeof sum === 'object' && sum !== null;
