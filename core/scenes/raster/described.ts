import { citedStart } from '../../base/errors.ts';
import { type Datum, epsgSystem } from './epsg/systems.ts';
import { METHODS, type Method, PARAMETERS, type ParameterName } from './methods.ts';
import type { System } from './placement.ts';

/** A coordinate reference system as a file describes it, without a code of its own. */
export type Described = {
  readonly name: string;
  /** Null for longitudes and latitudes. */
  readonly projection: Projection | null;
  /** Of its coordinates, in metres or degrees. */
  readonly unit: number;
  readonly ellipsoid: { readonly name: string; readonly semiMajor: number; readonly semiMinor: number };
  /** Null if EPSG does not know it by the name that the file gives. */
  readonly datum: Datum | null;
  readonly datumName: string;
  /** The prime meridian's longitude. */
  readonly meridian: number;
  /** The shift to WGS84 that the file gives, as in `Operation`. */
  readonly shift: readonly number[] | null;
};

/** Values are degrees, metres and factors. */
type Projection = { readonly method: Method; readonly values: Readonly<Partial<Record<ParameterName, number>>> };

/** The projection of a file's method, which `isNamed` finds, and of the parameters that are `given`; or why it is not known. */
export function projectionOf(
  name: string,
  isNamed: (method: Method) => boolean,
  given: (parameter: ParameterName) => number | undefined,
): Described['projection'] | string {
  for (const method of METHODS.filter(isNamed)) {
    const values: Partial<Record<ParameterName, number>> = {};
    for (const parameter of method.parameters) {
      const value = given(parameter) ?? PARAMETERS[parameter].usual;
      if (typeof value === 'number') values[parameter] = value;
    }
    const isWhole = method.parameters.every((one) => values[one] !== undefined || PARAMETERS[one].usual === null);
    if (isWhole) return trueToScale({ method, values });
  }
  return `its projection (${name}) is not known`;
}

/** Of a polar stereographic projection, a latitude other than the pole's is that of true scale, whatever the variant. */
function trueToScale({ method, values }: Projection): Projection {
  const { lat_0: lat_ts = 90, k_0: _, ...rest } = values;
  if (Math.abs(lat_ts) === 90 || !method.names[0].startsWith('Polar')) return { method, values };
  const variantB = METHODS.find(({ names }) => names[0] === 'Polar Stereographic (variant B)')!;
  return { method: variantB, values: { lat_ts, ...rest } };
}

/** What is left where no operation holds: the datum is taken for WGS84. */
const BALLPARK = { area: [-180, -90, 180, 90], accuracy: null, shift: [] } as const;

/** What writers call a datum that they do not know; PROJ takes it for WGS84. */
const NO_DATUM = /^(D_)?(unknown|unnamed|undefined|not[ _]specified|user[ _]defined)/i;

/** Returns the system as `placementIn` takes it, or the reason why its datum is not known. */
export async function systemOf(described: Described): Promise<System | string> {
  const { projection, unit, ellipsoid, datum, datumName, meridian, shift } = described;
  const { semiMajor, semiMinor } = ellipsoid;
  if (datum === null && shift === null && semiMajor !== semiMinor && !NO_DATUM.test(datumName))
    return `its datum (${citedStart(datumName, 100)}) is not known`;
  const parts = [
    ...(projection === null ? ['longlat'] : [projection.method.proj, ...parametersOf(projection)]),
    ...(projection?.method.proj.includes('+a=') ? [] : [`a=${semiMajor}`, `b=${semiMinor}`]),
    ...(meridian === 0 ? [] : [`pm=${meridian}`]),
    ...(unit === 1 ? [] : [`${projection === null ? 'to_degrees' : 'to_meter'}=${unit}`]),
  ];
  const definition = `+proj=${parts.join(' +')}`;
  if (shift === null && datum !== null) {
    const known = await epsgSystem(datum.code);
    if (known !== null) {
      const { default: proj4 } = await import('proj4');
      const own: { a: number; b: number; from_greenwich?: number } = new proj4.Proj(known.definition);
      const east = ((own.from_greenwich ?? 0) * 180) / Math.PI;
      // GDAL 3.10.3 writes a meridian in grads as radians times degrees per grad.
      if (east !== 0 && Math.abs(east - meridian) > 1e-6)
        return `its prime meridian (${meridian}) is not that of its datum (${datum.name})`;
      const isOwnFigure = Math.abs(own.a - semiMajor) < 1 && Math.abs(own.b - semiMinor) < 1;
      if (isOwnFigure) return { definition, operations: [...known.operations, BALLPARK] };
    }
  }
  return { definition, operations: [{ ...BALLPARK, shift: shift ?? [] }] };
}

function parametersOf({ method, values }: Projection): string[] {
  const { lat_0 = 0, lat_ts, k_0 = 1 } = values;
  const rest = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  if (method.names[0] === 'Lambert Conic Conformal (1SP)') return [...rest, `lat_1=${lat_0}`];
  if (!method.names[0].startsWith('Polar')) return rest;
  const latitude = lat_ts ?? lat_0;
  const { lon_0, x_0, y_0 } = values;
  const scale = Math.abs(latitude) === 90 ? `k_0=${k_0}` : `lat_ts=${latitude}`;
  return [`lat_0=${latitude < 0 ? -90 : 90}`, scale, `lon_0=${lon_0}`, `x_0=${x_0}`, `y_0=${y_0}`];
}

/** Returns the system as well-known text of version 2 (OGC 18-010r11). */
export function wkt2(of: Described): string {
  const { name, projection, unit, shift } = of;
  const own = projection === null ? geographic(of, name, unit) : projected(of, projection);
  if (shift === null) return own;
  const method = shift.length === 7 ? 'Position Vector transformation' : 'Geocentric translations';
  // In metres, seconds of arc and, of the scale, a factor.
  const parameters = shift.map((value, i) =>
    i < 6 ? node('PARAMETER', SHIFTS[i]!, value) : node('PARAMETER', 'Scale difference', 1 + value / 1e6),
  );
  const transformation = [node('METHOD', `${method} (geog2D domain)`), ...parameters];
  const toWgs84 = node('ABRIDGEDTRANSFORMATION', `${name} to WGS 84`, ...transformation);
  return `BOUNDCRS[SOURCECRS[${own}],TARGETCRS[${geographic(WGS84, 'WGS 84', 1)}],${toWgs84}]`;
}

const node = (word: string, name: string, ...inside: readonly (string | number)[]): string =>
  `${word}[${[`"${name.replaceAll('"', '""')}"`, ...inside].join()}]`;
const angleUnit = (degrees: number) =>
  node('ANGLEUNIT', degrees === 1 ? 'degree' : 'unknown', (degrees * Math.PI) / 180);
const lengthUnit = (metres: number) => node('LENGTHUNIT', metres === 1 ? 'metre' : 'unknown', metres);
/** Of the parameters of projections. */
const UNITS = { angle: angleUnit(1), length: lengthUnit(1), scale: node('SCALEUNIT', 'unity', 1) };

const SHIFTS = ['translation', 'rotation'].flatMap((what) => ['X', 'Y', 'Z'].map((axis) => `${axis}-axis ${what}`));

const WGS84 = {
  datumName: 'World Geodetic System 1984',
  meridian: 0,
  ellipsoid: { name: 'WGS 84', semiMajor: 6378137, semiMinor: 6356752.314245179 },
};

type Geodetic = Pick<Described, 'datumName' | 'ellipsoid' | 'meridian'>;

/** @param unit of its coordinates; none for the base of a projected system, which has no axes */
function geographic({ datumName, ellipsoid, meridian }: Geodetic, name: string, unit?: number): string {
  const { name: figure, semiMajor, semiMinor } = ellipsoid;
  const inverse = semiMajor === semiMinor ? 0 : semiMajor / (semiMajor - semiMinor);
  const datum = node('DATUM', datumName, node('ELLIPSOID', figure, semiMajor, inverse, UNITS.length));
  const parts = [datum, ...(meridian === 0 ? [] : [node('PRIMEM', 'unknown', meridian, UNITS.angle)])];
  if (unit === undefined) return node('BASEGEOGCRS', name, ...parts);
  const axes = 'CS[ellipsoidal,2],AXIS["longitude",east],AXIS["latitude",north]';
  return node('GEOGCRS', name, ...parts, axes, angleUnit(unit));
}

function projected(of: Described, { method, values }: Projection): string {
  const { name, datum, unit } = of;
  const isPolar = method.names[0].startsWith('Polar'); // whose latitude of true scale PROJ calls otherwise
  const parameters = Object.entries(values).map(([parameter, value]) => {
    const { names, kind } = PARAMETERS[parameter as ParameterName];
    const isCalled = (one: string) => one.endsWith(method.origin) || (!isPolar && one.includes(' 1st '));
    const called = names.find(isCalled) ?? names[0].replace('@', method.origin);
    return node('PARAMETER', called, value, UNITS[kind]);
  });
  const conversion = node('CONVERSION', 'unknown', node('METHOD', method.names[0]), ...parameters);
  const isSouth = method.proj.includes('axis=wsu');
  const axes = isSouth ? 'AXIS["westing",west],AXIS["southing",south]' : 'AXIS["easting",east],AXIS["northing",north]';
  const base = geographic(of, datum?.name ?? 'unknown');
  return node('PROJCRS', name, base, conversion, `CS[Cartesian,2],${axes}`, lengthUnit(unit));
}
