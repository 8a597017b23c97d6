import { type GeoKeys, USER_DEFINED } from './raster.ts';
import units from './units.json' with { type: 'json' };

const METRES_BY_CODE: Readonly<Record<string, number>> = units.metres;

/** Returns the metres of the unit that GeoTIFF keys state for projected coordinates: undefined without one, NaN if it is not known. */
export function metresIn({ 3076: code = 0, 3077: size }: GeoKeys): number | undefined {
  if (code === USER_DEFINED) return typeof size === 'number' && size > 0 ? size : undefined;
  return code === 0 ? undefined : (METRES_BY_CODE[String(code)] ?? Number.NaN);
}
