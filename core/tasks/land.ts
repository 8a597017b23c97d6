import * as z from 'zod';

/** The land that each chip counts for; of predictions with a place. */
export type Land = { readonly hectares?: ArrayLike<number | null> };

export const landFields = {
  /** The land of each class, of chips whose place is known; absent if none is. */
  hectares: z.array(z.number().min(0)).optional(),
  /** How many chips these are. */
  placed: z.int().min(0).optional(),
};
type Counted = { counts: readonly number[]; hectares?: number[] | undefined; placed?: number | undefined };

/** Adds a chip's land, if it is known, to that of its classes, each of which has a share of it. */
export function addLand(sum: Counted, land: number | null | undefined, shares: readonly (readonly [number, number])[]) {
  if (typeof land !== 'number') return;
  sum.hectares ??= sum.counts.map(() => 0);
  sum.placed = (sum.placed ?? 0) + 1;
  for (const [place, share] of shares) sum.hectares[place]! += land * share;
}
