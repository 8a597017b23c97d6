import { parseNodata } from '../raster/nodata.ts';
import type { RasterType, RasterValues } from '../raster/raster.ts';
import type { CubeVariable } from './cube.ts';

export type Unite = (values: RasterValues) => RasterValues;

/** Returns a variable's value of no data, and what sets it wherever one is missing (CF 2.5.1): other values, and those out of range. */
export function missingOf({ attributes: of, fill }: CubeVariable, type: RasterType) {
  const bits = of['_Unsigned'] === 'true' && type.startsWith('u') ? Number(type.slice(4)) : 0;
  const numberIn = (one: unknown) => Number(textOf(one, bits));
  const isFloat = type.startsWith('float');
  const bounds = [of['valid_range'] ?? [of['valid_min'], of['valid_max']]].flat().map(numberIn);
  const isOfType = isFloat || !bounds.some((one) => Math.abs(one % 1) > 0); // else they are of unpacked values
  const [low = Number.NaN, high = Number.NaN] = isOfType ? bounds : [];
  const isBounded = !Number.isNaN(low) || !Number.isNaN(high);
  const beyond = !isBounded ? [] : isFloat ? ['nan'] : [low - 1, high + 1];
  const named = ['_FillValue', 'missing_value', 'fill_value'].flatMap((name) => of[name] ?? []); // the last in EOPF
  const all = [...(named.length > 0 ? named : [fill]).map((one) => textOf(one, bits)), ...beyond];
  const [nodata = null, ...others] = all.map((one) => parseNodata(`${one}`, type)).filter((one) => one !== null);
  const unite: Unite = (values) => {
    if (nodata === null || (others.length === 0 && !isBounded)) return values;
    const united = values.slice();
    for (let i = 0; i < united.length; i += 1) {
      const value = values[i]!;
      if (value < low || value > high || others.includes(value)) united[i] = nodata as number;
    }
    return united;
  };
  return { nodata, unite };
}

/** Returns a value as a text: of a signed one the unsigned of its bits, and the double that xarray writes in base64 into Zarr 3. */
function textOf(value: unknown, bits: number): string {
  const text = String(value);
  if (bits > 0 && /^-\d+$/.test(text)) return String(BigInt.asUintN(bits, BigInt(text)));
  return /^[A-Za-z0-9+/]{11}=$/.test(text) ? String(Buffer.from(text, 'base64').readDoubleLE()) : text;
}
