import type { DataType } from '../models/dataTypes.ts';
import { boundsOf } from '../scenes/raster/footprint.ts';
import type { Transform } from '../scenes/raster/raster.ts';
import type { CogBand } from './cog/cogSpec.ts';
import { hexOf, type MapClass } from './mapClasses.ts';
import type { Outline } from './outline.ts';

/** What there is to say of the result of a run. Hrefs may be relative to the Item. */
export type Result = {
  /** The run's id. */
  readonly id: string;
  /** When the scene was taken, or else, last written: ISO 8601, in UTC. */
  readonly datetime: string;
  readonly scene: { readonly href: string; readonly mediaType?: string };
  /** The model's Item. */
  readonly model: { readonly href: string; readonly name: string; readonly version: string };
  /** Names of what made it, with their versions. */
  readonly software: Readonly<Record<string, string>>;
  /** The pixels of its maps, or of the scene, where there are none; null where it is no raster. */
  readonly grid: {
    readonly width: number;
    readonly height: number;
    readonly transform: Transform | null;
    /** `EPSG:32629`, or a definition; null where it is not known. */
    readonly crs: string | null;
    /** Where it lies on earth; null where that is not known. */
    readonly outline: Outline | null;
  } | null;
  /** The maps, and what stands beside them: `probabilities`, for one. */
  readonly data: ResultRaster | null;
  readonly probabilities: ResultRaster | null;
  /** A file beside the data that names its classes, as GDAL reads it. */
  readonly auxiliary: string | null;
  /** Parquet files with a row for each chip. */
  readonly predictions: readonly string[];
};

/** A Cloud Optimized GeoTIFF. */
export type ResultRaster = {
  readonly href: string;
  readonly title: string;
  readonly dataType: DataType;
  readonly nodata: number | null;
  /** With their unit, as UDUNITS-2 or UCUM write it, where they have one. */
  readonly bands: readonly (CogBand & { readonly unit?: string })[];
  /** What the values of its single band mean. */
  readonly classes?: readonly MapClass[];
};

const EXTENSIONS = {
  projection: 'https://stac-extensions.github.io/projection/v2.0.0/schema.json',
  processing: 'https://stac-extensions.github.io/processing/v1.2.0/schema.json',
  classification: 'https://stac-extensions.github.io/classification/v2.0.0/schema.json',
  raster: 'https://stac-extensions.github.io/raster/v2.0.0/schema.json',
};

/**
 * The STAC Item (1.1.0) of a run's result: where it lies, what it was made of and by, and its files. It has a geometry where
 * the scene is a raster whose coordinate reference system is known; without one, STAC wants no `bbox` either.
 */
export function resultItem(result: Result) {
  const { id, datetime, software, grid, data, probabilities, auxiliary, predictions } = result;
  const rasters = [data, probabilities].filter((raster) => raster !== null);
  const outline = grid?.outline ?? null;
  const bands = rasters.flatMap((raster) => raster.bands);
  const hasScale = bands.some(({ scale, offset }) => scale !== undefined || offset !== undefined);
  const assets = {
    ...(data && { data: rasterAsset(data, ['data']) }),
    ...(probabilities && { probabilities: rasterAsset(probabilities, ['data', 'probabilities']) }),
    ...(auxiliary !== null && { auxiliary: { href: auxiliary, type: 'application/xml', roles: ['metadata'] } }),
    ...predictionAssets(predictions),
  };
  return {
    type: 'Feature',
    stac_version: '1.1.0',
    stac_extensions: [
      EXTENSIONS.processing,
      ...(grid === null ? [] : [EXTENSIONS.projection]),
      ...(rasters.some(({ classes }) => classes?.length) ? [EXTENSIONS.classification] : []),
      ...(hasScale ? [EXTENSIONS.raster] : []),
    ],
    id,
    geometry: outline?.geometry ?? null,
    ...(outline && { bbox: outline.bbox }),
    properties: {
      datetime,
      'processing:level': 'L4',
      'processing:software': software,
      ...(grid && projection(grid)),
    },
    links: linksOf(result),
    assets,
  };
}

/** In the properties, so that it holds for each map. Null stands for a system without a code. */
function projection({ width, height, transform, crs }: NonNullable<Result['grid']>) {
  const code = crs !== null && /^[A-Z][A-Z0-9_]*:\w+$/.test(crs) ? crs : null;
  if (transform === null) return { 'proj:code': code, 'proj:shape': [height, width] };
  const [x, right, down, y, rightY, downY] = transform;
  return {
    'proj:code': code,
    'proj:shape': [height, width],
    'proj:transform': [right, down, x, rightY, downY, y],
    'proj:bbox': boundsOf({ width, height }, transform),
  };
}

/** What it was made of: MLM wants the model to be named in its link. */
function linksOf({ scene, model }: Result) {
  return [
    {
      rel: 'derived_from',
      href: scene.href,
      ...(scene.mediaType !== undefined && { type: scene.mediaType }),
      title: 'Scene',
    },
    {
      rel: 'derived_from',
      href: model.href,
      type: 'application/geo+json',
      title: `Model ${model.name} ${model.version}`,
      'mlm:name': model.name,
    },
  ];
}

function rasterAsset({ href, title, dataType, nodata, bands, classes }: ResultRaster, roles: readonly string[]) {
  return {
    href,
    title,
    type: 'image/tiff; application=geotiff; profile=cloud-optimized',
    roles,
    data_type: dataType,
    ...(nodata !== null && { nodata: Number.isFinite(nodata) ? nodata : nonFinite(nodata) }),
    bands: bands.map(({ description, scale, offset, unit }) => ({
      name: description,
      ...(unit !== undefined && { unit }),
      ...(scale !== undefined && { 'raster:scale': scale }),
      ...(offset !== undefined && { 'raster:offset': offset }),
    })),
    ...(classes?.length && { 'classification:classes': classObjects(classes, nodata) }),
  };
}

/** JSON has no such numbers: STAC writes them as texts. */
function nonFinite(value: number): 'nan' | 'inf' | '-inf' {
  if (Number.isNaN(value)) return 'nan';
  return value > 0 ? 'inf' : '-inf';
}

/** Names are for machines, titles as the package has them. The value of nodata is listed, as pixels may have it. */
function classObjects(classes: readonly MapClass[], nodata: number | null) {
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
  if (nodata === null || !Number.isInteger(nodata) || classes.some(({ value }) => value === nodata)) return listed;
  return [...listed, { value: nodata, name: 'nodata', nodata: true }];
}

/** `predictions`, or `predictions-1` and so on where they are several. */
function predictionAssets(files: readonly string[]) {
  return Object.fromEntries(
    files.map((href, i) => [
      files.length === 1 ? 'predictions' : `predictions-${i + 1}`,
      { href, title: 'Predictions, a row for each chip', type: 'application/vnd.apache.parquet', roles: ['data'] },
    ]),
  );
}
