import type { DataType } from '../arrays/dataTypes.ts';

export type Layer = {
  /** The run's map that it belongs to; all layers of a map share type, nodata and resampling. */
  readonly map: MapName;
  readonly description: string;
  /** A value stands for `value * scale + offset`. */
  readonly scale?: number;
  readonly offset?: number;
  readonly dataType: DataType;
  /** Stands for pixels without data, and for pixels without a finite output. */
  readonly nodata: number;
  readonly resampling: OverviewResampling;
  readonly classes?: readonly MapClass[];
};
export type MapName = 'predictions' | 'unsure' | 'probabilities';

/** How four pixels become one, by GDAL's names: the most frequent value of those with data, or the mean of those with data. At an odd edge, two pixels or one are combined. */
export type OverviewResampling = 'mode' | 'average';

export type MapClass = {
  readonly value: number;
  readonly name: string;
  readonly title?: string;
  /** Red, green and blue, each from 0 to 255. */
  readonly colour: Colour;
};

export type Colour = readonly [red: number, green: number, blue: number];
