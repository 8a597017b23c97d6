import { type DataType, rangeOf } from '../../../arrays/dataTypes.ts';
import type { Layer, OverviewResampling } from '../../../package/layer.ts';
import type { GeoKeys, Transform } from '../../../scenes/raster/raster.ts';

export type CogSpec = {
  readonly width: number;
  readonly height: number;
  readonly dataType: DataType;
  readonly bands: readonly CogBand[];
  /** The nodata value, which may be NaN; null if there is none. */
  readonly nodata: number | null;
  /** As in the source: relative to a pixel's corner, even if its GeoKeys say that coordinates refer to pixel centres. */
  readonly transform: Transform | null;
  readonly geoKeys: GeoKeys | null;
  /** The colours of a single uint8 or uint16 band; other values are black. */
  readonly palette?: readonly PaletteColour[];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly resampling: OverviewResampling;
};

export type CogBand = Pick<Layer, 'description' | 'scale' | 'offset'>;

export type PaletteColour = {
  readonly value: number;
  /** Each from 0 to 255. */
  readonly colour: readonly [red: number, green: number, blue: number];
};

/** @throws {RangeError} for anything that a TIFF cannot hold */
export function checkCogSpec({ width, height, dataType, bands, nodata, palette }: CogSpec): void {
  const sides = [width, height];
  if (!sides.every((side) => Number.isInteger(side) && side >= 1 && side < 2 ** 31))
    throw new RangeError(`found ${width} × ${height} pixels, allowed are whole numbers from 1 to ${2 ** 31 - 1}`);
  if (bands.length < 1 || bands.length > 65_535)
    throw new RangeError(`found ${bands.length} bands, allowed are 1 to 65535`);
  const { low, high } = rangeOf(dataType);
  if (nodata !== null && Number.isFinite(low) && !(Number.isInteger(nodata) && nodata >= low && nodata <= high))
    throw new RangeError(`found ${nodata} as nodata of ${dataType}, allowed are whole numbers from ${low} to ${high}`);
  if (palette === undefined) return;
  if (bands.length !== 1 || (dataType !== 'uint8' && dataType !== 'uint16'))
    throw new RangeError(`found a palette of ${bands.length} bands of ${dataType}, allowed is 1 of uint8 or uint16`);
  const odd = palette.find(({ value }) => !Number.isInteger(value) || value < low || value > high);
  if (odd !== undefined)
    throw new RangeError(`found a colour of ${odd.value}, allowed are values from ${low} to ${high}`);
}

/** Storage for compressed tiles, until the directories at the beginning of a COG can say where each tile is. */
export type Scratch = {
  /** Stores bytes and returns the offset at which to read them. They may be changed once this resolves. */
  append(bytes: Uint8Array): Promise<number>;
  read(offset: number, length: number): Promise<Uint8Array>;
};
