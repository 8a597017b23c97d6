import { findPolygon } from '../arrays/findPolygon.ts';
import type { Values } from '../package/carry.ts';
import { type Chip, type ModelPackage, windowOf } from '../package/package.ts';
import type { Summed } from '../package/task.ts';
import { bySegment } from '../tasks/segmentSums.ts';
import { centreOf, encodeFootprint, GEOMETRY, pointsOf } from './geometry.ts';

/** Sums chips by segment: `sumOf` sums those at some places of the columns. Nothing for packages without segments of chips. */
export const segmentSums = (columns: Values, model: ModelPackage, sumOf: (places: number[]) => Summed) =>
  bySegment(model, (by, { values }) => {
    const names = segmentNames(columns, by, model);
    const places = Map.groupBy(names.keys(), (place) => names[place]);
    return values.flatMap((name) => (places.has(name) ? [[name, sumOf(places.get(name)!)]] : []));
  });

/**
 * Returns each chip's value of a name of the package's `swath:segments`, listed or not: of its feature, or of the polygon in which the centre of its
 * geometry lies; undefined without a geometry, or outside of all polygons.
 */
export function segmentNames(columns: Values, by: string, { chipSegments, covers }: ModelPackage) {
  const of = chipSegments![by]!;
  if ('column' in of) return Array.from(columns[of.column]!, (value) => String(value ?? ''));
  const places = Array.from(columns[GEOMETRY] as ArrayLike<Uint8Array | null>);
  const { names, polygons } = covers![by]!;
  return places.map((place) => (place === null ? undefined : names[findPolygon(polygons, ...centreOf(place))]));
}

/** Returns the columns of one chip's prediction by which its segments are told. */
export function columnsOfChip({ place, carried = [] }: Chip, { carry = [] }: ModelPackage): Values {
  const features = carry.map((one, i) => ({ ...one, values: [carried[i] ?? null] }));
  const footprint = windowOf(place)?.footprint;
  const geometry = footprint ? encodeFootprint(footprint) : pointsOf(features)(0);
  return { [GEOMETRY]: [geometry], ...Object.fromEntries(features.map(({ name, values }) => [name, values])) };
}
