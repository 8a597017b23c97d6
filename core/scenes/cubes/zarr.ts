import { gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import type { DataType, Array as ZarrArray } from 'zarrita';
import * as z from 'zod';
import { attempt, cited, citedStart, InvalidSceneFile, insteadOf } from '../../base/errors.ts';
import type { SceneLimits } from '../../base/limits.ts';
import { nullIfNotFound, type OpenedAsset } from '../../base/objectStore.ts';
import type { SceneStream } from '../formats/format.ts';
import { whole } from '../formats/stacItem/itemChips.ts';
import type { RasterType } from '../raster/raster.ts';
import { type Attributes, type Cube, type CubeVariable, remediesOf, TYPES } from './cube.ts';

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
  boundCodecs(registry as unknown as Registry);
  const shards = new Map<string, Promise<OpenedAsset | null>>();
  const missing: string[] = [];
  let bytes = size;

  async function openFile(path: string): Promise<OpenedAsset | null> {
    const file = await asset!(path.slice(1).split('/').map(encodeURIComponent).join('/')).catch(nullIfNotFound);
    if (file === null) missing.push(path.slice(1));
    bytes += file?.size ?? 0;
    if (bytes <= limits.maxFileBytes) return file;
    throw new InvalidSceneFile(
      `${key}: found more than ${limits.maxFileBytes} bytes in the chunks of its bands, which is the limit of one scene. Send it in several, or deploy with a larger maxFileBytes.`,
    );
  }

  async function read(file: OpenedAsset | null, offset: number, length: number): Promise<Uint8Array | undefined> {
    if (length <= 2 * limits.maxRecordBytes) return file?.range(offset, length);
    throw new InvalidSceneFile(`${key}: found a chunk of ${length} bytes, allowed are at most twice maxRecordBytes`);
  }

  const store = {
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
      return read(file, Math.max(0, (file?.size ?? 0) - range.suffixLength), range.suffixLength);
    },
  };
  const groups = new Map<string, Attributes>();
  const variables: CubeVariable[] = [];
  for (const [name, document] of documents) {
    const [, path = '', kind] = /^(?:(.*)\/)?(zarr\.json|\.zarray|\.zgroup)$/.exec(name) ?? [];
    const own = kind === 'zarr.json' ? document['attributes'] : documents.get(`${path && `${path}/`}.zattrs`);
    if (kind === '.zgroup' || document['node_type'] === 'group') groups.set(path, (own ?? {}) as Attributes);
    else if (kind !== undefined) {
      const opening = (kind === 'zarr.json' ? open.v3 : open.v2)(root(store).resolve(path), { kind: 'array' });
      const array = await opening.catch(() => null); // of a type that is not known
      if (array !== null)
        variables.push(...variableOf(key, path, array, kind === '.zarray' && document['fill_value'] !== null));
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

const isShape = (shape: unknown) => Array.isArray(shape) && shape.every((one) => Number.isInteger(one) && one > 0);
const DAMAGE = /^(CodecPipeline|UnknownCodec|InvalidMetadata|Unsupported|Type|Range|Syntax)Error$/;

/** Returns none for what has no values. As in xarray, the fill value of version 2 is nodata if it has one, and of version 3 only attributes say it. */
function variableOf(key: string, path: string, array: ZarrArray<DataType>, isFillNodata: boolean): CubeVariable[] {
  const { shape, chunks: block, dtype, fillValue } = array;
  const attrs: Attributes = array.attrs ?? {};
  if (!isShape(shape) || !isShape(block) || block.length !== shape.length) return [];
  const dimensions = [(array.dimensionNames as unknown) ?? []].flat().map(String);
  const [isBool, isHalf] = [dtype === 'bool', dtype === 'float16']; // which no raster has
  const type = isBool ? 'uint8' : isHalf ? 'float32' : TYPES.includes(dtype) ? (dtype as RasterType) : null;
  async function readBlock(at: readonly number[]) {
    try {
      const { data, shape: found, stride } = await array.getChunk([...at]);
      const values = found.reduce((product, one) => product * one, 1);
      const read = isBool ? Uint8Array.from(data) : isHalf ? Float32Array.from(data) : (data as Uint8Array);
      if (read.length === values) return { values: read, strides: stride };
      throw new RangeError(`${read.length} of ${values} values`);
    } catch (cause) {
      const { name, message } = cause as Error;
      if (!DAMAGE.test(name) || 'code' in (cause as Error)) throw cause; // what the network or the disk says has a code
      const where = `${key}: the chunk ${at.join(', ')} of ${cited(path)}`;
      throw new InvalidSceneFile(`${where} can not be decoded: ${citedStart(message, 100)}`, { cause });
    }
  }
  const isText = /^(string|v2:(object|[SU]\d{1,3}))$/.test(dtype);
  const fill = isFillNodata && !isBool ? fillValue : null;
  return [{ path, attributes: attrs, shape, block, dimensions, type, isText, fill, readBlock }];
}

type Codec = { kind?: string; decode(bytes: Uint8Array): unknown };
type Codecs = { fromConfig(configuration: unknown, meta: { shape: number[] }): Codec };
type Registry = Map<string, () => Codecs | Promise<Codecs>>;
let own: Registry | undefined;

/** Has zarrita decompress no more than a chunk's values, and a header: its own codecs know no bound, and Node's are faster. */
function boundCodecs(registry: Registry): void {
  own ??= new Map(registry);
  const bound = (name: string, decode: (bytes: Uint8Array, maxOutputLength: number, about: unknown) => unknown) => {
    const fromConfig: Codecs['fromConfig'] = (about, { shape }) => {
      const most = shape.reduce((product, one) => product * one, 8) + 1024;
      return { kind: 'bytes_to_bytes', decode: (bytes) => decode(bytes, most, about) };
    };
    for (const one of [name, `numcodecs.${name}`]) registry.set(one, () => ({ fromConfig }));
  };
  for (const [name, decompress] of Object.entries({ gzip: gunzipSync, zlib: inflateSync, zstd: zstdDecompressSync }))
    bound(name, (bytes, maxOutputLength) => new Uint8Array(decompress(bytes, { maxOutputLength }))); // copied, as small ones share memory;
  for (const [name, at] of Object.entries({ blosc: 4, lz4: 0 }))
    bound(name, async (bytes, most, about) => {
      if (Buffer.from(bytes.subarray(at, at + 4)).readUInt32LE() > most) throw new RangeError('It states more bytes.');
      return (await own!.get(name)!()).fromConfig(about, { shape: [] }).decode(bytes);
    });
}
