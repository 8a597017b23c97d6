import { rangeOf } from '../../arrays/dataTypes.ts';
import type { RasterBand, RasterType } from './raster.ts';

/** Parses a nodata value as GDAL writes it. Returns null if the type cannot hold it, so that no value can equal it. */
export function parseNodata(text: string, type: RasterType): RasterBand['nodata'] {
  const written = text.trim().toLowerCase();
  if (type === 'int64' || type === 'uint64') return wholeNumber(written, type);
  const value = numberOf(written);
  if (value === null || type === 'float64') return value;
  if (type === 'float32') {
    const held = Math.fround(value);
    return Number.isFinite(value) && !Number.isFinite(held) ? null : held;
  }
  const { low, high } = rangeOf(type);
  return Number.isInteger(value) && value >= low && value <= high ? value + 0 : null;
}

function wholeNumber(written: string, type: 'int64' | 'uint64'): bigint | null {
  const whole = /^[+-]?\d{1,20}(?=(\.0*)?$)/.exec(written)?.[0];
  if (whole === undefined) return null;
  const value = BigInt(whole.replace('+', ''));
  const held = type === 'int64' ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value);
  return held === value ? value : null;
}

function numberOf(written: string): number | null {
  if (/^[+-]?nan/.test(written)) return Number.NaN;
  const [, sign] = /^([+-]?)(?:1\.#)?inf/.exec(written) ?? [];
  if (sign !== undefined) return sign === '-' ? -Infinity : Infinity;
  if (!isNumber(written)) return null;
  // The largest double, written with too few digits and rounded up, still means itself.
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, Number(written)));
}

/** Returns whether a text is a number as C reads one. */
export const isNumber = (text: string): boolean =>
  text.length <= 400 && /^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i.test(text);
