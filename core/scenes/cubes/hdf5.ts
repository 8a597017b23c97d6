import { randomUUID } from 'node:crypto';
import { createContext, runInContext } from 'node:vm';
import type { Dataset, File, Group } from 'h5wasm';
import { cited, citedStart, InvalidSceneFile, orElse } from '../../base/errors.ts';
import { MAX_HDF5_BYTES } from '../../base/limits.ts';
import { describeStart, type SceneStream } from '../formats/format.ts';
import { whole } from '../formats/stacItem/itemChips.ts';
import { makeRasterValues } from '../raster/raster.ts';
import { type Attributes, type Cube, type CubeVariable, meantType, remediesOf, viewAs } from './cube.ts';

/** By their numbers. Of some that the library does not know, it gives other values. */
const FILTERS: Partial<Record<number, string>> = { 1: 'deflate', 2: 'shuffle', 3: 'fletcher32', 6: 'scaleoffset' };
const BLOCK_BYTES = 1024 ** 2; // where a file has no chunks
const product = (all: readonly number[]) => all.reduce((some, one) => some * one, 1);

/** Opens an HDF5 file, such as NetCDF4, which is in memory until it is closed. Links to other files are left out. */
export async function openHdf5({ key, size, chunks }: SceneStream): Promise<Cube> {
  const name = key.split('/').at(-1);
  const gdal = `'NETCDF:"${name}":VARIABLE' out.tif`;
  if (size > MAX_HDF5_BYTES)
    throw new InvalidSceneFile(
      `${key}: found an HDF5 file of ${size} bytes, allowed are at most ${MAX_HDF5_BYTES}. Convert its bands to GeoTIFFs: gdal_translate -of COG ${gdal}`,
    );
  const timeout = 5000 + Math.round(size / 2000); // milliseconds, in which all of it could be read at 2 MB a second
  const h5wasm = await import('h5wasm');
  const library = await h5wasm.ready;
  library.activate_throwing_error_handler(); // or damage would be values
  const own = randomUUID();
  const bytes = await whole(chunks);
  library.FS.createDataFile('/', own, bytes, true, false, true); // not copied
  let file: File | undefined;
  const close = () => {
    orElse(0, () => file?.close());
    library.FS.unlink(own);
  };
  const groups = new Map<string, Attributes>();
  const variables: CubeVariable[] = [];
  function readAll() {
    file = new h5wasm.File(own, 'r');
    const id = file.file_id;
    const addressOf = (path: string) => `${library.create_object_reference(id, `/${path}`)}`;
    const paths = new Map([[addressOf(''), ['']]]); // by address: links may go in circles
    const soft: string[] = []; // names of what has a hard link too, whose neighbours belong to it
    for (const all of paths.values()) {
      const [path = ''] = all;
      const found = file.get(`/${path}`) as Group | Dataset;
      if ('filters' in found) variables.push(...variableOf(key, all, found, timeout));
      else groups.set(path, attributesOf(found));
      for (const one of 'filters' in found ? [] : found.keys()) {
        const inner = `${path && `${path}/`}${one}`;
        if (![library.H5G_GROUP, library.H5G_DATASET].includes(library.get_type(id, `/${inner}`))) continue;
        const known = paths.get(addressOf(inner));
        if (library.get_symbolic_link(id, `/${inner}`)) soft.push(inner);
        else if (known) known.push(inner);
        else paths.set(addressOf(inner), [inner]);
      }
    }
    for (const path of soft) paths.get(addressOf(path))?.push(path);
  }
  try {
    inTime(timeout, readAll);
  } catch (cause) {
    close();
    const reason = reasonOf(cause);
    const damaged = `${key}: it can not be opened as HDF5: ${reason}. Write it anew, as with nccopy`;
    const other = `${key}: found ${size} bytes without HDF5's signature, which start with ${describeStart(bytes)}. Send HDF5 by this name, or the file by another`;
    throw new InvalidSceneFile(reason.includes('signature not found') ? other : damaged, { cause });
  }
  const warp = `gdalwarp -geoloc -t_srs EPSG:4326 ${gdal}`;
  const remedies = remediesOf(warp, `open_dataset('${name}', engine='h5netcdf'`, "to_netcdf('out.nc')");
  return { variables, groups, remedies, about: () => ({}), close };
}

function attributesOf(of: Dataset | Group): Attributes {
  const names = Object.keys(of.attrs).filter((name) => !/^(DIMENSION|REFERENCE)_LIST$/.test(name));
  return Object.fromEntries(names.map((name) => [name, orElse(null, () => plain(of.get_attribute(name, false)))]));
}

/** Attributes of NetCDF are lists, also of one number. */
function plain(value: unknown): unknown {
  const list = ArrayBuffer.isView(value) ? [...(value as Uint8Array)] : value;
  if (Array.isArray(list)) return list.length === 1 ? plain(list[0]) : list.map(plain);
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** Returns none for what has no values: a dimension alone, which NetCDF writes as a dataset. */
function variableOf(key: string, paths: readonly string[], dataset: Dataset, timeout: number): CubeVariable[] {
  const [path = ''] = paths;
  const { shape, chunks, type: kind, size, signed, enum_type: names, virtual_sources: elsewhere } = dataset.metadata;
  const attributes = attributesOf(dataset);
  const { NAME: title, CLASS } = attributes;
  if (!shape || shape.join() === '0' || String(title).startsWith('This is a netCDF dimension but not')) return [];
  const isBool = size === 1 && Object.keys(names?.members ?? {}).join() === 'FALSE,TRUE'; // an enumeration, of h5py
  const numbers = [`${signed ? '' : 'u'}int${8 * size}`, `float${8 * size}`][names ? 0 : kind];
  const named = isBool ? 'uint8' : (numbers ?? `HDF5's class ${kind}`);
  const type = meantType(named, attributes);
  const rows = shape.map((_, i) => Math.floor(BLOCK_BYTES / size / product(shape.slice(i + 1))));
  const block = chunks ?? shape.map((one, i) => Math.max(1, Math.min(one, rows[i]!)));
  const filter = dataset.filters.find(({ id }) => !FILTERS[id]);
  const strange = filter ? `has the filter ${citedStart(filter.name, 16)} (${filter.id})` : elsewhere && 'is virtual';
  const where = `${key}: the variable ${cited(path)}`;

  async function readBlock(at: readonly number[]) {
    if (strange)
      throw new InvalidSceneFile(
        `${where} ${strange}, allowed are values in the file with the filters ${Object.values(FILTERS).join(', ')}. Write it so: h5repack -f GZIP=4 in.h5 out.h5`,
      );
    const ends = at.map((one, i): [number, number] => [one * block[i]!, Math.min(shape![i]!, (one + 1) * block[i]!)]);
    const strides = ends.map((_, i) => product(ends.slice(i + 1).map(([from, to]) => to - from)));
    try {
      const read = inTime(timeout, () => (shape!.length === 0 ? dataset.value : dataset.slice(ends)));
      if (type === null) return { values: [read].flat() as never, strides };
      const values = ArrayBuffer.isView(read) ? read : makeRasterValues(type, 1).fill(read as never);
      return { values: viewAs(type, values as Uint8Array), strides };
    } catch (cause) {
      throw new InvalidSceneFile(`${where} can not be decoded: ${reasonOf(cause)}`, { cause });
    }
  }
  const labels = dataset.get_dimension_labels();
  const isScale = CLASS === 'DIMENSION_SCALE' && labels.length === 1;
  const scales = labels.map((label, i) => (isScale ? path : (dataset.get_attached_scales(i)[0] ?? label ?? '')));
  const dimensions = scales.join('') ? scales.map((one) => one.slice(one.lastIndexOf('/') + 1)) : [];
  const bounds = ['valid_min', 'valid_max', 'valid_range'];
  const areBoundsWhole = bounds.every((one) => dataset.attrs[one]?.metadata.type !== 1);
  const about = { path, paths, attributes, shape, block, dimensions, type, stored: named, areBoundsWhole };
  return [{ ...about, isText: kind === 3, readBlock }];
}

const context = createContext({});

/** Runs what the library may never end, as some damage leads it in circles: only there can it be stopped. */
const inTime = <Result>(timeout: number, run: () => Result): Result =>
  runInContext('run()', Object.assign(context, { run }), { timeout });

/** Returns the innermost reason of a stack of HDF5's errors. */
function reasonOf(cause: unknown): string {
  const { message, code } = cause as Error & { code?: string };
  if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'reading it came to no end, as where it is damaged';
  const reasons = Array.from(message.matchAll(/\(\): (.*)/g), ([, reason]) => reason!);
  return citedStart(reasons.find((one) => one.includes('truncated')) ?? reasons.at(-1) ?? message, 100);
}
