/** The common names of STAC's EO extension 2: https://github.com/stac-extensions/eo#common-band-names */
const COMMON = [
  ...[
    'pan',
    'coastal',
    'blue',
    'green',
    'green05',
    'yellow',
    'red',
    'rededge',
    'rededge071',
    'rededge075',
    'rededge078',
  ],
  ...['nir', 'nir08', 'nir09', 'cirrus', 'swir16', 'swir22', 'lwir', 'lwir11', 'lwir12'],
];

/** Those of Sentinel-2's bands. */
const SENTINEL_2: { readonly [band: string]: string } = {
  ...{ B01: 'coastal', B02: 'blue', B03: 'green', B04: 'red', B05: 'rededge071', B06: 'rededge075', B07: 'rededge078' },
  ...{ B08: 'nir', B8A: 'nir08', B09: 'nir09', B10: 'cirrus', B11: 'swir16', B12: 'swir22' },
};
/** Landsat's in the harmonised product (HLS) are named B01 to B11 too, and mean the same up to B04. */
const ONLY_SENTINEL_2 = ['B08', 'B8A', 'B12'];

type Named = { readonly name: string | null };

/** Returns the common name of a band among the others of its file, by its name; undefined if that says nothing. */
export function commonNameOf({ name }: Named, others: readonly Named[]): string | undefined {
  if (name === null) return undefined;
  if (COMMON.includes(name.toLowerCase())) return name.toLowerCase();
  const isSure = others.some((one) => ONLY_SENTINEL_2.includes(one.name ?? '')) || /^B0[1-4]$/.test(name);
  return isSure ? SENTINEL_2[name] : undefined;
}
