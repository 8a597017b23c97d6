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
  readonly origin?: 'false origin' | 'projection centre';
};

export type ParameterName =
  | 'lat_0'
  | 'lon_0'
  | 'lat_1'
  | 'lat_2'
  | 'lat_ts'
  | 'k_0'
  | 'x_0'
  | 'y_0'
  | 'h'
  | 'alpha'
  | 'gamma'
  | 'lonc';

export type Parameter = {
  /** Its names in well-known text: version 2, then version 1; `@` stands for the method's word for its origin. */
  readonly names: readonly [string, ...string[]];
  /** GeoTIFF's keys; writers differ in which of them they use. */
  readonly geoKeys: readonly number[];
  readonly kind: 'angle' | 'length' | 'scale';
  /** Its value when it is not given, null for none; without it, the parameter must be given. */
  readonly usual?: number | null;
};

const LONGITUDES = ['Longitude of @', 'central meridian', 'longitude of center', 'longitude of origin'] as const;
const LATITUDES = ['Latitude of @', 'latitude of origin', 'latitude of center', 'central parallel'] as const;
const STANDARD = ['Latitude of standard parallel', 'Latitude of 1st standard parallel', 'standard parallel 1'] as const;

/** By PROJ's names. */
export const PARAMETERS: Readonly<Record<ParameterName, Parameter>> = {
  lat_0: { names: LATITUDES, geoKeys: [3081, 3085, 3089], kind: 'angle', usual: 0 },
  lon_0: { names: LONGITUDES, geoKeys: [3080, 3084, 3088, 3095], kind: 'angle', usual: 0 },
  lonc: { names: LONGITUDES, geoKeys: [3088, 3080, 3084], kind: 'angle' },
  lat_1: { names: ['Latitude of 1st standard parallel', 'standard parallel 1'], geoKeys: [3078], kind: 'angle' },
  lat_2: { names: ['Latitude of 2nd standard parallel', 'standard parallel 2'], geoKeys: [3079], kind: 'angle' },
  lat_ts: { names: STANDARD, geoKeys: [3078], kind: 'angle' },
  k_0: {
    ...{ names: ['Scale factor at @', 'scale factor', 'Scale factor at natural origin'] as const },
    ...{ geoKeys: [3092, 3093], kind: 'scale', usual: 1 },
  },
  x_0: {
    ...{ names: ['False easting', 'Easting at false origin', 'Easting at projection centre'] as const },
    ...{ geoKeys: [3082, 3086, 3090], kind: 'length', usual: 0 },
  },
  y_0: {
    ...{ names: ['False northing', 'Northing at false origin', 'Northing at projection centre'] as const },
    ...{ geoKeys: [3083, 3087, 3091], kind: 'length', usual: 0 },
  },
  h: { names: ['Satellite Height', 'satellite height', 'height'], geoKeys: [], kind: 'length' },
  alpha: {
    names: ['Azimuth at projection centre', 'azimuth', 'Azimuth of initial line'],
    geoKeys: [3094],
    kind: 'angle',
  },
  gamma: {
    names: ['Angle from Rectified to Skew Grid', 'rectified grid angle'],
    geoKeys: [3096],
    kind: 'angle',
    usual: null,
  },
};

const AT_ORIGIN: readonly ParameterName[] = ['lat_0', 'lon_0', 'x_0', 'y_0'];
const SCALED: readonly ParameterName[] = ['lat_0', 'lon_0', 'k_0', 'x_0', 'y_0'];
const PLAIN: readonly ParameterName[] = ['lon_0', 'x_0', 'y_0'];
const PARALLELS: readonly ParameterName[] = ['lat_0', 'lon_0', 'lat_1', 'lat_2', 'x_0', 'y_0'];
const OBLIQUE: readonly ParameterName[] = ['lat_0', 'lonc', 'alpha', 'gamma', 'k_0', 'x_0', 'y_0'];

/**
 * The projections of which proj4 and PROJ place the same point within a metre. Where one name has two methods, the first
 * whose parameters are all given is meant.
 */
export const METHODS: readonly Method[] = [
  { proj: 'tmerc', names: ['Transverse Mercator', 'gauss kruger'], geoKey: 1, parameters: SCALED },
  {
    ...{
      proj: 'tmerc +axis=wsu',
      names: ['Transverse Mercator (South Orientated)', 'transverse mercator south orientated'],
    },
    ...{ geoKey: 27, parameters: SCALED },
  },
  {
    proj: 'merc',
    names: ['Mercator (variant B)', 'mercator 2sp', 'mercator'],
    geoKey: 7,
    parameters: ['lat_ts', ...PLAIN],
  },
  {
    ...{ proj: 'merc', names: ['Mercator (variant A)', 'mercator 1sp', 'mercator'] },
    ...{ geoKey: 7, parameters: ['lon_0', 'k_0', 'x_0', 'y_0'] },
  },
  {
    ...{
      proj: 'merc +a=6378137 +b=6378137',
      names: ['Popular Visualisation Pseudo Mercator', 'mercator auxiliary sphere'],
    },
    parameters: PLAIN,
  },
  {
    ...{
      proj: 'lcc',
      names: ['Lambert Conic Conformal (2SP)', 'lambert conformal conic 2sp', 'lambert conformal conic'],
    },
    ...{ geoKey: 8, parameters: PARALLELS, origin: 'false origin' },
  },
  {
    ...{
      proj: 'lcc',
      names: ['Lambert Conic Conformal (1SP)', 'lambert conformal conic 1sp', 'lambert conformal conic'],
    },
    ...{ geoKey: 9, parameters: SCALED },
  },
  { proj: 'laea', names: ['Lambert Azimuthal Equal Area'], geoKey: 10, parameters: AT_ORIGIN },
  {
    ...{ proj: 'aea', names: ['Albers Equal Area', 'albers conic equal area', 'albers'] },
    ...{ geoKey: 11, parameters: PARALLELS, origin: 'false origin' },
  },
  { proj: 'aeqd', names: ['Azimuthal Equidistant'], geoKey: 12, parameters: AT_ORIGIN },
  {
    ...{ proj: 'eqdc', names: ['Equidistant Conic'], geoKey: 13, parameters: PARALLELS },
    origin: 'false origin',
  },
  {
    ...{
      proj: 'stere',
      names: ['Polar Stereographic (variant B)', 'stereographic north pole', 'stereographic south pole'],
    },
    parameters: ['lat_ts', 'lon_0', 'x_0', 'y_0'],
  },
  {
    ...{ proj: 'stere', names: ['Polar Stereographic (variant A)', 'polar stereographic'] },
    ...{ geoKey: 15, parameters: SCALED },
  },
  { proj: 'stere', names: ['Stereographic'], geoKey: 14, parameters: SCALED },
  {
    ...{ proj: 'sterea', names: ['Oblique Stereographic', 'double stereographic'], geoKey: 16 },
    parameters: SCALED,
  },
  {
    ...{ proj: 'cea', names: ['Lambert Cylindrical Equal Area', 'cylindrical equal area'], geoKey: 28 },
    parameters: ['lat_ts', ...PLAIN],
  },
  { proj: 'cass', names: ['Cassini-Soldner', 'cassini'], geoKey: 18, parameters: AT_ORIGIN },
  { proj: 'poly', names: ['American Polyconic', 'polyconic'], geoKey: 22, parameters: AT_ORIGIN },
  { proj: 'robin', names: ['Robinson'], geoKey: 23, parameters: PLAIN },
  { proj: 'sinu', names: ['Sinusoidal'], geoKey: 24, parameters: PLAIN },
  { proj: 'moll', names: ['Mollweide'], parameters: PLAIN },
  { proj: 'eqearth', names: ['Equal Earth'], parameters: PLAIN },
  {
    ...{
      proj: 'omerc +no_uoff',
      names: [
        'Hotine Oblique Mercator (variant A)',
        'hotine oblique mercator',
        'hotine oblique mercator azimuth natural origin',
      ] as const,
    },
    ...{ geoKey: 3, parameters: OBLIQUE, origin: 'projection centre' },
  },
  {
    ...{
      proj: 'omerc',
      names: ['Hotine Oblique Mercator (variant B)', 'hotine oblique mercator azimuth center'] as const,
    },
    ...{ geoKey: 9815, parameters: OBLIQUE, origin: 'projection centre' },
  },
  {
    proj: 'geos +sweep=y',
    names: ['Geostationary Satellite (Sweep Y)', 'geostationary satellite'],
    parameters: ['h', ...PLAIN],
  },
  { proj: 'geos +sweep=x', names: ['Geostationary Satellite (Sweep X)'], parameters: ['h', ...PLAIN] },
];
