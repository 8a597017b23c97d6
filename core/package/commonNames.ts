/** The common names of STAC's EO extension 2: https://github.com/stac-extensions/eo#common-band-names */
export const COMMON_NAMES: readonly string[] = [
  ...['pan', 'coastal', 'blue', 'green', 'green05', 'yellow', 'red'],
  ...['rededge', 'rededge071', 'rededge075', 'rededge078', 'nir', 'nir08', 'nir09'],
  ...['cirrus', 'swir16', 'swir22', 'lwir', 'lwir11', 'lwir12'],
];

/**
 * Returns whether one band cannot have both common names. A number says which part of a wider band it is: `nir08` is `nir`, and not
 * `nir09`. Sentinel-2's B8A, at 0.865 μm, is `rededge` in some catalogues, as stactools had it. Other names are not compared.
 */
export function areContrary(...pair: readonly [string | null, string | null]): boolean {
  const names = pair.map((name) => name?.trim().toLowerCase() ?? '');
  if (names[0] === names[1] || !names.every((name) => COMMON_NAMES.includes(name))) return false;
  const [one, other] = names.map((name) => name.replace(/\d+$/, ''));
  if (one === other) return names.every((name) => /\d$/.test(name));
  return !(names.includes('rededge') && (one === 'nir' || other === 'nir'));
}
