import type * as z from 'zod';
import { added } from '../base/added.ts';

/** Makes the function that adds two sums: the fields of their schema. */
export function adding<Sum extends z.ZodObject>({ shape }: Sum): (a: z.infer<Sum>, b: z.infer<Sum>) => z.infer<Sum> {
  const names = Object.keys(shape);
  return (a, b) => {
    const present = names.filter((name) => a[name] !== undefined || b[name] !== undefined);
    return Object.fromEntries(present.map((name) => [name, added(a[name], b[name])])) as z.infer<Sum>;
  };
}
