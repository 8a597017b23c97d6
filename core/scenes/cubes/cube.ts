import { cited, ObjectNotFound } from '../../base/errors.ts';
import type { Chip } from '../../package/package.ts';
import { makeRasterValues, type RasterType, type RasterValues } from '../raster/raster.ts';

export type Attributes = Readonly<Record<string, unknown>>;

export const TYPES = 'uint8 int8 uint16 int16 uint32 int32 uint64 int64 float32 float64'.split(' ');

/** Returns the type as which stored values are meant, as whole numbers may have `_Unsigned` (NetCDF's best practices); null for one that no raster has. */
export function meantType(stored: string, { _Unsigned: said }: Attributes): RasterType | null {
  const meant = said === 'true' ? stored.replace(/^i/, 'ui') : said === 'false' ? stored.replace(/^u/, '') : stored;
  return TYPES.includes(meant) ? (meant as RasterType) : null;
}

/** Returns the same bytes as values of a type of that size. */
export const viewAs = (type: RasterType, { buffer, byteOffset, length }: RasterValues): RasterValues =>
  new (makeRasterValues(type, 0).constructor as Uint8ArrayConstructor)(buffer as ArrayBuffer, byteOffset, length);

/** Values of a variable, and how far apart neighbours along each of its dimensions lie in them. */
export type CubeBlock = { readonly values: RasterValues; readonly strides: readonly number[] };

/** An array of a file of several, by the words of NetCDF. */
export type CubeVariable = {
  readonly path: string;
  readonly paths?: readonly string[]; // where it has several names
  readonly attributes: Attributes;
  /** Their names, the slowest first; empty where the file has none. */
  readonly dimensions: readonly string[];
  readonly shape: readonly number[];
  readonly block: readonly number[];
  /** Null for a type that no raster has. */
  readonly type: RasterType | null;
  readonly stored?: string; // the name of the type before `_Unsigned` changes it
  readonly isText?: boolean; // that can be read, though no raster has them
  readonly fill?: unknown; // the value of no data where attributes have none
  readonly areBoundsWhole?: boolean; // those of valid values, by the types of their attributes: numbers in JSON have none
  /** Reads the block at a place among the blocks of each dimension; at an end it may have less values than others. */
  readBlock(at: readonly number[]): Promise<CubeBlock>;
};

/** A file of several arrays in groups: Zarr, NetCDF or HDF5. */
export type Cube = {
  readonly variables: readonly CubeVariable[];
  readonly groups: ReadonlyMap<string, Attributes>;
  readonly remedies: ReturnType<typeof remediesOf>;
  /** Returns what is to be said of a chip for the values that were read since the last call. */
  about(): Pick<Chip, 'warnings'>;
  readonly missing?: readonly string[]; // chunks among them
  /** Gives back the memory of its file, if it holds it. */
  close?(): void;
};

/** Returns the commands that bring a variable to a regular grid, select one of several dates, make floats of 32 bits, and write a grid mapping as text. */
export function remediesOf(warp: string, open: string, write: string) {
  const changed = (change: string) =>
    `python -c "import xarray; x = xarray.${open}, mask_and_scale=False); ${change}; x.${write}"`;
  return {
    warp,
    select: changed('x = x.isel(time=[0])'),
    convert: changed("x['VARIABLE'] = x['VARIABLE'].astype('float32')"),
    map: changed("import pyproj; m = x['MAPPING'].attrs; m['crs_wkt'] = pyproj.CRS.from_cf(m).to_wkt()"),
  };
}

/** Returns the groups around a path, the innermost first. */
export function groupsAround(path: string): string[] {
  const names = path.split('/');
  return names.map((_, i) => names.slice(0, names.length - 1 - i).join('/'));
}

/** Returns the variable of a name in the group of a path, or in one around it. */
export function variableNear({ variables }: Cube, path: string, name: string): CubeVariable | undefined {
  const places = groupsAround(path).map((group) => `${group}/${name}`.replace(/^\/+/, ''));
  return places.flatMap((place) => variables.find(({ path, paths = [path] }) => paths.includes(place)) ?? [])[0];
}

/** Throws what the sweep retries if a chunk that must be there is not: its upload may be under way. */
export function refuseMissing(key: string, { missing: [path] = [] }: Cube): void {
  if (path !== undefined)
    throw new ObjectNotFound(`${key}: found no chunk ${cited(path)} of coordinates. Retry its run once it is there.`);
}

/** Returns the values of a variable of at most one dimension; none if it has more, or neither numbers nor texts. */
export async function valuesOf({ shape, block, type, isText, readBlock }: CubeVariable): Promise<unknown[]> {
  const [[length = 1], [step = 1]] = [shape, block];
  const values: unknown[] = [];
  const isFew = Math.max(length, step) <= MOST_COORDINATES && length / step <= MOST_BLOCKS;
  if ((type !== null || isText) && shape.length < 2 && isFew)
    for (let at = 0; at * step < length; at += 1)
      for (const one of (await readBlock(shape.map(() => at))).values) values.push(one);
  return values.slice(0, length);
}

const [MOST_COORDINATES, MOST_BLOCKS] = [2 ** 20, 1000];
