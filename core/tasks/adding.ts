import type * as z from 'zod';

/**
 * Makes the function that adds two sums: the fields of their schema, numbers one by one and lists of numbers place by place.
 * What only one of them has is taken from it; so is a text, which is the same in both.
 */
export function adding<Sum extends z.ZodObject>({ shape }: Sum): (a: z.infer<Sum>, b: z.infer<Sum>) => z.infer<Sum> {
  const names = Object.keys(shape);
  return (a, b) => {
    const present = names.filter((name) => a[name] !== undefined || b[name] !== undefined);
    return Object.fromEntries(present.map((name) => [name, added(a[name], b[name])])) as z.infer<Sum>;
  };
}

function added(a: unknown, b: unknown): unknown {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (Array.isArray(a) && Array.isArray(b))
    return Array.from({ length: Math.max(a.length, b.length) }, (_, place) => added(a[place], b[place]));
  if (!isObject(a) || !isObject(b)) return a ?? b;
  return Object.fromEntries(Object.keys({ ...a, ...b }).map((name) => [name, added(a[name], b[name])]));
}

const isObject = (sum: unknown): sum is Readonly<Record<string, unknown>> => typeof sum === 'object' && sum !== null;
