import type { ModelPackage } from './package.ts';

/** A reference of a draft: nothing is known yet of what the model usually predicts. */
export const PROVISIONAL = { provisional: true } as const;

export function isProvisional(reference: unknown): boolean {
  return Object(reference).provisional === true;
}

/** Returns what a provisional reference stands for: each class as often as any other, or one bin of values. */
export function provisionalReference({ classes }: Pick<ModelPackage, 'classes'>): object {
  if (classes.length === 0) return { bins: { edges: [0, 1], counts: [1] } };
  return { classes: Object.fromEntries(classes.map(({ name }) => [name, 1])), chips: classes.length };
}
