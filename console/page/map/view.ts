import type { MapRun } from '../../api.ts';

/** A piece of the map: its middle, and how wide it is, in units of the map. */
export type View = { x: number; y: number; width: number };

/** The map is so much wider than high. */
export const ASPECT = 1.6;

/** Fewer degrees are not shown: no coast is drawn finer. */
const LEAST_WIDTH = 0.02;
/** Of degrees; about a country: so much of the coast tells where one is. */
const CONTEXT = 8;

/** All of the earth, on a map whose degrees of longitude are so much shorter. */
export const worldView = (squeeze: number): View => ({ x: 0, y: 0, width: Math.max(360 * squeeze, 180 * ASPECT) });

/** How much shorter a degree of longitude is than one of latitude where the runs are: shapes there look as they are. */
export function squeezeOf(runs: readonly Pick<MapRun, 'bbox'>[]): number {
  const { south, north } = spanOf(runs);
  return Math.max(0.2, Math.cos((((south + north) / 2) * Math.PI) / 180));
}

/** The piece of the map on which all runs are; all of the earth where there is none. */
export function fittingView(runs: readonly Pick<MapRun, 'bbox'>[], squeeze: number): View {
  if (runs.length === 0) return worldView(squeeze);
  const { west, south, east, north } = spanOf(runs);
  const wide = Math.max((east - west) * squeeze, (north - south) * ASPECT);
  return limited(
    { x: ((west + east) / 2) * squeeze, y: -(south + north) / 2, width: Math.max(CONTEXT * squeeze, wide * 1.3) },
    squeeze,
  );
}

/** What crosses the antimeridian is on both of its sides. */
function spanOf(runs: readonly Pick<MapRun, 'bbox'>[]) {
  let [west, south, east, north] = [180, 90, -180, -90];
  for (const { bbox } of runs) {
    const [left, bottom, right, top] = bbox;
    const crosses = left > right;
    west = Math.min(west, crosses ? -180 : left);
    east = Math.max(east, crosses ? 180 : right);
    south = Math.min(south, bottom);
    north = Math.max(north, top);
  }
  return { west, south, east, north };
}

/** Neither beyond the earth nor without anything on it. */
export const limited = ({ x, y, width }: View, squeeze: number): View => ({
  width: Math.min(worldView(squeeze).width, Math.max(LEAST_WIDTH, width)),
  x: Math.min(180 * squeeze, Math.max(-180 * squeeze, x)),
  y: Math.min(90, Math.max(-90, y)),
});

export const boxOf = ({ x, y, width }: View): string =>
  [x - width / 2, y - width / ASPECT / 2, width, width / ASPECT].join(' ');

/** The outline of an area as a path of SVG, moved some degrees to the east. */
export const outlineOf = (rings: MapRun['rings'], squeeze: number, east = 0): string =>
  rings.map((ring) => `M${ring.map(([lon, lat]) => `${(lon + east) * squeeze},${-lat}`).join('L')}z`).join('');

/** Degrees between lines of a grid, of which a few are in the view. */
export const gridStep = (width: number): number =>
  [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30].find((step) => width / step <= 7) ?? 30;
