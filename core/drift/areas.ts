import type { LedgerRow } from '../ledger/ledgerRow.ts';
import type { ModelPackage } from '../package/package.ts';
import type { Outline } from '../scenes/raster/outline.ts';
import { type AreaShare, stratifiedAreas } from '../statistics/stratifiedAreas.ts';
import { total } from '../tasks/confusion.ts';
import { shownOf } from '../tasks/shownRegistry.ts';
import { sumOf } from './segments.ts';
import type { Totals } from './totals.ts';
import { sharesOf } from './window.ts';

/** A class's area in hectares: as mapped, and as corrected by the chips whose truth is known, with its 95 % interval; null if none is. */
export type ClassArea = {
  name: string;
  mapped: number;
  corrected: { area: number; interval: [number, number] } | null;
};
/** The classified area of some files; `placeless` is how many were left out, because they have no place on earth. */
export type Areas = { hectares: number; files: number; placeless: number; known: number; classes: ClassArea[] };

/**
 * Returns the area of each predicted class over the rasters of some runs, in hectares. A chip counts with its share of its raster's area on the
 * ellipsoid. Counting pixels is biased where a model confuses classes, so the areas are corrected by the confusion of `labelled` runs.
 *
 * @param labelled the runs whose known truth tells how the classes are confused; they may be others than those whose area is asked for
 */
export function areasOf(rows: readonly LedgerRow[], labelled: readonly LedgerRow[], model: ModelPackage): Areas {
  const names = sharesOf(sumOf([], model), model).map(({ name }) => name);
  const mapped = names.map(() => 0);
  const placed = rows.filter(({ raster, chips = 0 }) => raster?.outline !== undefined && chips > 0);
  for (const row of placed) {
    const perChip = hectaresOf(row.raster!.outline!.geometry) / row.chips!;
    for (const [i, { count }] of sharesOf(sumOf([row], model), model).entries()) mapped[i]! += perChip * count;
  }
  const hectares = mapped.reduce((sum, area) => sum + area, 0);
  const known = hectares > 0 ? knownCounts(sumOf(labelled, model), model, names) : null;
  const shares = mapped.map((area) => area / hectares);
  const found: readonly (AreaShare | undefined)[] = known === null ? [] : stratifiedAreas(shares, known);
  const placeless = rows.length - placed.length;
  const classes = names.map((name, i) => ({ name, mapped: mapped[i]!, corrected: inHectares(found[i], hectares) }));
  return { hectares, files: placed.length, placeless, known: total(known?.flat() ?? []), classes };
}

/** Returns how many chips of each predicted class (row) truly are of each class (column); null if that is not known of any. */
export function knownCounts(sum: Totals, model: ModelPackage, names: readonly string[]): number[][] | null {
  const { confusion = [] } = shownOf(model).accuracy(sum, model) ?? {};
  if (confusion.length === 0) return null;
  const counts = names.map(() => names.map(() => 0));
  for (const { truth, predicted, count } of confusion) counts[names.indexOf(predicted)]![names.indexOf(truth)] = count;
  return counts;
}

function inHectares(found: AreaShare | undefined, all: number): ClassArea['corrected'] {
  if (found === undefined) return null;
  const [low, high] = found.interval;
  return { area: found.share * all, interval: [low * all, high * all] };
}

/** WGS84. */
const [MAJOR_METRES, ECCENTRICITY] = [6_378_137, 0.081_819_190_842_621_49];
const SQUARE_METRES_PER_HECTARE = 10_000;

/**
 * Returns the area of polygons in longitude and latitude on the ellipsoid, in hectares: in Lambert's cylindrical equal-area projection (J. P. Snyder, *Map
 * Projections: A Working Manual*, USGS 1395 (1987), 10), with straight sides there.
 */
export function hectaresOf({ type, coordinates }: Outline['geometry']): number {
  const polygons = type === 'Polygon' ? [coordinates] : coordinates;
  let area = 0;
  for (const rings of polygons)
    for (const [place, ring] of rings.entries()) area += (place === 0 ? 1 : -1) * Math.abs(areaWithin(ring));
  return area / SQUARE_METRES_PER_HECTARE;
}

function areaWithin(ring: readonly (readonly number[])[]): number {
  const points = ring.map(([longitude, latitude]) => ({
    x: MAJOR_METRES * radians(longitude!),
    y: (MAJOR_METRES * authalic(Math.sin(radians(latitude!)))) / 2,
  }));
  return points.reduce((sum, { x, y }, i) => {
    const next = points[(i + 1) % points.length]!;
    return sum + (x * next.y - next.x * y) / 2;
  }, 0);
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Snyder's q (3-12). */
function authalic(sine: number): number {
  const e = ECCENTRICITY;
  return (1 - e ** 2) * (sine / (1 - (e * sine) ** 2) + Math.atanh(e * sine) / e);
}
