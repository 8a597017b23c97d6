import { rangeOf } from '../../arrays/dataTypes.ts';
import type { RasterBand, RasterType } from './raster.ts';

/** Parses a nodata value as GDAL does, which cuts off the fraction for whole numbers. Returns null if the type cannot hold it, so that no value can equal it. */
export function parseNodata(text: string, type: RasterType): RasterBand['nodata'] {
  if (type === 'int64' || type === 'uint64') return wholeNumber(text.trim(), type);
  const value = leadingNumber(text);
  if (value === null || type === 'float64') return value;
  const held = Math.fround(value);
  if (type === 'float32') return Number.isFinite(value) && !Number.isFinite(held) ? null : held;
  const { low, high } = rangeOf(type);
  return value >= low && value <= high ? Math.trunc(value) + 0 : null;
}

function wholeNumber(written: string, type: 'int64' | 'uint64'): bigint | null {
  const whole = /^[+-]?\d+/.exec(written.slice(0, MOST_CHARACTERS))?.[0];
  if (whole === undefined) return null;
  const value = BigInt(whole.replace('+', ''));
  const held = type === 'int64' ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value);
  return held === value ? value : null;
}

/** Returns the number that a text begins with, as GDAL reads it (CPLAtofM): a comma may be its point. Null if there is none. */
function leadingNumber(text: string): number | null {
  const written = text.trim().slice(0, MOST_CHARACTERS).toLowerCase().replace(',', '.');
  if (/^[+-]?(nan|1\.#(ind|[qs]nan))/.test(written)) return Number.NaN;
  const [, sign] = /^([+-]?)(?:1\.#)?inf/.exec(written) ?? [];
  if (sign !== undefined) return sign === '-' ? -Infinity : Infinity;
  const [number] = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?/.exec(written) ?? [];
  if (number === undefined) return null;
  // The largest double, written with too few digits and rounded up, still means itself.
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, Number(number)));
}

const MOST_CHARACTERS = 400;
