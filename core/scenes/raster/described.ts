import { citedStart } from '../../base/text/cited.ts';
import { type Datum, epsgSystem } from './epsg/systems.ts';
import { METHODS, type Method, PARAMETERS, type ParameterName } from './methods.ts';
import type { System } from './placement.ts';

/** A coordinate reference system as a file describes it, without a code of its own. */
export type Described = {
  readonly name: string;
  /** Null for longitudes and latitudes. */
  readonly projection: { readonly method: Method; readonly values: Values } | null;
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

/** Degrees, metres and factors. */
type Values = Readonly<Partial<Record<ParameterName, number>>>;

/**
 * Returns the projection that a file means by a method and its parameters, or the reason why it is not known.
 *
 * @param isNamed whether a method is the one that the file names
 * @param given returns the value of a parameter, if the file gives it
 */
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
    if (isWhole) return { method, values };
  }
  return `its projection (${name}) is not known`;
}

/** What is left where no operation holds: the datum is taken for WGS84. */
const BALLPARK = { area: [-180, -90, 180, 90], accuracy: null, shift: [] } as const;

/** What writers call a datum that they do not know; PROJ takes it for WGS84. */
const NO_DATUM = /^(D_)?(unknown|unnamed|not[ _]specified|user[ _]defined)/i;

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

function parametersOf({ method, values }: NonNullable<Described['projection']>): string[] {
  const { lat_0 = 0, lat_ts, k_0 = 1 } = values;
  const rest = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  if (method.names[0] === 'Lambert Conic Conformal (1SP)') return [...rest, `lat_1=${lat_0}`];
  if (!method.names[0].startsWith('Polar')) return rest;
  // A latitude other than the pole's is that of true scale, whatever the variant.
  const latitude = lat_ts ?? lat_0;
  const isPole = Math.abs(latitude) === 90;
  const { lon_0, x_0, y_0 } = values;
  const scale = isPole ? `k_0=${k_0}` : `lat_ts=${latitude}`;
  return [`lat_0=${latitude < 0 ? -90 : 90}`, scale, `lon_0=${lon_0}`, `x_0=${x_0}`, `y_0=${y_0}`];
}

/** Returns the system as PROJJSON 0.7: https://proj.org/en/stable/specifications/projjson.html */
export function projJson(of: Described): Record<string, unknown> {
  const { name, projection, unit, shift } = of;
  const base = geographic(of, projection === null ? { name, unit } : { name: of.datum?.name ?? 'unknown', unit: 1 });
  const own = projection === null ? base : projected(of, projection, base);
  const $schema = 'https://proj.org/schemas/v0.7/projjson.schema.json';
  if (shift === null) return { $schema, ...own };
  const isLong = shift.length === 7;
  return {
    ...{ $schema, type: 'BoundCRS', source_crs: own, target_crs: geographic(WGS84, { name: 'WGS 84', unit: 1 }) },
    transformation: {
      name: `${name} to WGS 84`,
      method: {
        name: isLong ? 'Position Vector transformation (geog2D domain)' : 'Geocentric translations (geog2D domain)',
      },
      parameters: shift.map((value, i) => ({ name: SHIFTS[i]![0], value, unit: SHIFTS[i]![1] })),
    },
  };
}

const WGS84 = {
  ...{ datumName: 'World Geodetic System 1984', meridian: 0 },
  ellipsoid: { name: 'WGS 84', semiMajor: 6378137, semiMinor: 6356752.314245179 },
};

const ARC_SECOND = { type: 'AngularUnit', name: 'arc-second', conversion_factor: Math.PI / 648_000 };
const MILLIONTH = { type: 'ScaleUnit', name: 'parts per million', conversion_factor: 1e-6 };
const SHIFTS = [
  ...['X-axis translation', 'Y-axis translation', 'Z-axis translation'].map((name) => [name, 'metre'] as const),
  ...['X-axis rotation', 'Y-axis rotation', 'Z-axis rotation'].map((name) => [name, ARC_SECOND] as const),
  ['Scale difference', MILLIONTH] as const,
];

function geographic(
  {
    datumName,
    ellipsoid: { name: figure, semiMajor, semiMinor },
    meridian,
  }: Pick<Described, 'datumName' | 'ellipsoid' | 'meridian'>,
  { name, unit }: Pick<Described, 'name' | 'unit'>,
) {
  const degree =
    unit === 1 ? 'degree' : { type: 'AngularUnit', name: 'unknown', conversion_factor: (unit * Math.PI) / 180 };
  return {
    ...{ type: 'GeographicCRS', name },
    datum: {
      ...{ type: 'GeodeticReferenceFrame', name: datumName },
      ellipsoid: {
        name: figure,
        ...(semiMajor === semiMinor
          ? { radius: semiMajor }
          : { semi_major_axis: semiMajor, inverse_flattening: semiMajor / (semiMajor - semiMinor) }),
      },
      ...(meridian !== 0 && { prime_meridian: { name: 'unknown', longitude: meridian } }),
    },
    coordinate_system: {
      subtype: 'ellipsoidal',
      axis: [
        { name: 'Longitude', abbreviation: 'lon', direction: 'east', unit: degree },
        { name: 'Latitude', abbreviation: 'lat', direction: 'north', unit: degree },
      ],
    },
  };
}

function projected({ name, unit }: Described, { method, values }: NonNullable<Described['projection']>, base: object) {
  const { origin } = method;
  const metre = unit === 1 ? 'metre' : { type: 'LinearUnit', name: 'unknown', conversion_factor: unit };
  const axis = (called: string, abbreviation: string, direction: string) => ({
    ...{ name: called, abbreviation, direction, unit: metre },
  });
  const isSouthern = method.proj.includes('axis=wsu');
  return {
    ...{ type: 'ProjectedCRS', name, base_crs: base },
    conversion: {
      name: 'unknown',
      method: { name: method.names[0] },
      parameters: Object.entries(values).map(([parameter, value]) => {
        const { names, kind } = PARAMETERS[parameter as ParameterName];
        const called = names.find((one) => one.endsWith(origin)) ?? names[0].replace('@', origin);
        return { name: called, value, unit: { angle: 'degree', length: 'metre', scale: 'unity' }[kind] };
      }),
    },
    coordinate_system: {
      subtype: 'Cartesian',
      axis: isSouthern
        ? [axis('Westing', 'W', 'west'), axis('Southing', 'S', 'south')]
        : [axis('Easting', 'E', 'east'), axis('Northing', 'N', 'north')],
    },
  };
}
