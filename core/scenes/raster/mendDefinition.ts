/**
 * EPSG's systems by Hotine's oblique Mercator, variant A (method 9812), whose origin lies on the equator: Malaysia, Alaska's
 * zone 1, Michigan and Oregon. Variant B has the same parameters, and its origin at the centre.
 */
const HOTINE_A: readonly unknown[] = [
  ...[3078, 3079, 3167, 3168, 3375, 3376, 3468, 3591, 5247, 6394, 6497, 6808, 6809, 6810, 6811, 6840, 6841, 6842],
  ...[6843, 24571, 26731, 26931, 29874],
];

/** Laborde's oblique Mercator (Madagascar), which proj4 does not know. */
const LABORDE: readonly unknown[] = [8441, 29701];

/**
 * What geotiff-geokeys-to-proj4 leaves out of PROJ's definition of a projected system, without an error: around which pole a
 * stereographic projection is where the latitude of its true scale says it, and which oblique Mercator it is.
 *
 * @param code EPSG's, where it has one
 * @returns null where there is no definition that proj4 knows
 */
export function mendDefinition(definition: string, code: unknown): string | null {
  if (LABORDE.includes(code)) return null;
  if (HOTINE_A.includes(code)) return definition.replace('+proj=omerc', '+proj=omerc +no_uoff');
  if (!definition.startsWith('+proj=stere ') || definition.includes('+lat_0=')) return definition;
  const [, sign] = /\+lat_ts=(-?)/.exec(definition) ?? [];
  return sign === undefined ? definition : definition.replace('+lat_ts=', `+lat_0=${sign}90 +lat_ts=`);
}
