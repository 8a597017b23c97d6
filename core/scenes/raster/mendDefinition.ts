/**
 * EPSG's systems in Hotine's oblique Mercator, variant A (method 9812), whose origin lies on the equator: Malaysia, Alaska
 * zone 1, Michigan and Oregon. Variant B has the same parameters, but its origin at the centre.
 */
const HOTINE_A: readonly unknown[] = [
  ...[3078, 3079, 3167, 3168, 3375, 3376, 3468, 3591, 5247, 6394, 6497, 6808, 6809, 6810, 6811, 6840, 6841, 6842],
  ...[6843, 24571, 26731, 26931, 29874],
];

/** Laborde's oblique Mercator (Madagascar), which proj4 does not support. */
const LABORDE: readonly unknown[] = [8441, 29701];

/**
 * Adds what geotiff-geokeys-to-proj4 silently omits from a PROJ definition: the pole of a stereographic projection that is
 * given by its latitude of true scale, and the variant of an oblique Mercator.
 *
 * @param code the EPSG code, if any
 * @returns null if proj4 cannot express the system
 */
export function mendDefinition(definition: string, code: unknown): string | null {
  if (LABORDE.includes(code)) return null;
  if (HOTINE_A.includes(code)) return definition.replace('+proj=omerc', '+proj=omerc +no_uoff');
  if (!definition.startsWith('+proj=stere ') || definition.includes('+lat_0=')) return definition;
  const [, sign] = /\+lat_ts=(-?)/.exec(definition) ?? [];
  return sign === undefined ? definition : definition.replace('+lat_ts=', `+lat_0=${sign}90 +lat_ts=`);
}
