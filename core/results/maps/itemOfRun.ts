import { posix } from 'node:path';
import { mapKey, mapNamesKey, packageKey, predictionsKey, resultItemKey } from '../../base/keys.ts';
import type { RunRef } from '../../base/messages.ts';
import { RELEASE } from '../../base/release.ts';
import type { Acquired } from '../../base/time/acquired.ts';
import type { Layer, MapClass, MapName } from '../../package/layer.ts';
import type { ModelPackage } from '../../package/package.ts';
import { boundsOf } from '../../scenes/raster/footprint.ts';
import type { RasterInfo } from '../../scenes/raster/rasterInfo.ts';
import { mapGrid } from './mapGrid.ts';

/** Returns the address of an object of the bucket of a scene, or of that of models, which is named by its role. */
export type HrefOf = (object: { bucket: string; key: string }, itemKey: string) => string;

export type ItemOf = {
  run: RunRef;
  raster: RasterInfo;
  parts: number;
  model: ModelPackage;
  maps: readonly MapName[];
  hrefOf: HrefOf;
};

export const MAP_TITLES = {
  predictions: 'Predictions, pixel by pixel',
  unsure: 'Pixels that may be of several classes',
  probabilities: 'Probability of each class',
} as const satisfies Record<MapName, string>;

const EXTENSIONS = {
  projection: 'https://stac-extensions.github.io/projection/v2.0.0/schema.json',
  processing: 'https://stac-extensions.github.io/processing/v1.2.0/schema.json',
  classification: 'https://stac-extensions.github.io/classification/v2.0.0/schema.json',
  raster: 'https://stac-extensions.github.io/raster/v2.0.0/schema.json',
};

/**
 * A STAC Item (1.1.0) of a run's results, whose addresses are relative to it; without a known coordinate reference system,
 * it has no geometry and so no `bbox`.
 */
export function itemOfRun({ run, raster, parts, model, maps, hrefOf }: ItemOf) {
  const own = resultItemKey(run);
  const layers = model.task.layers?.(model) ?? [];
  const rasters = maps.map((map) => ({ map, layers: layers.filter((layer) => layer.map === map) }));
  const drawn = rasters.flatMap((one) => one.layers);
  const hasNames = maps.length > 0 && layers.some(({ classes }) => classes !== undefined);
  // The pixels of its maps, or of the scene if there are no maps.
  const grid: RasterInfo = maps.length > 0 ? mapGrid(raster, model.output) : raster;
  const names = hasNames && { href: relativeTo(own, mapNamesKey(run)), type: 'application/xml', roles: ['metadata'] };
  const files = Array.from({ length: parts }, (_, part) => relativeTo(own, predictionsKey(run, part)));
  return {
    type: 'Feature',
    stac_version: '1.1.0',
    stac_extensions: [
      EXTENSIONS.processing,
      EXTENSIONS.projection,
      ...(drawn.some(({ classes }) => classes?.length) ? [EXTENSIONS.classification] : []),
      ...(drawn.some(({ scale, offset }) => scale !== undefined || offset !== undefined) ? [EXTENSIONS.raster] : []),
    ],
    id: run.id,
    geometry: grid.outline?.geometry ?? null,
    ...(grid.outline && { bbox: grid.outline.bbox }),
    properties: {
      ...timeOf(run),
      ...described(run.acquired, grid),
      'processing:level': 'L4',
      'processing:software': { swath: RELEASE },
      ...projection(grid),
    },
    links: [
      { rel: 'derived_from', href: hrefOf({ bucket: run.scene.bucket, key: run.scene.key }, own), title: 'Scene' },
      {
        rel: 'derived_from',
        href: hrefOf({ bucket: 'models', key: packageKey(run.model, 'item.json') }, own),
        type: 'application/geo+json',
        title: `Model ${model.name} ${model.version}`,
        'mlm:name': model.name, // as MLM wants it
      },
    ],
    assets: {
      ...Object.fromEntries(rasters.map((one) => rasterAsset(relativeTo(own, mapKey(run, one.map)), one))),
      ...(names && { auxiliary: names }),
      ...predictionAssets(files),
    },
  };
}

/** STAC wants a time of every Item, or the start and end of an interval. */
function timeOf({ acquired, day }: RunRef) {
  const { at, until } = acquired ?? {};
  return until ? { datetime: null, start_datetime: at, end_datetime: until } : { datetime: at ?? `${day}T00:00:00Z` };
}

function described(acquired: Acquired | undefined, { accuracy }: RasterInfo): { description?: string } {
  const unknown = [acquired?.at ? [] : UNKNOWN_TIME, accuracy === null ? UNKNOWN_ACCURACY : []].flat();
  return unknown.length === 0 ? {} : { description: unknown.join(' ') };
}

const UNKNOWN_TIME = 'When the scene was acquired is not known: datetime is the day on which its file arrived.';
const UNKNOWN_ACCURACY =
  'The accuracy of the location is not known: no transformation from the datum of the scene to WGS 84 is. Its longitudes and latitudes are taken for those of WGS 84 and may be off by hundreds of metres.';

/** In the properties, so that it applies to all maps. Null stands for a system without a code. */
function projection({ width, height, transform, crs, accuracy, wkt2 }: RasterInfo) {
  const code = crs !== null && wkt2 === undefined && /^[A-Z][A-Z0-9_]*:\w+$/.test(crs) ? crs : null;
  const known = {
    'proj:code': code,
    ...(wkt2 !== undefined && { 'proj:wkt2': wkt2 }),
    ...(accuracy !== undefined && { 'swath:location_accuracy': accuracy }),
    'proj:shape': [height, width],
  };
  if (transform === undefined) return known;
  const [x, right, down, y, rightY, downY] = transform;
  const bbox = boundsOf({ width, height }, transform);
  return { ...known, 'proj:transform': [right, down, x, rightY, downY, y], 'proj:bbox': bbox };
}

/** Returns the name of a map's asset, and the asset. */
function rasterAsset(href: string, { map, layers }: { map: MapName; layers: readonly Layer[] }) {
  const { dataType, nodata, classes } = layers[0]!;
  const asset = {
    href,
    title: MAP_TITLES[map],
    type: 'image/tiff; application=geotiff; profile=cloud-optimized',
    roles: map === 'predictions' ? ['data'] : ['data', map],
    data_type: dataType,
    nodata: Number.isNaN(nodata) ? 'nan' : nodata,
    bands: layers.map(({ description, scale, offset }) => ({
      name: description,
      ...(scale !== undefined && { 'raster:scale': scale }),
      ...(offset !== undefined && { 'raster:offset': offset }),
    })),
    ...(classes?.length && { 'classification:classes': classObjects(classes, nodata) }),
  };
  return [map === 'predictions' ? 'data' : map, asset];
}

/** Names are for machines, titles as in the package. Nodata is listed, because pixels may have that value. */
function classObjects(classes: readonly MapClass[], nodata: number) {
  const listed = classes.map(({ value, name, title, colour }) => ({
    value,
    name,
    ...(title !== undefined && { title }),
    color_hint: Buffer.from(colour).toString('hex').toUpperCase(),
    ...(value === nodata && { nodata: true }),
  }));
  if (!Number.isInteger(nodata) || classes.some(({ value }) => value === nodata)) return listed;
  return [...listed, { value: nodata, name: 'nodata', nodata: true }];
}

/** Names the assets `predictions`, or `predictions-1` and so on if there are several. */
const predictionAssets = (files: readonly string[]) =>
  Object.fromEntries(
    files.map((href, i) => [
      files.length === 1 ? 'predictions' : `predictions-${i + 1}`,
      { href, title: 'Predictions, one row per chip', type: 'application/vnd.apache.parquet', roles: ['data'] },
    ]),
  );

export function relativeTo(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith('../') ? path : `./${path}`;
}
