import type { DataType } from '../../../arrays/dataTypes.ts';
import type { Layer, MapClass, OverviewResampling } from '../../../package/layer.ts';
import type { Raster } from '../../../scenes/raster/raster.ts';

/** The transform is as in the source: relative to a pixel's corner, even if its GeoKeys say that coordinates refer to pixel centres. */
export type CogSpec = Pick<Raster, 'width' | 'height' | 'transform' | 'geoKeys'> & {
  readonly dataType: DataType;
  readonly bands: readonly Pick<Layer, 'description' | 'scale' | 'offset'>[];
  /** The nodata value, which may be NaN; null if there is none. */
  readonly nodata: number | null;
  /** The colours of a single uint8 or uint16 band; other values are black. */
  readonly palette?: readonly PaletteColour[];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly resampling: OverviewResampling;
};

export type PaletteColour = Pick<MapClass, 'value' | 'colour'>;

/** Storage for compressed tiles, until the directories at the beginning of a COG can say where each tile is. */
export type Scratch = {
  /** Stores bytes and returns the offset at which to read them. They may be changed once this resolves. */
  append(bytes: Uint8Array): Promise<number>;
  read(offset: number, length: number): Promise<Uint8Array>;
};
