import type { Feed } from '../../core/feeds/feed.ts';
import type { FeedItem } from '../../core/feeds/feedItem.ts';
import { polygonsOf } from '../../core/feeds/overlaps.ts';
import { hectaresWithin } from '../../core/scenes/raster/hectaresWithin.ts';

/** Returns the square kilometres of a scene that a feed reads: at most those of its area. */
export function groundOf({ geometry }: Pick<FeedItem, 'geometry'>, area: Feed['area']): number {
  const most = area ? squareKilometres(polygonsOf(area)) : Number.POSITIVE_INFINITY;
  return Math.min(most, squareKilometres(polygonsOf(geometry ?? {})));
}

const squareKilometres = (polygons: readonly (readonly number[][])[]): number =>
  polygons.reduce((sum, [outer = []]) => sum + hectaresWithin(Float64Array.from(outer)) / 100, 0);

/** Returns what the runs of scenes cost on AWS, in dollars, by a model of pixels of the size of the bundled one. */
export const dollarsOf = (scenes: number, km2: number): number =>
  scenes * DOLLARS_A_RUN + (km2 / 1000) * DOLLARS_A_THOUSAND_KM2;

/** An execution's transitions and rows; of pixels of 10 m, those, the objects and functions' time of their parts. */
const [DOLLARS_A_RUN, DOLLARS_A_THOUSAND_KM2] = [0.0003, 0.0008];
