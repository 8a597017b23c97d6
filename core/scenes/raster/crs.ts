import type { GeoKeys as NamedKeys } from 'geotiff-geokeys-to-proj4';
import { citedStart } from '../../text/cited.ts';
import { namedKeys } from './geoKeyNames.ts';
import { mendDefinition } from './mendDefinition.ts';
import type { GeoKeys } from './raster.ts';
import { readWkt } from './wkt.ts';

/** A coordinate reference system with a transformation to longitude and latitude. */
export type Crs = {
  /** `EPSG:32629`; without a code, the PROJ definition or the name from the well-known text. */
  readonly name: string;
  /** Degrees in WGS84; not finite for points outside the projection. */
  toLonLat(x: number, y: number): readonly [longitude: number, latitude: number];
};

/** The GeoTIFF key for the kind of coordinates, and the keys that hold the code of each kind. */
const [MODEL_TYPE, GEOGRAPHIC_TYPE, PROJECTED_TYPE] = [1024, 2048, 3072];
const [PROJECTED, GEOGRAPHIC] = [1, 2];
/** The code that says that other keys describe the system. */
const USER_DEFINED = 32767;

/**
 * Returns the coordinate reference system of a raster, or the reason why there is none. proj4 itself knows WGS84's UTM
 * zones, web Mercator and longitude and latitude; the table of all others is loaded on first use.
 */
export async function crsOf(
  geoKeys: GeoKeys | null,
  wkt?: string,
): Promise<{ crs: Crs } | { crs: null; reason: string }> {
  if (geoKeys === null && wkt !== undefined) return crsOfWkt(wkt);
  if (geoKeys === null) return none('it names no coordinate reference system');
  const type = geoKeys[MODEL_TYPE];
  if (type !== PROJECTED && type !== GEOGRAPHIC)
    return none('its coordinates are neither projected nor longitude and latitude');
  const code = geoKeys[type === PROJECTED ? PROJECTED_TYPE : GEOGRAPHIC_TYPE];
  const isCoded = typeof code === 'number' && code > 0 && code < USER_DEFINED;
  const { default: proj4 } = await import('proj4');
  const known = isCoded ? proj4.defs(`EPSG:${code}`) : undefined;
  if (known !== undefined) {
    const { forward } = proj4(`EPSG:${code}`, WGS84);
    return { crs: { name: `EPSG:${code}`, toLonLat: (x, y) => pair(forward([x, y])) } };
  }
  const { toProj4, convertCoordinates } = await import('geotiff-geokeys-to-proj4');
  const { proj4: found, coordinatesConversionParameters, errors } = toProj4(namedKeys(geoKeys) as unknown as NamedKeys);
  const plain = found.replace(/\+axis=(ne|en) /, '').trim(); // a raster's x is always its easting
  const definition = mendDefinition(plain, isCoded ? code : null);
  const name = isCoded ? `EPSG:${code}` : plain;
  const unknown = UNKNOWN.find((error) => Object.hasOwn(errors, error));
  if (unknown !== undefined || !definition) return none(`its coordinate reference system (${name}) is not known`);
  try {
    const { forward } = proj4(definition, WGS84);
    const toLonLat = (x: number, y: number) => {
      const converted = convertCoordinates(x, y, 0, coordinatesConversionParameters);
      return pair(forward([converted.x, converted.y]));
    };
    return { crs: { name, toLonLat } };
  } catch {
    return none(`its coordinate reference system (${name}) can not be brought to longitude and latitude`);
  }
}

/** Returns the GeoTIFF keys for an EPSG code whose kind of system is not known. */
export async function keysOfCode(code: number): Promise<GeoKeys> {
  const projected = { [MODEL_TYPE]: PROJECTED, [PROJECTED_TYPE]: code };
  const geographic = { [MODEL_TYPE]: GEOGRAPHIC, [GEOGRAPHIC_TYPE]: code };
  // Codes from 4000 to 4999 are geographic, with few exceptions.
  const kinds = code >= 4000 && code < 5000 ? [geographic, projected] : [projected, geographic];
  for (const keys of kinds) if ((await crsOf(keys)).crs !== null) return keys;
  return projected;
}

async function crsOfWkt(text: string): Promise<{ crs: Crs } | { crs: null; reason: string }> {
  const found = readWkt(text);
  if (found === null) return none('its well-known text says of no coordinate reference system on earth');
  const { name, geoKeys, wkt } = found;
  if (geoKeys !== null) return crsOf(geoKeys);
  const shown = JSON.stringify(name.slice(0, 100)).slice(1, -1);
  const { default: proj4 } = await import('proj4');
  try {
    const { forward } = proj4(wkt, WGS84);
    return { crs: { name: shown, toLonLat: (x, y) => pair(forward([x, y])) } };
  } catch {
    return none(`its coordinate reference system (${shown}) is not known`);
  }
}

/** Returns the coordinate reference system of a name such as `EPSG:32629`, as `crsOf` would, and its GeoTIFF keys. */
export async function crsNamed(name: string): Promise<{ crs: Crs; geoKeys: GeoKeys } | { crs: null; reason: string }> {
  const code = Number(/^EPSG:(\d{1,5})$/i.exec(name)?.[1] ?? 0);
  const geoKeys = code > 0 ? await keysOfCode(code) : null;
  const found = await crsOf(geoKeys);
  if (geoKeys !== null && found.crs !== null) return { ...found, geoKeys };
  return none(`its coordinate reference system (${citedStart(name, 100)}) is not known`);
}

const WGS84 = '+proj=longlat +datum=WGS84 +no_defs';

/** The library's errors for parts of a definition that it left out. Vertical systems do not matter here. */
const UNKNOWN = ['CRSNotSupported', 'conversionNotSupported', 'coordinateTransformationNotSupported'];

function none(reason: string) {
  return { crs: null, reason };
}

const pair = ([x, y]: readonly number[]): [number, number] => [x!, y!];
