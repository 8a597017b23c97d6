import * as z from 'zod';

/** The land that each chip counts for; of predictions with a place. */
export type Land = { readonly hectares?: ArrayLike<number | null> };

export const hectaresSchema = z.array(z.number().min(0)).optional();
type Counted = { counts: readonly number[]; hectares?: number[] | undefined };

/** Adds a chip's land, if it is known, to that of its class. */
export function addLand(sum: Counted, place: number, land: number | null | undefined): void {
  if (typeof land !== 'number') return;
  sum.hectares ??= sum.counts.map(() => 0);
  sum.hectares[place]! += land;
}
