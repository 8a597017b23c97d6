import type { Layer } from '../../core/package/layer.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import type { ItemOf } from '../../core/results/maps/itemOfRun.ts';
import { crsOf } from '../../core/scenes/raster/crs.ts';
import { outlineOf } from '../../core/scenes/raster/outline.ts';
import type { Transform } from '../../core/scenes/raster/raster.ts';
import { mapClasses } from '../../core/tasks/mapClasses.ts';

export const CLASSES: Layer = {
  map: 'predictions',
  description: 'class',
  dataType: 'uint8',
  nodata: 255,
  resampling: 'mode',
  classes: mapClasses([
    { value: 0, name: 'water' },
    { value: 4, name: 'Bare-soil-rock', title: 'Bare soil & rock', colourHint: 'A6611A' },
    { value: 7, name: 'W-lder', title: 'Wälder' },
  ]),
};

const PROBABILITIES = ['water', 'soil'].map((description): Layer => {
  const about = { scale: 1 / 250, offset: 0, dataType: 'uint8', nodata: 255, resampling: 'average' } as const;
  return { map: 'probabilities', description, ...about };
});

const HEIGHTS: Layer = {
  map: 'predictions',
  description: 'height',
  dataType: 'float32',
  nodata: Number.NaN,
  resampling: 'average',
};

/** A model whose maps have these layers. */
export function modelOf(layers: readonly Layer[]): ModelPackage {
  const about = { name: 's2-scl', version: '1.0.0', output: { pixels: null }, task: { layers: () => layers } };
  return about as unknown as ModelPackage;
}

export const RESULT: ItemOf = {
  run: {
    id: '1b2c3d4e',
    scene: { bucket: 'scenes', key: 's2.tif', versionId: 'v1' },
    model: { name: 's2-scl', version: '1.0.0' },
    attempt: 1,
    execution: 'e',
    digest: 'd'.repeat(64),
    day: '2026-03-01',
    acquired: { at: '2022-10-05T11:54:11Z', by: 'STAC Item' },
  },
  raster: { width: 30, height: 20, bandsBy: 'position', crs: null, bounds: null },
  parts: 1,
  model: modelOf([CLASSES]),
  maps: [],
  hrefOf: ({ bucket, key }) => `s3://${bucket}/${key}`,
};

const PROJECTED = 1;
const GEOGRAPHIC = 2;

type Place = { what: string; epsg: number | null; width: number; height: number; transform: Transform | null };

/** Scenes all over the earth. */
export const PLACES: readonly Place[] = [
  { what: 'a tile in UTM', epsg: 32629, width: 10980, height: 10980, transform: [499980, 10, 0, 5900040, 0, -10] },
  { what: 'a small scene in UTM', epsg: 32629, width: 256, height: 256, transform: [5e5, 10, 0, 5900040, 0, -10] },
  { what: 'a rotated scene', epsg: 32733, width: 3000, height: 2000, transform: [3e5, 25, 15, 7e6, 15, -25] },
  { what: 'south up', epsg: 32733, width: 3000, height: 2000, transform: [3e5, 30, 0, 7e6, 0, 30] },
  { what: 'across the antimeridian', epsg: 32601, width: 4000, height: 4000, transform: [2e5, 60, 0, 75e5, 0, -60] },
  { what: 'up to the antimeridian', epsg: 4326, width: 10, height: 10, transform: [170, 1, 0, 10, 0, -1] },
  { what: 'longitudes beyond 180', epsg: 4326, width: 20, height: 10, transform: [170, 1, 0, 10, 0, -1] },
  { what: 'the whole earth', epsg: 4326, width: 360, height: 180, transform: [-180, 1, 0, 90, 0, -1] },
  { what: 'the whole earth from Greenwich on', epsg: 4326, width: 360, height: 180, transform: [0, 1, 0, 90, 0, -1] },
  { what: 'around the North Pole', epsg: 3413, width: 1000, height: 800, transform: [-4e6, 8e3, 0, 3e6, 0, -8e3] },
  { what: 'around the South Pole', epsg: 3031, width: 1000, height: 1000, transform: [-3e6, 6e3, 0, 3e6, 0, -6e3] },
  { what: 'beside a pole', epsg: 3413, width: 500, height: 500, transform: [1e5, 1e3, 0, -1e5, 0, -1e3] },
  { what: 'a system that nobody knows', epsg: null, width: 30, height: 20, transform: [0, 10, 0, 0, 0, -10] },
  { what: 'no place', epsg: null, width: 30, height: 20, transform: null },
];

export async function resultAt({ epsg, transform, ...size }: Place, more: Partial<ItemOf> = {}): Promise<ItemOf> {
  const isGeographic = epsg === 4326;
  const keys = { 1024: isGeographic ? GEOGRAPHIC : PROJECTED, [isGeographic ? 2048 : 3072]: epsg ?? 0 };
  const { crs } = await crsOf(epsg === null ? null : keys);
  const outline = crs && transform && outlineOf(size, transform, crs);
  const placed = { ...(transform && { transform: [...transform] }), ...(outline && { outline }) };
  const raster = { ...RESULT.raster, ...size, ...placed, crs: crs?.name ?? null } as ItemOf['raster'];
  return { ...RESULT, raster, maps: ['predictions'], ...more };
}

/** Results of every kind, and at every place. */
export async function exampleResults(): Promise<{ what: string; result: ItemOf }[]> {
  const [first] = PLACES as [Place, ...Place[]];
  const both = {
    model: modelOf([CLASSES, ...PROBABILITIES]),
    maps: ['predictions', 'probabilities'],
    parts: 2,
  } as const;
  return [
    { what: 'with probabilities', result: await resultAt(first, both) },
    { what: 'heights', result: await resultAt(first, { model: modelOf([HEIGHTS]) }) },
    { what: 'chips of a raster', result: await resultAt(first, { maps: [] }) },
    ...(await Promise.all(PLACES.map(async (place) => ({ what: place.what, result: await resultAt(place) })))),
  ];
}
