import { InvalidSceneFile } from '../../base/errors.ts';
import type { Outline } from '../raster/outline.ts';

/** A scene in a folder of several files, as the agency's metadata describe it. */
export type Product = {
  readonly id: string;
  readonly outline: Outline;
  readonly properties: { readonly datetime: string } & Readonly<Record<string, unknown>>;
  readonly extensions: readonly string[];
  readonly assets: readonly ProductAsset[];
};

export type ProductAsset = {
  readonly key: string;
  /** Files of the same values, the one with the smallest pixels first; without a grid where the metadata state none. */
  readonly files: readonly { readonly path: string; readonly grid?: Grid }[];
  /** Fields of the asset, whichever file it is. */
  readonly about: { readonly bands: readonly { readonly name: string }[] } & Readonly<Record<string, unknown>>;
};

/** Pixels whose rows run from west to east, the first one in the north. */
export type Grid = { readonly [Name in 'metres' | 'width' | 'height' | 'west' | 'north']: number };

/**
 * Returns a product's STAC Item (1.1.0) with the files that are `there`, and the paths of those that are missing.
 * @param isPartial whether files may be missing; one with larger pixels then stands for a missing one
 * @throws {InvalidSceneFile} when files are missing
 */
export function itemOf(
  { id, outline, properties, extensions, assets }: Product,
  { there, hrefOf, isPartial }: { there: ReadonlySet<string>; hrefOf: (path: string) => string; isPartial: boolean },
) {
  const missing = assets.map(({ files }) => files[0]!.path).filter((path) => !there.has(path));
  const found = assets.flatMap(({ key, files, about }) => {
    const file = files.find(({ path }) => there.has(path));
    return file === undefined ? [] : [[key, assetOf(hrefOf(file.path), about, file.grid)] as const];
  });
  if (missing.length > 0 && (found.length === 0 || !isPartial))
    throw new InvalidSceneFile(
      `the metadata of ${id} name files that are not there: ${missing.join(', ')}. Download them${found.length === 0 ? '' : ', or leave them out with --partial'}.`,
    );
  const { geometry, bbox } = outline;
  const about = { type: 'Feature', stac_version: '1.1.0', stac_extensions: extensions, id };
  return { item: { ...about, geometry, bbox, properties, links: [], assets: Object.fromEntries(found) }, missing };
}

function assetOf(href: string, about: ProductAsset['about'], grid?: Grid) {
  const type = href.endsWith('.jp2') ? 'image/jp2' : 'image/tiff; application=geotiff';
  if (grid === undefined) return { href, type, ...about };
  const { metres, width, height, west, north } = grid;
  const transform = [metres, 0, west, 0, -metres, north];
  return { href, type, ...about, gsd: metres, 'proj:shape': [height, width], 'proj:transform': transform };
}

/** The metadata of scenes at the top of their folders: of Sentinel-2, Landsat, HLS, Sentinel-1 and PlanetScope, in this order. */
export const METADATA = [
  /^MTD_MSI[^/]*\.xml$/i,
  /^[^/]*_MTL\.(xml|txt)$/i,
  /^HLS\.[LS]30\.[^/]*\.cmr\.xml$/,
  /^manifest\.safe$/,
  /^\d{8}_\d{6}_\w+_metadata\.json$/,
];
