import { parseNodata } from '../raster/nodata.ts';
import type { RasterType } from '../raster/raster.ts';
import type { CubeVariable } from './cube.ts';

/** Returns a variable's value of no data, and the variable with it wherever one is missing (CF 2.5.1): other values, and those out of range. */
export function withOneNodata(variable: CubeVariable, type: RasterType) {
  const { attributes: of, fill, stored: storedAs = type, areBoundsWhole } = variable;
  const isFloat = type.startsWith('float');
  const stored = (one: unknown) => textOf(one, storedAs === type ? null : type);
  const bounds = [of['valid_range'] ?? [of['valid_min'], of['valid_max']]].flat().map(stored).map(Number);
  const isPacked = Number(of['scale_factor'] ?? 1) !== 1 || Number(of['add_offset'] ?? 0) !== 0;
  const areStored = (areBoundsWhole || !isPacked) && bounds.every((one) => !(one % 1)); // others are of unpacked values
  const [low = Number.NaN, high = Number.NaN] = isFloat || areStored ? bounds : [];
  const isBounded = !Number.isNaN(low) || !Number.isNaN(high);
  const beyond = !isBounded ? [] : isFloat ? ['nan'] : [low - 1, high + 1];
  const named = ['_FillValue', 'missing_value', 'fill_value'].flatMap((name) => of[name] ?? []); // the last in EOPF
  const all = [...(named.length > 0 ? named : [fill]).map(stored), ...beyond];
  const [nodata = null, ...others] = all.map((one) => parseNodata(`${one}`, type)).filter((one) => one !== null);
  const isOne = nodata === null || (others.length === 0 && !isBounded);
  async function readBlock(at: readonly number[]) {
    const { values: read, strides } = await variable.readBlock(at);
    const values = isOne ? read : read.slice();
    for (let i = 0; !isOne && i < values.length; i += 1) {
      const value = read[i]!;
      if (value < low || value > high || others.includes(value)) values[i] = nodata as number;
    }
    return { values, strides };
  }
  return { nodata, variable: { ...variable, readBlock } };
}

/** Returns a value as a text: as a turned type has its bits, and the double that xarray writes in base64 into Zarr 3. */
function textOf(value: unknown, turned: RasterType | null): string {
  const text = String(value);
  if (turned && /^-?\d+$/.test(text)) {
    const [bits, whole] = [Number(turned.replace(/\D+/, '')), BigInt(text)];
    const [signed, unsigned] = [BigInt.asIntN(bits, whole), BigInt.asUintN(bits, whole)];
    if (whole === signed || whole === unsigned) return String(turned.startsWith('u') ? unsigned : signed);
  }
  return /^[A-Za-z0-9+/]{11}=$/.test(text) ? String(Buffer.from(text, 'base64').readDoubleLE()) : text;
}
