import tables from './methods.json' with { type: 'json' };

/** A projection: what well-known text, GeoTIFF and PROJ call it, and its parameters. */
export type Method = {
  /** PROJ's name, with what else the method fixes. */
  readonly proj: string;
  /** Its name in well-known text, version 2, then those in version 1, of GDAL and of Esri. */
  readonly names: readonly [string, ...string[]];
  /** ProjCoordTransGeoKey. */
  readonly geoKey?: number;
  /** PROJ's names of the parameters. */
  readonly parameters: readonly ParameterName[];
  /** What its origin is called in well-known text, version 2. */
  readonly origin: string;
};

type Standard = 'lat_0' | 'lon_0' | 'lat_1' | 'lat_2' | 'lat_ts' | 'k_0' | 'x_0' | 'y_0';
export type ParameterName = Standard | 'h' | 'alpha' | 'gamma' | 'lonc';

export type Parameter = {
  /** Its names in well-known text: version 2, then version 1; `@` stands for the method's word for its origin. */
  readonly names: readonly [string, ...string[]];
  /** GeoTIFF's keys; writers differ in which of them they use. */
  readonly geoKeys: readonly number[];
  readonly kind: 'angle' | 'length' | 'scale';
  /** Its value when it is not given, null for none; without it, the parameter must be given. */
  readonly usual?: number | null;
};

/** By PROJ's names. The compiler does not see that the file is of these types: methods.test.ts does. */
export const PARAMETERS = tables.parameters as unknown as Readonly<Record<ParameterName, Parameter>>;

/**
 * The projections of which proj4 and PROJ place the same point within a metre. Where one name has two methods, the first
 * whose parameters are all given is meant.
 */
export const METHODS = tables.methods as unknown as readonly Method[];
