/** A projection: what well-known text, GeoTIFF and PROJ call it, and its parameters. */
export type Method = {
  /** PROJ's name, with what else the method fixes. */
  readonly proj: string;
  /** Its name in well-known text, version 2, then those in version 1, of GDAL and of Esri. */
  readonly names: readonly [string, ...string[]];
  /** ProjCoordTransGeoKey. */
  readonly geoKey: number | undefined;
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
  readonly usual: number | null | undefined;
};

/** PROJ's name, kind, usual value, GeoTIFF's keys, names. */
const PARAMETER_TABLE = `
lat_0 | angle | 0 | 3081 3085 3089 | Latitude of @, latitude of origin, latitude of center, central parallel
lon_0 | angle | 0 | 3080 3084 3088 3095 | Longitude of @, central meridian, longitude of center, longitude of origin
lonc | angle | needed | 3088 3080 3084 | Longitude of @, central meridian, longitude of center, longitude of origin
lat_1 | angle | needed | 3078 | Latitude of 1st standard parallel, standard parallel 1
lat_2 | angle | needed | 3079 | Latitude of 2nd standard parallel, standard parallel 2
lat_ts | angle | needed | 3078 | Latitude of standard parallel, Latitude of 1st standard parallel, standard parallel 1
k_0 | scale | 1 | 3092 3093 | Scale factor at @, scale factor, Scale factor at natural origin
x_0 | length | 0 | 3082 3086 3090 | False easting, Easting at false origin, Easting at projection centre
y_0 | length | 0 | 3083 3087 3091 | False northing, Northing at false origin, Northing at projection centre
h | length | needed | | Satellite Height, satellite height, height
alpha | angle | needed | 3094 | Azimuth at projection centre, azimuth, Azimuth of initial line
gamma | angle | none | 3096 | Angle from Rectified to Skew Grid, rectified grid angle`;

/** By PROJ's names. */
export const PARAMETERS = Object.fromEntries(
  rowsOf(PARAMETER_TABLE).map(([name, kind, usual, geoKeys, names]) => [
    name,
    {
      kind: kind as Parameter['kind'],
      usual: usual === 'needed' ? undefined : usual === 'none' ? null : Number(usual),
      geoKeys: geoKeys === '' ? [] : geoKeys!.split(' ').map(Number),
      names: names!.split(', ') as [string, ...string[]],
    },
  ]),
) as unknown as Readonly<Record<ParameterName, Parameter>>;

/** PROJ's name, GeoTIFF's key, PROJ's parameters, what the origin is called, names. */
const METHOD_TABLE = `
tmerc | 1 | lat_0 lon_0 k_0 x_0 y_0 | natural origin | Transverse Mercator, gauss kruger
tmerc +axis=wsu | 27 | lat_0 lon_0 k_0 x_0 y_0 | natural origin | Transverse Mercator (South Orientated), transverse mercator south orientated
merc | 7 | lat_ts lon_0 x_0 y_0 | natural origin | Mercator (variant B), mercator 2sp, mercator
merc | 7 | lon_0 k_0 x_0 y_0 | natural origin | Mercator (variant A), mercator 1sp, mercator
merc +a=6378137 +b=6378137 | | lon_0 x_0 y_0 | natural origin | Popular Visualisation Pseudo Mercator, mercator auxiliary sphere
lcc | 8 | lat_0 lon_0 lat_1 lat_2 x_0 y_0 | false origin | Lambert Conic Conformal (2SP), lambert conformal conic 2sp, lambert conformal conic
lcc | 9 | lat_0 lon_0 k_0 x_0 y_0 | natural origin | Lambert Conic Conformal (1SP), lambert conformal conic 1sp, lambert conformal conic
laea | 10 | lat_0 lon_0 x_0 y_0 | natural origin | Lambert Azimuthal Equal Area
aea | 11 | lat_0 lon_0 lat_1 lat_2 x_0 y_0 | false origin | Albers Equal Area, albers conic equal area, albers
aeqd | 12 | lat_0 lon_0 x_0 y_0 | natural origin | Azimuthal Equidistant
eqdc | 13 | lat_0 lon_0 lat_1 lat_2 x_0 y_0 | false origin | Equidistant Conic
stere | | lat_ts lon_0 x_0 y_0 | natural origin | Polar Stereographic (variant B), stereographic north pole, stereographic south pole
stere | 15 | lat_0 lon_0 k_0 x_0 y_0 | natural origin | Polar Stereographic (variant A), polar stereographic
stere | 14 | lat_0 lon_0 k_0 x_0 y_0 | natural origin | Stereographic
sterea | 16 | lat_0 lon_0 k_0 x_0 y_0 | natural origin | Oblique Stereographic, double stereographic
cea | 28 | lat_ts lon_0 x_0 y_0 | natural origin | Lambert Cylindrical Equal Area, cylindrical equal area
cass | 18 | lat_0 lon_0 x_0 y_0 | natural origin | Cassini-Soldner, cassini
poly | 22 | lat_0 lon_0 x_0 y_0 | natural origin | American Polyconic, polyconic
robin | 23 | lon_0 x_0 y_0 | natural origin | Robinson
sinu | 24 | lon_0 x_0 y_0 | natural origin | Sinusoidal
moll | | lon_0 x_0 y_0 | natural origin | Mollweide
eqearth | | lon_0 x_0 y_0 | natural origin | Equal Earth
omerc +no_uoff | 3 | lat_0 lonc alpha gamma k_0 x_0 y_0 | projection centre | Hotine Oblique Mercator (variant A), hotine oblique mercator, hotine oblique mercator azimuth natural origin
omerc | 9815 | lat_0 lonc alpha gamma k_0 x_0 y_0 | projection centre | Hotine Oblique Mercator (variant B), hotine oblique mercator azimuth center
geos +sweep=y | | h lon_0 x_0 y_0 | natural origin | Geostationary Satellite (Sweep Y), geostationary satellite
geos +sweep=x | | h lon_0 x_0 y_0 | natural origin | Geostationary Satellite (Sweep X)`;

/**
 * The projections of which proj4 and PROJ place the same point within a metre. Where one name has two methods, the first
 * whose parameters are all given is meant.
 */
export const METHODS = rowsOf(METHOD_TABLE).map(
  ([proj, geoKey, parameters, origin, names]): Method => ({
    proj: proj!,
    origin: origin!,
    geoKey: geoKey === '' ? undefined : Number(geoKey),
    parameters: parameters!.split(' ') as ParameterName[],
    names: names!.split(', ') as [string, ...string[]],
  }),
);

function rowsOf(table: string): string[][] {
  return table
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
}
