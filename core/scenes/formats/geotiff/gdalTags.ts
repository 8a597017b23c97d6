import type { RasterBand, RasterType } from '../../raster/raster.ts';

/** What GDAL's metadata (an XML in tag 42112) say of each band: its description, and what its values stand for. */
export function parseMetadata(xml: string, bands: number): Omit<RasterBand, 'nodata'>[] {
  const found = Array.from({ length: bands }, () => ({ ...NOTHING }));
  for (const [, attributes, text] of xml.matchAll(/<Item\b([^<>]*)>([^<]*)<\/Item>/g)) {
    const { sample, role } = Object.fromEntries(
      [...attributes!.matchAll(/\b(\w+)="([^"]*)"/g)].map(([, name, value]) => [name!, value!]),
    );
    const band = found[Number(sample ?? Number.NaN)];
    if (band === undefined) continue;
    if (role === 'description') band.description = plain(plain(text!)); // GDAL escapes it twice
    if ((role === 'scale' || role === 'offset') && isNumber(text!)) band[role] = Number(text);
  }
  return found;
}

const NOTHING: { description: string | null; scale: number | null; offset: number | null } = {
  description: null,
  scale: null,
  offset: null,
};

/** The value that stands for none (a text in tag 42113); null where the type cannot hold it, so that no value is it. */
export function parseNodata(text: string, type: RasterType): RasterBand['nodata'] {
  const written = text.trim().toLowerCase();
  if (type === 'int64' || type === 'uint64') return wholeNumber(written, type);
  const value = numberOf(written);
  if (value === null || type === 'float64') return value;
  if (type === 'float32') {
    const held = Math.fround(value);
    return Number.isFinite(value) && !Number.isFinite(held) ? null : held;
  }
  const bits = Number(type.replace(/\D/g, ''));
  const [low, high] = type.startsWith('u') ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
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

function isNumber(text: string): boolean {
  return text.length <= 400 && /^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i.test(text);
}

const ENTITIES: { readonly [name: string]: string } = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function plain(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,4}));/gi, (found, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[name] ?? found;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : found;
  });
}
