import { outlineThrough } from './footprint.ts';
import { type ReadText, readMetadata, type SceneFolder } from './metadata.ts';
import type { Product, ProductAsset } from './product.ts';
import SENTINEL_1 from './sentinel1.json' with { type: 'json' };

/**
 * Returns the Sentinel-1 GRD product that the manifest of a SAFE folder describes: https://sentiwiki.copernicus.eu/web/s1-products.
 * Ground control points place its images, so they have no grid; tables of the calibration scale their amplitudes pixel by
 * pixel, so they have no factors either. The manifest does not say its own name, which is the folder's.
 */
export async function sentinel1Product(name: string, read: ReadText, { folder }: SceneFolder): Promise<Product> {
  const manifest = readMetadata(name, await read(name));
  const { text } = manifest;
  const [kind, mode, start] = [text('productType'), text('mode'), text('startTime')];
  if (kind !== 'GRD') manifest.refuse(`the product ${kind} of Sentinel-1`, 'is GRD');
  const paths = manifest.all('fileLocation').map(({ attributes: { href = '' } }) => href.replace(/^\.\//, ''));
  const images = paths.filter((path) => /\.tiff?$/i.test(path));
  const assets = images.map((path): ProductAsset => {
    const [, name] = /[-_/]([vh]{2})[-_.]/i.exec(manifest.path(path)) ?? [];
    if (name === undefined) return manifest.refuse(`the image ${path}`, 'are those of a polarisation, as *-vv-*.tiff');
    const about = { ...SENTINEL_1.image, bands: [{ name: name.toUpperCase() }] };
    return { key: name.toLowerCase(), files: [{ path }], about };
  });
  const satellite = text('number');
  const [, id = `S1${satellite}_${mode}_GRD_${start.replace(/\..*|\W/g, '')}`] = /(S1\w+)\.SAFE\b/.exec(folder) ?? [];
  const ring = manifest.numbers('coordinates');
  return {
    id: manifest.path(id),
    outline: outlineThrough([...ring, ...ring.slice(0, 2)], manifest),
    properties: {
      datetime: manifest.time(`${start}Z`),
      ...{ start_datetime: `${start}Z`, end_datetime: manifest.time(`${text('stopTime')}Z`) },
      platform: `sentinel-1${satellite.toLowerCase()}`,
      constellation: 'sentinel-1',
      'sar:frequency_band': 'C',
      'sar:instrument_mode': mode,
      'sar:polarizations': assets.map(({ about }) => about.bands[0]!.name),
      'sar:product_type': kind,
      'sat:orbit_state': text('pass').toLowerCase(),
      'sat:absolute_orbit': manifest.number('orbitNumber'),
      'sat:relative_orbit': manifest.number('relativeOrbitNumber'),
      'sat:platform_international_designator': text('nssdcIdentifier'),
    },
    extensions: SENTINEL_1.extensions,
    assets,
  };
}
