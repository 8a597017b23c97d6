import { cited, InvalidSceneFile, onError } from '../../base/errors.ts';
import type { TimeTold } from '../../base/time/acquired.ts';
import { crsNamed } from '../raster/crs.ts';
import type { Transform } from '../raster/raster.ts';
import type { Attributes, Cube, CubeVariable } from './cube.ts';
import { groupsAround, refuseMissing, valuesOf, variableNear } from './cube.ts';

/** The most of a pixel that a coordinate may be off: many are 32-bit floats. */
const TOLERANCE = 0.02;

const inside = (of: Attributes | undefined, name: string) => (of?.[name] ?? {}) as Attributes;
const productOf = (root?: Attributes) => inside(inside(root, 'stac_discovery'), 'properties'); // of ESA's (EOPF)

/** Lengths in metres, by the names of UDUNITS. */
const METRES = { m: 1, metre: 1, meter: 1, km: 1000, kilometre: 1000, kilometer: 1000, us_survey_foot: 12 / 39.37 };

/** The values of a variable of one dimension, unpacked (CF 8.1). */
async function numbersOf(variable: CubeVariable): Promise<number[]> {
  const { scale_factor: scale = 1, add_offset: offset = 0 } = variable.attributes;
  return (await valuesOf(variable)).map((value) => Number(value) * Number(scale) + Number(offset));
}

/** Returns where a variable lies by its coordinates, or else by a transform in attributes; null for what is not said. */
export async function placeOf(key: string, cube: Cube, variable: CubeVariable, sides: readonly [y: number, x: number]) {
  const { path, attributes, dimensions, shape } = variable;
  const near = (name: unknown) => (typeof name === 'string' ? variableNear(cube, path, name) : undefined);
  const [xName, yName] = [dimensions[sides[1]] ?? 'x', dimensions[sides[0]] ?? 'y'];
  const mapping = near(mappingIn(attributes['grid_mapping'], xName)) ?? near('spatial_ref') ?? near('crs');
  const groups = groupsAround(path).map((group) => cube.groups.get(group) ?? {});
  const around = groups.flatMap((own) => [own, productOf(own), inside(own, 'other_metadata')]);
  const { grid_mapping_name: kind, perspective_point_height: rad } = mapping?.attributes ?? {}; // the height of a satellite
  const of = [mapping?.attributes ?? {}, attributes, ...around];
  const rule = `for the variable ${cited(path)}, allowed is a regular grid. Make one: ${cube.remedies.warp}`;
  const irregular = (found: string) => new InvalidSceneFile(`${key}: found ${found} ${rule}`);
  const unitOf = (name: string) => String(near(name)?.attributes['units']).toLowerCase().replace(/s$/, '');
  const code = of.map(codeIn).find((one) => one !== undefined);
  const isEast = /^degrees?_?e/i.test(unitOf(xName));
  const named = await crsNamed(code ?? (isEast ? 'EPSG:4326' : ''));
  const [east = 0, north = 0] = named.crs?.toLonLat(1, 1) ?? [];
  const isLongitude = isEast || Math.hypot(east - 1, north - 1) < 0.1; // degrees of any datum
  async function axisOf(name: string, length: number) {
    const axis = near(name);
    const read = axis?.shape.join() === `${length}` ? await numbersOf(axis) : [];
    const west = isLongitude ? read.findIndex((one, i) => read[i - 1]! - one > 180) : -1; // where 180° is passed
    const all = read.map((one, i) => (west > 0 && i >= west ? one + 360 : one));
    const metres = ({ ...METRES, rad, radian: rad } as Attributes)[unitOf(name)];
    const factor = typeof metres === 'number' ? metres / (named.crs?.metres ?? 1) : 1;
    const step = (all.at(-1)! - all[0]!) / (all.length - 1);
    const isRegular = all.every((one, i) => Math.abs(one - all[0]! - i * step) < TOLERANCE * Math.abs(step));
    if (all.length > 1 && !isRegular) refuseMissing(key, cube);
    if (all.length > 1 && !isRegular) throw irregular(`coordinates at unequal distances, ${cited(name)},`);
    return all.length < 2 ? null : { start: (all[0]! - step / 2) * factor, step: step * factor };
  }
  const [x, y] = [await axisOf(xName, shape[sides[1]]!), await axisOf(yName, shape[sides[0]]!)];
  const told = of.slice(0, 3).map(transformIn);
  const stated = told.find((one) => one !== null) ?? null;
  const transform: Transform | null = x && y ? [x.start, x.step, 0, y.start, 0, y.step] : stated;
  const others = String(attributes['coordinates']).split(' ');
  const isIndex = x !== null && named.crs === null && !kind && /^(1|undefined)?$/.test(unitOf(xName)); // counts pixels, as in Sentinel-5P
  const isOfEach = (name: string) => near(name)?.shape.filter((one) => one > 1).length === 2;
  const curved = (transform === null || isIndex) && others.find(isOfEach);
  if (curved) throw irregular(`a place of its own for each pixel, ${cited(curved)},`);
  if (named.crs !== null) return { transform, geoKeys: named.geoKeys };
  const bare = `its grid mapping ${cited(mapping?.path ?? '')} is ${cited(String(kind))} by its numbers, allowed are a code or crs_wkt. Add it: ${cube.remedies.map}`;
  const json = 'its proj:projjson has no id of EPSG, allowed are one with such an id, proj:code or proj:wkt2';
  const why = kind ? bare : of.some((one) => one['proj:projjson']) ? json : undefined;
  return { transform, geoKeys: null, unplaced: code !== undefined ? named.reason : why };
}

/** Returns the grid mapping of a coordinate: one for all, or of several the one that lists it, as in "utm: x y geographic: lat lon" (CF 5.6). */
function mappingIn(written: unknown, coordinate: string): string | undefined {
  const words = String(written).split(/\s+/);
  const before = words.slice(0, Math.max(0, words.indexOf(coordinate)));
  return before.findLast((word) => word.endsWith(':'))?.slice(0, -1) ?? words[0];
}

const CODES = 'crs_wkt spatial_ref proj:code proj:wkt2 proj:epsg epsg_code spatial_epsg horizontal_CRS_code'.split(' ');

/** Returns the coordinate reference system in attributes, as `EPSG:32629` or as well-known text. */
function codeIn(attributes: Attributes): string | undefined {
  const { authority, code } = inside(inside(attributes, 'proj:projjson'), 'id');
  const { wkt } = inside(attributes, '_CRS'); // GDAL's
  const all = [...CODES.map((name) => attributes[name]), wkt, authority === 'EPSG' && code];
  const written = all.find((one) => one && /string|number/.test(typeof one));
  return written === undefined ? undefined : String(written).replace(/^(?=\d+$)/, 'EPSG:');
}

/** GDAL writes a text of six numbers in its own order, others a list in that of an affine matrix. */
function transformIn(attributes: Attributes): Transform | null {
  const { GeoTransform: text, 'spatial:transform': list, 'proj:transform': matrix = list } = attributes;
  const [a, b, c, d, e, f] = Array.isArray(matrix) ? matrix : [];
  const numbers = (typeof text === 'string' ? text.trim().split(/[\s,]+/) : [c, a, b, f, d, e]).map(Number);
  return numbers.length === 6 && numbers.every(Number.isFinite) ? (numbers as unknown as Transform) : null;
}

/** Milliseconds, by the names of UDUNITS. */
const LONG = { nanosecond: 1e-6, microsecond: 1e-3, millisecond: 1, second: 1e3, minute: 6e4, hour: 36e5, day: 864e5 };
const SHORT = { microsec: 1e-3, millisec: 1, msec: 1, ms: 1, sec: 1e3, s: 1e3, min: 6e4, hr: 36e5, h: 36e5, d: 864e5 };
const UNITS: Record<string, number> = { ...LONG, ...SHORT };
const SINCE =
  /^([a-z]+)\s+since\s+(\d{1,4}-\d\d?-\d\d?)(?:[T ]+(\d\d?(?::\d\d?(?::[\d.]+)?)?))? *(?:Z|UTC|GMT|([+-])(\d\d?(?::?\d\d)?))?$/i;

/** Returns the time of a count by the CF conventions (4.4), or what is there instead where that is none, or Julian: the standard calendar before 1583. */
export function timeOf(count: number, { units = '', calendar = 'standard' }: Attributes): string {
  const [, unit = '', date = '', clock = '', sign = '+', zone = ''] = SINCE.exec(String(units)) ?? [];
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(':').map(Number);
  const [east = 0, more = 0] = (zone.match(/\d\d?/g) ?? []).map((one) => Number(sign + one));
  const start = new Date(0).setUTCFullYear(year, month - 1, day);
  const [one, many] = [unit.toLowerCase(), unit.toLowerCase().replace(/s$/, '')];
  const passed = count * (UNITS[one] ?? UNITS[many] ?? Number.NaN);
  const at = new Date(start + ((hours - east) * 60 + minutes - more) * 6e4 + seconds * 1e3 + passed);
  const isDate = new Date(start).getUTCMonth() === month - 1 && new Date(start).getUTCDate() === day; // none is 31 June
  const named = `${calendar}`.toLowerCase();
  const isUsual = /^(gregorian|standard)$/.test(named) ? year > 1582 : named === 'proleptic_gregorian';
  if (isDate && isUsual && !Number.isNaN(at.getTime())) return at.toISOString();
  return units === '' ? '' : `${count} ${units} (${calendar})`;
}

/** Returns what a file says of when it was acquired: in attributes, and by the time beside a variable, by the CF conventions. */
export async function timesOf(cube: Cube, { path, dimensions, attributes }: CubeVariable): Promise<TimeTold[]> {
  const root = cube.groups.get('') ?? {};
  const text = (of: Attributes, name: string) => (typeof of[name] === 'string' ? of[name] : '');
  const names = [...dimensions, ...String(attributes['coordinates']).split(' ')];
  const own = names.flatMap((name) => variableNear(cube, path, name) ?? []);
  const isTime = (one: CubeVariable) => one.attributes['standard_name'] === 'time' && /^1?$/.test(one.shape.join());
  const time = own.find(isTime) ?? variableNear(cube, path, 'time');
  const [count = Number.NaN, ...others] = time ? await numbersOf(time).catch(onError(InvalidSceneFile, () => [])) : [];
  return [
    { by: 'metadata', start: text(productOf(root), 'datetime') },
    { by: 'metadata', start: text(productOf(root), 'start_datetime'), end: text(productOf(root), 'end_datetime') },
    { by: 'CF time', start: time && others.length === 0 ? timeOf(count, time.attributes) : '' },
    { by: 'CF time', start: text(root, 'time_coverage_start'), end: text(root, 'time_coverage_end') },
  ];
}
