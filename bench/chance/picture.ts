import { basename } from 'node:path';
import { bytesPerValue, type DataType, makePlane, type Plane } from '../../core/arrays/dataTypes.ts';
import { openGeoTiff } from '../../core/scenes/formats/geotiff/geotiff.ts';
import type { Raster } from '../../core/scenes/raster/raster.ts';
import { openSource } from '../../local/buckets/plainFile.ts';
import { encodeGeoTiff } from '../../test/geoTiff.ts';

/** The types that the files of scenes are written in. */
type Written = Uint8Array | Uint16Array;

/** A whole GeoTIFF in memory, from which scenes are cut. */
export type Picture = {
  /** The file's name without its extension. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly type: DataType;
  readonly bands: readonly { name: string; values: Written }[];
  /** Which band's mean tells the class of a chip. */
  readonly told: number;
  /** The value of pixels without data; and for each pixel whether it has data, if some do not. */
  readonly nodata: number | null;
  readonly valid: Uint8Array | null;
};

const ALL_BLOCKS = { maxBlockBytes: 2 ** 28, cacheBytes: 0 };

/** Reads a GeoTIFF of 8 or 16 bits. */
export async function readPicture(path: string): Promise<Picture> {
  await using source = await openSource(path);
  const raster = await openGeoTiff(source, ALL_BLOCKS);
  const { width, height, type, bands } = raster;
  if (type !== 'uint8' && type !== 'uint16') throw new Error(`${path}: found ${type}, allowed are uint8 and uint16`);
  const { into, valid } = await readWhole(raster, type);
  const { nodata } = bands[0]!;
  return {
    name: basename(path).replace(/\.\w+$/, ''),
    width,
    height,
    type,
    bands: bands.map(({ description }, i) => ({ name: description ?? `B${i + 1}`, values: into[i] as Written })),
    told: Math.ceil(bands.length / 2) - 1,
    nodata: nodata === null ? null : Number(nodata),
    valid,
  };
}

async function readWhole({ width, height, bands, read }: Raster, type: DataType) {
  const into: Plane[] = bands.map(() => makePlane(type, width * height));
  return { into, ...(await read({ x: 0, y: 0, width, height }, [...bands.keys()], into)) };
}

/** A rectangle of chips, each of them cut from somewhere in the picture. */
export type Scene = {
  readonly columns: number;
  /** The chips' upper left pixels, row by row. */
  readonly chips: readonly (readonly [x: number, y: number])[];
  /** One band's values are taken by a factor. */
  readonly dark?: { readonly band: number; readonly by: number };
};

/** The bytes of a scene's file. `serial` makes them its own: the same bytes would be a duplicate. */
export function fileOf(picture: Picture, side: number, { columns, chips, dark }: Scene, serial: number): Uint8Array {
  const width = columns * side;
  const height = (chips.length / columns) * side;
  const Values = bytesPerValue(picture.type) === 1 ? Uint8Array : Uint16Array;
  const bands = picture.bands.map(({ values: from }, band) => {
    const values = new Values(width * height);
    for (const [i, [x, y]] of chips.entries()) {
      const [left, top] = [(i % columns) * side, Math.floor(i / columns) * side];
      for (let row = 0; row < side; row += 1) {
        const start = (y + row) * picture.width + x;
        values.set(from.subarray(start, start + side), (top + row) * width + left);
      }
    }
    return dark?.band === band ? values.map((value) => Math.round(value * dark.by)) : values;
  });
  return encodeGeoTiff({
    width,
    height,
    bands,
    descriptions: picture.bands.map(({ name }) => name),
    ...(picture.nodata !== null && { nodata: picture.nodata }),
    origin: [serial, 0],
  });
}

/** The picture's chips side by side, without what is left over at the right and below. */
export function wholeOf({ width, height }: Pick<Picture, 'width' | 'height'>, side: number): Scene {
  const [columns, rows] = [Math.floor(width / side), Math.floor(height / side)];
  return squareAt(0, 0, columns, rows, side);
}

/** Neighbouring chips, from the upper left pixel. */
export function squareAt(x: number, y: number, columns: number, rows: number, side: number): Scene {
  const chips = Array.from(
    { length: columns * rows },
    (_, i) => [x + side * (i % columns), y + side * Math.floor(i / columns)] as const,
  );
  return { columns, chips };
}
