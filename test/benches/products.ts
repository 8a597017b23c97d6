import { readdirSync, readFileSync } from 'node:fs';
import { encodeGeoTiff } from '../geoTiff.ts';

/** For tests: scenes as agencies deliver them, with small files for bands. */

const FIXTURES = new URL('../../core/scenes/products/fixtures/', import.meta.url);

export type Files = Readonly<Record<string, Uint8Array>>;

/** The side of a scene in pixels of 10 m. */
export const SIDE = 12;

const gridOf = (metres: number) => ({ epsg: 32_601, origin: [300_000, 7_400_040] as const, pixel: metres });

/** A band of whose pixels each has a value of its own. */
function band(metres: number, first: number): Uint8Array {
  const side = (SIDE * 10) / metres;
  const values = Uint16Array.from({ length: side * side }, (_, i) => first + i);
  return encodeGeoTiff({ width: side, height: side, bands: [values], ...gridOf(metres) });
}

export const SAFE = 'S2A_MSIL2A_20230625T234621_N0509_R073_T01WCP_20230626T022157.SAFE';

/** The files of a SAFE folder of L2A, by their paths in it. */
export function safeFiles(): Record<string, Uint8Array> {
  const folder = new URL('S2A_L2A_05.09.SAFE/', FIXTURES);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.xml'));
  const files: Record<string, Uint8Array> = Object.fromEntries(
    names.map((name) => [name, new Uint8Array(readFileSync(new URL(name, folder)))]),
  );
  const images = Buffer.from(files['MTD_MSIL2A.xml']!)
    .toString()
    .matchAll(/<IMAGE_FILE>(.*_(\d\d)m)</g);
  for (const [i, [, path, metres]] of [...images].entries()) files[`${path}.jp2`] = band(Number(metres), 100 * i);
  return files;
}

export const LANDSAT = 'LC08_L2SP_005009_20150710_20200908_02_T2';

/** The files of a Landsat bundle, by their names. */
export function landsatFiles(): Record<string, Uint8Array> {
  const name = `${LANDSAT}_MTL.xml`;
  const text = readFileSync(new URL(`landsat/${name}`, FIXTURES));
  const bands = text.toString().matchAll(/<FILE_NAME_BAND_\w+>(LC08_L2SP.*\.TIF)</g);
  return Object.fromEntries([
    ...Array.from(bands, ([, file], i) => [file, band(30, 100 * i)]),
    [name, new Uint8Array(text)],
  ]);
}

/** The files of a Landsat bundle whose metadata came as text alone, and were put under the name of the XML. */
export function landsatTextFiles(): Record<string, Uint8Array> {
  const name = 'LC08_L2SR_099120_20191129_20201016_02_T2_MTL';
  const text = textOf(`landsat/${name}.txt`);
  const bands = Buffer.from(text)
    .toString()
    .matchAll(/FILE_NAME_BAND_\w+ = "(.*)"/g);
  return {
    ...Object.fromEntries(Array.from(bands, ([, file], i) => [file, band(30, 100 * i)])),
    [`${name}.xml`]: text,
  };
}

const GRD = 'S1A_IW_GRDH_1SDV_20210809T173953_20210809T174018_039156_049F13_6FF8.SAFE';
const GRANULE = 'HLS.L30.T19LBJ.2020239T144556.v2.0';
const PSSCENE = '20170831_172754_101c';
export const OTHERS = { GRD, GRANULE, PSSCENE };

const textOf = (path: string) => new Uint8Array(readFileSync(new URL(path, FIXTURES)));
const plane = (first: number) => Uint16Array.from({ length: SIDE * SIDE }, (_, i) => first + i);

/** The files of an HLS granule, by their names. */
export function hlsFiles(): Record<string, Uint8Array> {
  const named = ['B02', 'B05', 'Fmask'].map((name, i) => [`${GRANULE}.${name}.tif`, band(10, 100 * i)]);
  return { ...Object.fromEntries(named), [`${GRANULE}.cmr.xml`]: textOf(`hls/${GRANULE}.cmr.xml`) };
}

/** The files of a Sentinel-1 GRD, whose images have ground control points, by their paths in its folder. */
export function grdFiles(): Record<string, Uint8Array> {
  const manifest = textOf(`${GRD}/manifest.safe`);
  const images = Buffer.from(manifest)
    .toString()
    .matchAll(/href="\.\/(measurement[^"]*)"/g);
  const tiePoints = [0, 0, 0, 1.5, 46, 0, SIDE, 0, 0, 4.9, 46.4, 0, 0, SIDE, 0, 1.9, 44.5, 0];
  const image = (first: number) => encodeGeoTiff({ width: SIDE, height: SIDE, bands: [plane(first)], tiePoints });
  const files = Array.from(images, ([, path], i) => [path, image(1 + 100 * i)]);
  return { ...Object.fromEntries(files), 'manifest.safe': manifest };
}

/** The files of a PlanetScope scene, by their names. */
export function planetFiles(): Record<string, Uint8Array> {
  const of = (count: number) => {
    const bands = Array.from({ length: count }, (_, i) => plane(1 + 100 * i));
    return encodeGeoTiff({ width: SIDE, height: SIDE, bands, ...gridOf(3) });
  };
  const [json, xml] = [`${PSSCENE}_metadata.json`, `${PSSCENE}_3B_AnalyticMS_metadata.xml`];
  return {
    [`${PSSCENE}_3B_AnalyticMS_SR_clip.tif`]: of(4),
    [`${PSSCENE}_3B_udm2_clip.tif`]: of(8),
    [xml]: textOf(`planet/${xml}`),
    [json]: textOf(`planet/${json}`),
  };
}

/** The files of a folder, as an archive has them. */
export const within = (folder: string, files: Files) =>
  Object.entries(files).map(([name, bytes]) => ({ name: `${folder}${name}`, bytes }));
