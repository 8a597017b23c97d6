import type { Result, ResultRaster } from '../../core/results/maps/resultItem.ts';
import { crsOf } from '../../core/scenes/raster/crs.ts';
import { outlineOf } from '../../core/scenes/raster/outline.ts';
import type { Transform } from '../../core/scenes/raster/raster.ts';
import { mapClasses } from '../../core/tasks/mapClasses.ts';

const CLASSES: ResultRaster = {
  href: 'classes.tif',
  title: 'Classes',
  layers: [
    {
      description: 'class',
      dataType: 'uint8',
      nodata: 255,
      classes: mapClasses([
        { value: 0, name: 'water' },
        { value: 4, name: 'Bare soil & rock', colourHint: 'A6611A' },
        { value: 7, name: 'Wälder' },
      ]),
    },
  ],
};

const PROBABILITIES: ResultRaster = {
  href: 'probabilities.tif',
  title: 'Probabilities',
  layers: ['water', 'soil'].map((description) => ({
    description,
    scale: 1 / 250,
    offset: 0,
    dataType: 'uint8',
    nodata: 255,
  })),
};

const HEIGHTS: ResultRaster = {
  href: 'heights.tif',
  title: 'Heights',
  layers: [{ description: 'height', dataType: 'float32', nodata: Number.NaN }],
};

export const RESULT: Result = {
  id: 's2.tif-1b2c3d4e',
  acquired: { at: '2022-10-05T11:54:11Z', by: 'STAC Item' },
  arrived: '2026-03-01T00:00:00Z',
  scene: { href: 's3://scenes/s2.tif' },
  model: { href: 's3://models/s2-scl/1.0.0/item.json', name: 'Sentinel-2 scene classes', version: '1.0.0' },
  software: { swath: '1.2.3', 'onnxruntime-node': '1.30.0' },
  grid: { width: 30, height: 20, crs: null },
  rasters: {},
  auxiliary: null,
  predictions: ['predictions.parquet'],
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

export async function resultAt({ epsg, transform, ...size }: Place, more: Partial<Result> = {}): Promise<Result> {
  const isGeographic = epsg === 4326;
  const keys = { 1024: isGeographic ? GEOGRAPHIC : PROJECTED, [isGeographic ? 2048 : 3072]: epsg ?? 0 };
  const { crs } = await crsOf(epsg === null ? null : keys);
  const outline = (crs && transform && outlineOf(size, transform, crs)) ?? undefined;
  const grid = { ...size, transform: transform ?? undefined, crs: crs?.name ?? null, outline };
  return { ...RESULT, grid, rasters: { data: CLASSES }, ...more };
}

/** Results of every kind, and at every place. */
export async function exampleResults(): Promise<{ what: string; result: Result }[]> {
  const [first] = PLACES as [Place, ...Place[]];
  const predictions = ['predictions/part-0.parquet', 'predictions/part-1.parquet'];
  const both = { data: CLASSES, probabilities: PROBABILITIES };
  return [
    { what: 'with probabilities', result: await resultAt(first, { rasters: both, predictions }) },
    { what: 'with names beside it', result: await resultAt(first, { auxiliary: 'classes.tif.aux.xml' }) },
    { what: 'heights', result: await resultAt(first, { rasters: { data: HEIGHTS } }) },
    { what: 'chips of a raster', result: await resultAt(first, { rasters: {} }) },
    ...(await Promise.all(PLACES.map(async (place) => ({ what: place.what, result: await resultAt(place) })))),
  ];
}
