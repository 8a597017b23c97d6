import type { Acquired } from '../../base/time/acquired.ts';
import type { Layer, MapClass } from '../../package/layer.ts';
import { boundsOf } from '../../scenes/raster/footprint.ts';
import type { Transform } from '../../scenes/raster/raster.ts';
import type { RasterInfo } from '../../scenes/raster/rasterInfo.ts';
import { hexOf } from '../../tasks/mapClasses.ts';

/** The description of a run's results. Hrefs may be relative to the Item. */
export type Result = {
  readonly id: string;
  readonly acquired: Acquired | undefined;
  /** When its file arrived, in UTC. */
  readonly arrived: string;
  readonly scene: { readonly href: string };
  readonly model: { readonly href: string; readonly name: string; readonly version: string };
  readonly software: Readonly<Record<string, string>>;
  /** The pixels of its maps, or of the scene if there are no maps. */
  readonly grid: Pick<RasterInfo, 'width' | 'height' | 'crs' | 'outline' | 'accuracy' | 'wkt2'> & {
    readonly transform?: Transform | undefined;
  };
  /** The maps by the names of their assets, in order. */
  readonly rasters: { readonly [Name in 'data' | 'unsure' | 'probabilities']?: ResultRaster };
  /** A sidecar file that names the data's classes, as GDAL reads it. */
  readonly auxiliary: string | null;
  readonly predictions: readonly string[];
};

export type ResultRaster = {
  readonly href: string;
  readonly title: string;
  /** Of one map. */
  readonly layers: readonly Omit<Layer, 'map' | 'resampling'>[];
};

const EXTENSIONS = {
  projection: 'https://stac-extensions.github.io/projection/v2.0.0/schema.json',
  processing: 'https://stac-extensions.github.io/processing/v1.2.0/schema.json',
  classification: 'https://stac-extensions.github.io/classification/v2.0.0/schema.json',
  raster: 'https://stac-extensions.github.io/raster/v2.0.0/schema.json',
};

/** A STAC Item (1.1.0); without a known coordinate reference system, it has no geometry and so no `bbox`. */
export function resultItem(result: Result) {
  const { id, software, grid, auxiliary, predictions } = result;
  const { outline } = grid;
  const processing = { 'processing:level': 'L4', 'processing:software': software };
  const rasters = Object.entries(result.rasters);
  const layers = rasters.flatMap(([, raster]) => raster.layers);
  const hasScale = layers.some(({ scale, offset }) => scale !== undefined || offset !== undefined);
  const assets = {
    ...Object.fromEntries(rasters.map(([name, raster]) => [name, rasterAsset(raster, name)])),
    ...(auxiliary !== null && { auxiliary: { href: auxiliary, type: 'application/xml', roles: ['metadata'] } }),
    ...predictionAssets(predictions),
  };
  return {
    type: 'Feature',
    stac_version: '1.1.0',
    stac_extensions: [
      EXTENSIONS.processing,
      EXTENSIONS.projection,
      ...(layers.some(({ classes }) => classes?.length) ? [EXTENSIONS.classification] : []),
      ...(hasScale ? [EXTENSIONS.raster] : []),
    ],
    id,
    geometry: outline?.geometry ?? null,
    ...(outline && { bbox: outline.bbox }),
    properties: { ...timeOf(result), ...described(result), ...processing, ...projection(grid) },
    links: linksOf(result),
    assets,
  };
}

/** STAC wants a time of every Item, or the start and end of an interval. */
function timeOf({ acquired, arrived }: Result) {
  const { at, until } = acquired ?? {};
  return until ? { datetime: null, start_datetime: at, end_datetime: until } : { datetime: at ?? arrived };
}

function described({ acquired, grid }: Result): { description?: string } {
  const unknown = [acquired?.at ? [] : UNKNOWN_TIME, grid.accuracy === null ? UNKNOWN_ACCURACY : []].flat();
  return unknown.length === 0 ? {} : { description: unknown.join(' ') };
}

const UNKNOWN_TIME = 'When the scene was acquired is not known: datetime is the day on which its file arrived.';
const UNKNOWN_ACCURACY =
  'The accuracy of the location is not known: no transformation from the datum of the scene to WGS 84 is. Its longitudes and latitudes are taken for those of WGS 84 and may be off by hundreds of metres.';

/** In the properties, so that it applies to all maps. Null stands for a system without a code. */
function projection({ width, height, transform, crs, accuracy, wkt2 }: Result['grid']) {
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

/** Links to the sources; MLM wants the model's name in its link. */
function linksOf({ scene, model }: Result) {
  return [
    { rel: 'derived_from', href: scene.href, title: 'Scene' },
    {
      rel: 'derived_from',
      href: model.href,
      type: 'application/geo+json',
      title: `Model ${model.name} ${model.version}`,
      'mlm:name': model.name,
    },
  ];
}

function rasterAsset({ href, title, layers }: ResultRaster, name: string) {
  const { dataType, nodata, classes } = layers[0]!;
  return {
    href,
    title,
    type: 'image/tiff; application=geotiff; profile=cloud-optimized',
    roles: name === 'data' ? ['data'] : ['data', name],
    data_type: dataType,
    nodata: Number.isNaN(nodata) ? 'nan' : nodata,
    bands: layers.map(({ description, scale, offset }) => ({
      name: description,
      ...(scale !== undefined && { 'raster:scale': scale }),
      ...(offset !== undefined && { 'raster:offset': offset }),
    })),
    ...(classes?.length && { 'classification:classes': classObjects(classes, nodata) }),
  };
}

/** Names are for machines, titles as in the package. Nodata is listed, because pixels may have that value. */
function classObjects(classes: readonly MapClass[], nodata: number) {
  const listed = classes.map(({ value, name, colour }) => {
    const slug = name.replace(/[^0-9A-Za-z_-]+/g, '-').replace(/^-+|-+$/g, '') || `class-${value}`;
    return {
      value,
      name: slug,
      ...(slug !== name && { title: name }),
      color_hint: hexOf(colour),
      ...(value === nodata && { nodata: true }),
    };
  });
  if (!Number.isInteger(nodata) || classes.some(({ value }) => value === nodata)) return listed;
  return [...listed, { value: nodata, name: 'nodata', nodata: true }];
}

/** Names the assets `predictions`, or `predictions-1` and so on if there are several. */
function predictionAssets(files: readonly string[]) {
  return Object.fromEntries(
    files.map((href, i) => [
      files.length === 1 ? 'predictions' : `predictions-${i + 1}`,
      { href, title: 'Predictions, one row per chip', type: 'application/vnd.apache.parquet', roles: ['data'] },
    ]),
  );
}
