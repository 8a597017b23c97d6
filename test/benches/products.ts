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

/** The files of a folder, as an archive has them. */
export const within = (folder: string, files: Files) =>
  Object.entries(files).map(([name, bytes]) => ({ name: `${folder}${name}`, bytes }));
