import { type Described, projectionOf } from './described.ts';
import { type Datum, epsgSystem, findDatum } from './epsg/systems.ts';
import { PARAMETERS, type ParameterName } from './methods.ts';
import { type GeoKeys, USER_DEFINED } from './raster.ts';
import { metresIn } from './units.ts';

/** EPSG's codes of units of angles, in degrees. */
const DEGREES: Readonly<Record<number, number>> = { 9101: 180 / Math.PI, 9102: 1, 9105: 0.9, 9106: 0.9, 9122: 1 };

/** Reads GeoTIFF's keys of a system (OGC 19-008r4, 7.5.3) as GDAL does. Returns the reason if it is not known. */
export async function describedByKeys(keys: GeoKeys): Promise<Described | string> {
  const number = (key: number) => (typeof keys[key] === 'number' ? keys[key] : undefined);
  const text = (key: number) => (typeof keys[key] === 'string' ? keys[key] : '');
  const isProjected = number(1024) === 1;
  const radians = number(2055);
  const angle = DEGREES[number(2054) ?? 9102] ?? (radians && (radians * 180) / Math.PI);
  const unit = isProjected ? (metresIn(keys) ?? 1) : angle;
  if (!angle || !unit) return `its unit (${number(3076) ?? number(2054)}) is not known`;
  const cited = (what: string) => new RegExp(`(?:^|\\|)${what} = ([^|]*)`).exec(text(2049))?.[1];
  const [code, datumCode] = [2048, 2050].map((key) => number(key) || USER_DEFINED) as [number, number];
  const isCoded = Math.min(code, datumCode) < USER_DEFINED;
  const isIt = (one: Datum) => (code < USER_DEFINED ? one.code === code : one.datumCode === datumCode);
  const datum = isCoded ? await findDatum(isIt) : null;
  if (isCoded && datum === null)
    return `its datum (${code < USER_DEFINED ? `that of EPSG:${code}` : `EPSG:${datumCode}`}) is not known`;
  const ellipsoid = await ellipsoidOf(number, datum?.code, cited('Ellipsoid') ?? 'unknown');
  if (ellipsoid === null) return 'its ellipsoid is not known';
  const prime = number(2061) === undefined ? undefined : number(2061)! * angle;
  if (prime === undefined && ![undefined, 8901].includes(number(2051)))
    return `its prime meridian (${number(2051)}) is not known`;
  const projection = isProjected ? projectionIn(keys, { angle, unit }) : null;
  if (typeof projection === 'string') return projection;
  const shift = keys[2062];
  return {
    name: text(isProjected ? 1026 : 2049) || text(3073) || 'unknown',
    projection,
    unit,
    ellipsoid,
    datum,
    datumName: datum?.datum[0] ?? cited('Datum') ?? 'unknown',
    meridian: prime ?? 0,
    shift: typeof shift === 'object' && [3, 7].includes(shift.length) ? shift : null,
  };
}

async function ellipsoidOf(number: (key: number) => number | undefined, code: number | undefined, name: string) {
  const [semiMajor, minor, inverse] = [number(2057), number(2058), number(2059)];
  if (semiMajor !== undefined && (minor !== undefined || inverse !== undefined))
    return { name, semiMajor, semiMinor: minor ?? (inverse === 0 ? semiMajor : semiMajor * (1 - 1 / inverse!)) };
  const known = code === undefined ? null : await epsgSystem(code);
  if (known === null) return null;
  const { a, b } = new (await import('proj4')).default.Proj(known.definition);
  return { name, semiMajor: a, semiMinor: b };
}

function projectionIn(keys: GeoKeys, { angle, unit }: { angle: number; unit: number }) {
  const code = keys[3074];
  const [, south, zone] = typeof code === 'number' ? (/^16([01])(\d\d)$/.exec(String(code)) ?? []) : [];
  const utm: Partial<Record<ParameterName, number>> | undefined =
    zone === undefined
      ? undefined
      : { lon_0: Number(zone) * 6 - 183, k_0: 0.9996, x_0: 500_000, y_0: south === '1' ? 1e7 : 0 };
  const method = utm === undefined ? keys[3075] : 1;
  if (utm === undefined && typeof code === 'number' && code !== USER_DEFINED)
    return `its projection (EPSG:${code}) is not known`;
  if (method === undefined) return 'its projection is not named';
  const used = new Set<number>();
  const found = projectionOf(
    `method ${method} of GeoTIFF's key 3075`,
    ({ geoKey }) => geoKey === method,
    (parameter) => {
      const { geoKeys, kind } = PARAMETERS[parameter];
      for (const key of geoKeys) used.add(key);
      if (utm !== undefined) return utm[parameter];
      const value = geoKeys.map((key) => keys[key]).find((one) => typeof one === 'number');
      return value === undefined ? undefined : value * { angle, length: unit, scale: 1 }[kind];
    },
  );
  const isOther = (key: number) => key >= 3078 && key <= 3096 && !used.has(key) && keys[key] !== 0 && keys[key] !== 1;
  const other = Object.keys(keys).map(Number).find(isOther);
  return other === undefined || typeof found === 'string'
    ? found
    : `its projection (method ${method} of GeoTIFF's key 3075, with the key ${other}) is not known`;
}
