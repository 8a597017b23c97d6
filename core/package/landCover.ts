import * as z from 'zod';
import { polygonTree } from '../arrays/findPolygon.ts';
import { listed } from '../base/errors.ts';
import { MAX_POLYGONS_BYTES } from '../base/limits.ts';
import { crs84, type Position, polygonsWithin } from './areaOfInterest.ts';
import type { ChipSegments, Cover, ItemFacts } from './facts.ts';
import { type ReadPackageFile, readJson } from './packageFile.ts';
import { checked, openObject, parseAs } from './problems.ts';

const feature = openObject('a feature with "properties" and a "geometry"', {
  properties: z.record(z.string(), z.unknown(), 'an object').nullable(),
  geometry: polygonsWithin(180),
});

const collection = openObject('a FeatureCollection of GeoJSON', {
  type: z.literal('FeatureCollection', '"FeatureCollection"'),
  crs: crs84,
  features: z.array(feature, 'a list of features'),
});

/** The names of the package's files of polygons. */
export const polygonFiles = ({ chipSegments = {} }: Pick<ItemFacts, 'chipSegments'>): string[] =>
  Object.values(chipSegments).flatMap((of) => ('polygons' in of ? of.polygons : []));

/** Reads the files of polygons (RFC 7946) of `swath:segments`. Throws `InvalidModelPackage` with all problems. */
export async function readCovers(readFile: ReadPackageFile, { chipSegments = {} }: Pick<ItemFacts, 'chipSegments'>) {
  const covers: Record<string, Cover> = {};
  for (const [by, of] of Object.entries(chipSegments))
    if ('polygons' in of) {
      const json = await readJson(readFile, of.polygons, { limit: MAX_POLYGONS_BYTES, why: 'item.json names it' });
      covers[by] = coverIn(json, of);
    }
  return { ...(Object.keys(covers).length > 0 && { covers }) };
}

function coverIn(json: unknown, { polygons: file, property, values }: Extract<ChipSegments, { polygons: string }>) {
  const { features } = parseAs(collection, file, json);
  const found = checked(file, (check) => {
    const names = features.map(({ properties }, i) => {
      const value = properties?.[property];
      const isValue = typeof value === 'string' || typeof value === 'number';
      check(isValue, `features[${i}].properties.${property}`, value, 'a text or a number');
      return String(value);
    });
    const missing = values.filter((value) => !names.includes(value));
    const rule = `each value that item.json lists, also ${listed(missing)}`;
    check(missing.length === 0, `properties.${property}`, [...new Set(names)], rule);
    return features.flatMap(({ geometry: { type, coordinates } }, i) => {
      const polygons = type === 'Polygon' ? [coordinates] : coordinates;
      return values.includes(names[i]!) ? polygons.map((of) => ({ name: names[i]!, rings: of.map(flat) })) : [];
    });
  });
  return { names: found.map(({ name }) => name), polygons: polygonTree(found.map((one) => one.rings)) };
}

/** Without heights, and in a quarter of the memory. */
const flat = (positions: readonly Position[]) => Float64Array.from(positions.flatMap((at) => [at[0], at[1]]));
