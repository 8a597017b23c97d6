import { gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import type { DataType, Array as ZarrArray } from 'zarrita';
import * as z from 'zod';
import { attempt, cited, citedStart, errorNamed, InvalidSceneFile, insteadOf } from '../../base/errors.ts';
import type { SceneLimits } from '../../base/limits.ts';
import { nullIfNotFound, type OpenedAsset } from '../../base/objectStore.ts';
import type { SceneStream } from '../formats/format.ts';
import { whole } from '../formats/stacItem/itemChips.ts';
import { crc32c } from '../formats/tfrecord/crc32c.ts';
import type { RasterValues } from '../raster/raster.ts';
import { type Attributes, type Cube, type CubeVariable, meantType, remediesOf, viewAs } from './cube.ts';

/**
 * Opens a Zarr store (version 2 or 3) by the metadata of all its arrays: `.zmetadata`, or `zarr.json` with
 * `consolidated_metadata`. Chunks are files beside it, opened when a window needs them. One that is not there stands for the
 * fill value, which warnings say.
 */
export async function openZarr({ key, size, chunks, asset }: SceneStream, limits: SceneLimits): Promise<Cube> {
  if (size > limits.maxRecordBytes)
    throw new InvalidSceneFile(`${key}: found metadata of ${size} bytes, allowed are at most ${limits.maxRecordBytes}`);
  const documents = documentsOf(key, new TextDecoder().decode(await whole(chunks)));
  const { open, registry, root } = await import('zarrita');
  mendCodecs(registry);
  const shards = new Map<string, Promise<OpenedAsset | null>>();
  const missing: string[] = [];
  let bytes = size;

  async function openFile(path: string): Promise<OpenedAsset | null> {
    const href = encodeURIComponent(path.slice(1));
    const file = await asset!(href).catch(nullIfNotFound).catch(unread);
    if (file === null) missing.push(path.slice(1));
    bytes += file?.size ?? 0;
    if (bytes <= limits.maxFileBytes) return file;
    throw new InvalidSceneFile(
      `${key}: found more than ${limits.maxFileBytes} bytes in the chunks of its bands, which is the limit of one scene. Send it in several, or deploy with a larger maxFileBytes.`,
    );
  }

  async function read(file: OpenedAsset | null, offset: number, length: number): Promise<Uint8Array | undefined> {
    if (length <= 2 * limits.maxRecordBytes) return file?.range(Math.min(offset, file.size), length).catch(unread);
    throw new InvalidSceneFile(`${key}: found a chunk of ${length} bytes, allowed are at most twice maxRecordBytes`);
  }

  const storeOf = (isIndexFirst: boolean) => ({
    async get(path: string): Promise<Uint8Array | undefined> {
      const known = documents.get(path.slice(1));
      const isUnset = /^[<>|][iu]/.test(String(known?.['dtype'])) && known?.['fill_value'] === null; // of which zarrita makes no integer
      if (known) return Buffer.from(JSON.stringify(isUnset ? { ...known, fill_value: 0 } : known));
      if (/\/(zarr\.json|\.z\w+)$/.test(path)) return undefined;
      const file = await openFile(path);
      return read(file, 0, file?.size ?? 0).finally(() => file?.close()); // a store has thousands
    },
    async getRange(path: string, range: { suffixLength: number } | { offset: number; length: number }) {
      if (!shards.has(path)) shards.set(path, openFile(path));
      const file = await shards.get(path)!;
      if ('offset' in range) return read(file, range.offset, range.length);
      return read(file, isIndexFirst ? 0 : Math.max(0, (file?.size ?? 0) - range.suffixLength), range.suffixLength);
    },
  });
  const groups = new Map<string, Attributes>();
  const variables: CubeVariable[] = [];
  for (const [name, document] of documents) {
    const [, path = '', kind] = /^(?:(.*)\/)?(zarr\.json|\.zarray|\.zgroup)$/.exec(name) ?? [];
    const own = kind === 'zarr.json' ? document['attributes'] : documents.get(`${path && `${path}/`}.zattrs`);
    if (kind === '.zgroup' || document['node_type'] === 'group') groups.set(path, (own ?? {}) as Attributes);
    else if (kind !== undefined) {
      const store = storeOf(JSON.stringify([document['codecs']]).includes('"index_location":"start"'));
      const opening = (kind === 'zarr.json' ? open.v3 : open.v2)(root(store).resolve(path), { kind: 'array' });
      const array = await opening.catch(() => null); // of a type that is not known
      if (array !== null) variables.push(...variableOf(key, path, array, document));
    }
  }
  const folder = key.split('/').at(-2)!;
  const warp = `gdalwarp -geoloc -t_srs EPSG:4326 'ZARR:"${folder}":/VARIABLE' out.tif`;
  const remedies = remediesOf(warp, `open_zarr('${folder}'`, "to_zarr('out.zarr')");
  const warningOf = (path: string) => `${key}: found no chunk ${cited(path)}: its pixels have the fill value`;
  const about = () => (missing.length > 0 ? { warnings: missing.splice(0).map(warningOf) } : {});
  return { variables, groups, remedies, missing, about };
}

/** Texts of a fixed length, which version 3 got later: zarrita knows them by version 2's name alone. */
const textSchema = z
  .object({ name: z.literal('fixed_length_utf32'), configuration: z.object({ length_bytes: z.int() }) })
  .transform(({ configuration }) => `v2:U${configuration.length_bytes / 4}`);
const documentsSchema = z.record(z.string(), z.record(z.string(), z.union([textSchema, z.unknown()])));

/** Returns the metadata of all nodes, each by the key that it would have in the store. */
function documentsOf(key: string, text: string): Map<string, Record<string, unknown>> {
  const valid = () => text.replace(/"([^"\\]*(?:\\.?[^"\\]*)*)"?|(NaN|-?Infinity)/gs, '"$1$2"'); // as Python writes them
  const message = `${key}: found no JSON object, allowed are the metadata of a Zarr store`;
  const refuse = insteadOf(Error, (cause) => new InvalidSceneFile(message, { cause }));
  const root = attempt(() => z.record(z.string(), z.any()).parse(JSON.parse(valid())), refuse);
  const isThird = root['zarr_format'] === 3;
  const all = isThird ? root['consolidated_metadata']?.metadata : root['metadata'];
  const read = documentsSchema.safeParse(all ?? (root['node_type'] === 'array' ? {} : undefined));
  if (!read.success)
    throw new InvalidSceneFile(
      `${key}: found metadata that do not name the arrays of the store, allowed are consolidated ones. Write them: python -c "import zarr; zarr.consolidate_metadata('${key.split('/').at(-2)}')"`,
    );
  if (!isThird) return new Map(Object.entries(read.data));
  const others = Object.entries(read.data).map(([path, one]) => [`${path}/zarr.json`, one] as const);
  return new Map([['zarr.json', root], ...others]);
}

const isShape = (shape: unknown) => Array.isArray(shape) && shape.every((one) => Number.isInteger(one) && one >= 0);
class Unread extends errorNamed('Unread') {} // by the network or the disk: all else that zarrita throws is of the file
const unread = insteadOf(Error, (cause) => new Unread(cause.message, { cause }));

const CODECS =
  'Blosc, Zstandard, gzip, zlib, LZ4, shuffle, delta, bitround, transpose, CRC-32C and, in version 2, fixedscaleoffset; none around shards, all of the type and byte order of the array';

/** Returns none for an axis without values. As in xarray, the fill value of version 2 is nodata if it has one, and of version 3 only attributes say it. */
function variableOf(key: string, path: string, array: ZarrArray<DataType>, document: Attributes): CubeVariable[] {
  const { shape, chunks: block, dtype, fillValue } = array;
  if (!isShape(shape) || !isShape(block) || block.length !== shape.length || shape.join() === '0') return [];
  const dimensions = [(array.dimensionNames as unknown) ?? []].flat().map(String);
  const [isBool, isHalf] = [dtype === 'bool', dtype === 'float16']; // which no raster has
  const stored = isBool ? 'uint8' : isHalf ? 'float32' : dtype;
  const type = meantType(stored, array.attrs ?? {});
  const about = JSON.stringify([document['filters'], document['codecs']]); // of which zarrita leaves out types and what is around shards
  const isMixed = about.includes(String(document['dtype']).startsWith('>') ? '"<' : '">');
  const isWrapped = [document['codecs']].flat().length > 1 && about.includes('"sharding_indexed"');
  async function readBlock(at: readonly number[]) {
    try {
      if (isMixed || isWrapped) throw new RangeError(isMixed ? 'filters of two byte orders' : 'codecs around shards');
      const { data, shape: found, stride } = await array.getChunk([...at]);
      const values = found.reduce((product, one) => product * one, 1);
      const read = isBool ? Uint8Array.from(data) : isHalf ? Float32Array.from(data) : (data as RasterValues);
      if (read.length === values) return { values: type ? viewAs(type, read) : read, strides: stride };
      throw new RangeError(`${read.length} of ${values} values`);
    } catch (cause) {
      if (cause instanceof Unread || cause instanceof InvalidSceneFile) throw cause.cause ?? cause;
      const { message, cause: inner } = cause as Error; // of a codec, zarrita says which, and the codec why
      const reason = citedStart(inner instanceof Error ? `${message}: ${inner.message}` : message, 100);
      const found = `${key}: the chunk ${at.join(', ')} of ${cited(path)} can not be decoded: ${reason}`;
      const again = /^(Unknown codec|filters of|codecs around|delta of)/.test(message)
        ? `, allowed are ${CODECS}. Write the store anew with these, as after xarray's drop_encoding().`
        : '. Send it again, or write it with other codecs.';
      throw new InvalidSceneFile(found + again, { cause });
    }
  }
  const isText = /^(string|v2:(object|[SU]\d{1,3}))$/.test(dtype);
  const fill = 'dtype' in document && document['fill_value'] !== null && !isBool ? fillValue : null;
  return [{ path, attributes: array.attrs ?? {}, shape, block, dimensions, type, stored, isText, fill, readBlock }];
}

type About = { dtype?: string; astype?: string; data_type?: string; elementsize?: number; location?: string };
type Meta = { shape: number[]; dataType: string };
type Codecs = { fromConfig(about: About, meta?: Meta): { kind?: string; decode(bytes: Uint8Array): unknown } };
type Registry = Map<string, () => Codecs | Promise<Codecs>>;
let own: Registry | undefined;

/** Has zarrita decompress no more than a chunk's values, and a header, as its own codecs know no bound and Node's are faster; and heed what it leaves out. */
function mendCodecs(registry: Registry): void {
  own ??= new Map(registry);
  const bound = (name: string, decode: (bytes: Uint8Array, most: number, about: About) => unknown, more = {}) => {
    const fromConfig: Codecs['fromConfig'] = (about = {}, meta) => {
      const most = meta!.shape.reduce((product, one) => product * one, 8) + 1024;
      return { ...more, kind: 'bytes_to_bytes', decode: (bytes) => decode(bytes, most, about) };
    };
    for (const one of [name, `numcodecs.${name}`]) registry.set(one, () => ({ fromConfig }));
  };
  for (const [name, decompress] of Object.entries({ gzip: gunzipSync, zlib: inflateSync, zstd: zstdDecompressSync }))
    bound(name, (bytes, maxOutputLength) => new Uint8Array(decompress(bytes, { maxOutputLength }))); // copied, as small ones share memory;
  for (const [name, at] of Object.entries({ blosc: 4, lz4: 0 }))
    bound(name, async (bytes, most, about) => {
      if (Buffer.from(bytes.subarray(at, at + 4)).readUInt32LE() > most) throw new RangeError('It states more bytes.');
      return (await own!.get(name)!()).fromConfig(about).decode(bytes);
    });
  const checked = (bytes: Uint8Array, _: number, { location }: About) => {
    const [at, from, to] = location === 'start' ? [0, 4] : [bytes.length - 4, 0, -4]; // an option of numcodecs
    if (Buffer.from(bytes).readUInt32LE(at) !== crc32c(bytes.subarray(from, to)))
      throw new RangeError('It is that of other bytes.');
    return new Uint8Array(bytes.subarray(from, to)); // aligned, as the index must be
  };
  bound('crc32c', checked, { computeEncodedSize: (bytes: number) => bytes + 4 }); // which the index of shards needs
  const change = (name: string, by: (make: Codecs['fromConfig']) => Codecs['fromConfig']) =>
    registry.set(name, async () => {
      const changed = by((await own!.get(name)!()).fromConfig);
      return { fromConfig: (about = {}, meta) => changed(about, meta) };
    });
  change('numcodecs.shuffle', (make) => (about, meta) => make(about, about.elementsize ? undefined : meta)); // or it takes the array's
  const typed = ({ data_type }: About) => ({ getEncodedMeta: (of: Meta) => ({ ...of, dataType: data_type }) }); // without the fill value: NaN is no integer
  change('cast_value', (make) => (about, meta) => Object.assign(make(about, meta), typed(about)));
  change('numcodecs.delta', (make) => ({ dtype, astype = dtype }, meta) => {
    const type = meta!.dataType.replace(/^(.)\D*(\d+)$/, (_, kind, bits) => `${kind}${bits / 8}`); // NumPy has both names
    const isOwn = (one = type) => [type, meta!.dataType].includes(one.replace(/^[<>|=]/, ''));
    if (isOwn(dtype) && isOwn(astype)) return make({}, meta);
    throw new RangeError(`delta of ${dtype} as ${astype}`);
  });
}
