import { openGeoTiff } from '../core/scenes/formats/geotiff/geotiff.ts';
import { TAG, type TagName } from '../core/scenes/formats/geotiff/tags.ts';
import type { Raster, RasterLimits } from '../core/scenes/raster/raster.ts';
import { openInMemory } from './openInMemory.ts';

/** Opens a TIFF in memory: see `openInMemory`. */
export function openBytes(
  file: Uint8Array,
  limits?: Partial<RasterLimits>,
  requests?: [offset: number, length: number][],
): Promise<Raster> {
  return openInMemory(openGeoTiff, 'a.tif', file, limits, requests);
}

/** By tag, its values; a text is ASCII, bytes are as they are, other numbers are LONG, or LONG8 in a BigTIFF. */
export type Fields = { readonly [tag in TagName]?: readonly number[] | string | Uint8Array };

export type TiffSpec = {
  /** Of each directory; the first has the blocks unless it says where they are. */
  directories: readonly Fields[];
  blocks?: readonly Uint8Array[];
  isBig?: boolean;
  isTiled?: boolean;
  /** What the last directory says comes next. */
  next?: number;
  /** Of some tags, the type that their values have. */
  types?: { readonly [tag in TagName]?: number };
  /** So many entries has the first directory, of which most mean nothing. */
  entries?: number;
  /** What stands for an entry's count. */
  count?: (tag: TagName, count: number) => number;
};

/** Makes a little-endian TIFF: its directories, and behind them its blocks. */
export function makeTiff({
  directories,
  blocks = [],
  isBig = false,
  isTiled = false,
  next = 0,
  types = {},
  entries: least = 0,
  count = (_, many) => many,
}: TiffSpec): Uint8Array {
  const [head, word, entryBytes, type] = isBig ? [8, 8, 20, 16] : [2, 4, 12, 4];
  const start = isBig ? 16 : 8;
  const put = (values: readonly number[], bytes = word) => {
    const into = Buffer.alloc(values.length * bytes);
    values.forEach((value, i) => {
      if (bytes === 8) into.writeBigUInt64LE(BigInt(value), 8 * i);
      else into.writeUIntLE(value, bytes * i, bytes);
    });
    return into;
  };

  function behindHeader(firstBlock: number): Buffer {
    let at = start;
    const parts: Buffer[] = [];
    const offsets = blocks.map((_, i) => blocks.slice(0, i).reduce((sum, { length }) => sum + length, firstBlock));
    const lengths = blocks.map(({ length }) => length);
    const located: Fields = isTiled
      ? { TileOffsets: offsets, TileByteCounts: lengths }
      : { StripOffsets: offsets, StripByteCounts: lengths };
    directories.forEach((given, index) => {
      const fields = Object.entries(index === 0 ? { ...located, ...given } : given) as [TagName, string | number[]][];
      const strangers = index === 0 ? Math.max(0, least - fields.length) : 0;
      const size = head + (fields.length + strangers) * entryBytes + word;
      const far: Buffer[] = [];
      let farAt = at + size;
      const entries = fields.map(([tag, value]) => {
        const isBytes = typeof value === 'string' || value instanceof Uint8Array;
        const bytes = isBytes ? Buffer.from(value as string) : put(value);
        const many = isBytes ? bytes.length : value.length;
        const inline = bytes.length <= word ? Buffer.concat([bytes], word) : put([farAt]);
        if (bytes.length > word) {
          far.push(bytes);
          farAt += bytes.length;
        }
        const kind = types[tag] ?? (typeof value === 'string' ? 2 : isBytes ? 7 : type);
        return Buffer.concat([put([TAG[tag], kind], 2), put([count(tag, many)]), inline]);
      });
      for (let i = 0; i < strangers; i += 1)
        entries.push(put([50_000 + i, 3, ...Array(entryBytes / 2 - 2).fill(0)], 2));
      const isLast = index === directories.length - 1;
      parts.push(put([fields.length + strangers], head), ...entries, put([isLast ? next : farAt]), ...far);
      at = farAt;
    });
    return Buffer.concat(parts);
  }

  const header = isBig
    ? Buffer.concat([Buffer.from('II+\0'), put([8, 0], 2), put([start])])
    : Buffer.concat([Buffer.from('II*\0'), put([start])]);
  const { length } = behindHeader(0);
  return new Uint8Array(Buffer.concat([header, behindHeader(start + length), ...blocks]));
}
