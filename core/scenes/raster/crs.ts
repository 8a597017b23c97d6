import { citedStart } from '../../base/errors.ts';
import type { Described } from './described.ts';
import { epsgSystem } from './epsg/systems.ts';
import { placementIn, type System } from './placement.ts';
import { type GeoKeys, USER_DEFINED } from './raster.ts';
import { metresIn } from './units.ts';

export type Crs = {
  /** `EPSG:32629`, or with its own unit, `EPSG:32629 with +to_meter=0.3048`; without a code, the file's name for it or else the PROJ definition. */
  readonly name: string;
  /** The metres of its unit of length; 1 where it has none. */
  readonly metres: number;
  /** Degrees in WGS84; not finite for points outside the projection. */
  toLonLat(x: number, y: number): readonly [longitude: number, latitude: number];
  /** The way back; not finite where there is none. */
  fromLonLat(longitude: number, latitude: number): readonly [x: number, y: number];
  /** How exact that is at a point, in metres; null if not known, because two datums are taken for one. */
  accuracyAt(x: number, y: number): number | null;
  /** The system as well-known text, if it has no code. */
  readonly wkt2?: string;
};

export type CrsOrReason = { crs: Crs } | { crs: null; reason: string };

/** The GeoTIFF key for the kind of coordinates, and the keys that hold the code of each kind. */
const [MODEL_TYPE, GEOGRAPHIC_TYPE, PROJECTED_TYPE] = [1024, 2048, 3072];
const [PROJECTED, GEOGRAPHIC] = [1, 2];

/** Where a name may hold well-known text, and what GDAL writes before it. */
const CITATIONS = [3073, 1026];
const TEXT = 'ESRI PE String = ';

/** Returns the coordinate reference system of a raster, or the reason why there is none. */
export async function crsOf(geoKeys: GeoKeys | null): Promise<CrsOrReason> {
  if (geoKeys === null) return none('it names no coordinate reference system');
  const text = CITATIONS.map((key) => geoKeys[key]).find((one) => typeof one === 'string' && one.startsWith(TEXT));
  const told = text === undefined ? null : await crsOfWkt((text as string).slice(TEXT.length));
  if (told?.crs) return told;
  const { [MODEL_TYPE]: type = USER_DEFINED, [PROJECTED_TYPE]: projected, [GEOGRAPHIC_TYPE]: geographic } = geoKeys;
  // As for GDAL, coordinates whose kind is not stated are projected if that has a code.
  if ((type === PROJECTED || type === USER_DEFINED) && isCode(projected)) return crsOfCode(projected, geoKeys);
  if (type === GEOGRAPHIC && isCode(geographic)) return crsOfCode(geographic);
  if (told !== null || (type !== PROJECTED && type !== GEOGRAPHIC))
    return told ?? none('its coordinates are neither projected nor longitude and latitude');
  const { describedByKeys } = await import('./geoKeySystem.ts'); // most files have a code
  return crsOfDescribed(await describedByKeys(geoKeys));
}

const isCode = (key: GeoKeys[number] | undefined): key is number =>
  typeof key === 'number' && key > 0 && key < USER_DEFINED;

/** Returns a name even for an unknown system, because two files may still share it. */
export async function crsName(geoKeys: GeoKeys | null): Promise<string> {
  if (geoKeys === null) return 'no coordinate reference system';
  const { crs } = await crsOf(geoKeys);
  return crs === null ? JSON.stringify(geoKeys) : (crs.wkt2 ?? crs.name);
}

/** Returns GeoTIFF keys for a system by a name such as `EPSG:32629` or in well-known text, as GDAL writes what has no keys of its own. */
export async function keysNamed(text: string): Promise<GeoKeys> {
  const code = Number(/^EPSG:(\d{1,5})$/i.exec(text)?.[1] ?? 0);
  if (code > 0) return keysOfCode(code);
  const { readWkt } = await import('./wkt.ts');
  const found = await readWkt(text);
  if (typeof found !== 'object' || !('code' in found))
    return { [MODEL_TYPE]: USER_DEFINED, 1025: 1, 3073: `${TEXT}${text}` };
  return found.isProjected
    ? { [MODEL_TYPE]: PROJECTED, [PROJECTED_TYPE]: found.code }
    : { [MODEL_TYPE]: GEOGRAPHIC, [GEOGRAPHIC_TYPE]: found.code };
}

/** Returns the GeoTIFF keys for an EPSG code whose kind of system is not known. */
export async function keysOfCode(code: number): Promise<GeoKeys> {
  const { definition } = (await systemOfCode(code)) ?? {};
  return definition?.startsWith('+proj=longlat')
    ? { [MODEL_TYPE]: GEOGRAPHIC, [GEOGRAPHIC_TYPE]: code }
    : { [MODEL_TYPE]: PROJECTED, [PROJECTED_TYPE]: code };
}

/** Returns the coordinate reference system of a name such as `EPSG:32629` or of well-known text, as `crsOf` would, and its GeoTIFF keys. */
export async function crsNamed(name: string): Promise<{ crs: Crs; geoKeys: GeoKeys } | { crs: null; reason: string }> {
  const geoKeys = /^EPSG:0*[1-9]\d{0,4}$|\[/i.test(name) ? await keysNamed(name) : null;
  if (geoKeys === null) return none(`its coordinate reference system (${citedStart(name, 100)}) is not known`);
  const found = await crsOf(geoKeys);
  return found.crs === null ? found : { ...found, geoKeys };
}

async function crsOfWkt(text: string): Promise<CrsOrReason> {
  const { readWkt } = await import('./wkt.ts');
  const found = await readWkt(text);
  return typeof found === 'object' && 'code' in found ? crsOfCode(found.code) : crsOfDescribed(found);
}

/** @param geoKeys may state another unit than the code's, which is that of the coordinates, as for GDAL */
async function crsOfCode(code: number, geoKeys: GeoKeys = {}): Promise<CrsOrReason> {
  const name = `EPSG:${code}`;
  const system = await systemOfCode(code);
  if (system === null) return none(`its coordinate reference system (${name}) is not known`);
  const metres = metresIn(geoKeys);
  if (Number.isNaN(metres)) return none(`its unit (${geoKeys[3076]}) is not known`);
  const found = await placed(name, system);
  if (!metres || !found.crs || Math.abs(found.crs.metres / metres - 1) < 1e-9) return found; // the table's are rounded
  // PROJ's false eastings and northings are metres whatever the unit.
  const definition = `${system.definition.replace(/ \+(units|to_meter)=\S+/, '')} +to_meter=${metres}`;
  return placed(`${name} with +to_meter=${metres}`, { ...system, definition });
}

/** WGS84's own systems are most frequent, and need no table. */
async function systemOfCode(code: number): Promise<System | null> {
  const [, south, zone] = /^32([67])(0[1-9]|[1-5]\d|60)$/.exec(String(code)) ?? [];
  const operations = [{ area: [-180, -90, 180, 90], accuracy: 0, shift: [] }] as const;
  if (zone !== undefined)
    return { definition: `+proj=utm +zone=${Number(zone)}${south === '7' ? ' +south' : ''} +ellps=WGS84`, operations };
  if (code === 3857) return { definition: '+proj=merc +a=6378137 +b=6378137', operations };
  return code === 4326 ? { definition: '+proj=longlat +ellps=WGS84', operations } : epsgSystem(code);
}

async function crsOfDescribed(described: Described | string): Promise<CrsOrReason> {
  if (typeof described === 'string') return none(described);
  const [{ systemOf, wkt2 }, { shown }] = await Promise.all([import('./described.ts'), import('./wkt.ts')]);
  const system = await systemOf(described);
  if (typeof system === 'string') return none(system);
  const isNamed = !/^(unknown|unnamed|undefined|)$/i.test(described.name);
  return placed(isNamed ? shown(described.name) : system.definition, system, wkt2(described));
}

async function placed(name: string, system: System, wkt2?: string): Promise<CrsOrReason> {
  const { default: proj4 } = await import('proj4');
  try {
    const { place, pointAt } = placementIn(proj4, system);
    const { to_meter: metres = 1 }: { a: number; to_meter?: number } = new proj4.Proj(system.definition);
    const crs: Crs = {
      name,
      metres,
      toLonLat(x, y) {
        const { longitude, latitude } = place(x, y);
        return [longitude, latitude];
      },
      fromLonLat: pointAt,
      accuracyAt: (x, y) => place(x, y).accuracy,
      ...(wkt2 !== undefined && { wkt2 }),
    };
    return { crs };
  } catch {
    return none(`its coordinate reference system (${name}) can not be brought to longitude and latitude`);
  }
}

const none = (reason: string) => ({ crs: null, reason });
