import { NoImage } from '../../image/image.ts';
import type { PngHeader } from './header.ts';

/** A pass of an interlaced image: its pixels start at one position and are a number of columns and rows apart. */
export type Pass = Readonly<Record<'x' | 'y' | 'across' | 'down' | 'width' | 'height', number>>;

/** Adam7: https://www.w3.org/TR/png-3/#8InterlaceMethods */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

export const passesOf = ({ width, height, isInterlaced }: PngHeader): Pass[] =>
  (isInterlaced ? ADAM7 : ([[0, 0, 1, 1]] as const))
    .map(([x, y, across, down]) => {
      const [columns, rows] = [Math.ceil((width - x) / across), Math.ceil((height - y) / down)];
      return { x, y, across, down, width: columns, height: rows };
    })
    .filter((pass) => pass.width > 0 && pass.height > 0);

const rowBytes = ({ samples, bits }: PngHeader, { width }: Pass) => Math.ceil((width * samples * bits) / 8);

/** Returns a pass's bytes; each row is preceded by a byte for its filter. */
export const bytesOfPass = (header: PngHeader, pass: Pass): number => pass.height * (1 + rowBytes(header, pass));

/** Reverses the row filters in place: https://www.w3.org/TR/png-3/#9Filter-types. Throws `NoImage`. */
export function unfilter(header: PngHeader, pass: Pass, rows: Uint8Array): void {
  const length = rowBytes(header, pass);
  const step = Math.max(1, (header.samples * header.bits) / 8);
  let above: Uint8Array = new Uint8Array(length);
  for (let y = 0; y < pass.height; y += 1) {
    const start = y * (1 + length);
    const row = rows.subarray(start + 1, start + 1 + length);
    const filter = rows[start]!;
    if (filter > 4) throw new NoImage(`is damaged: found the filter ${filter} in row ${y}, allowed are 0 to 4`);
    if (filter === 1) for (let i = step; i < length; i += 1) row[i]! += row[i - step]!;
    if (filter === 2) for (let i = 0; i < length; i += 1) row[i]! += above[i]!;
    if (filter === 3) for (let i = 0; i < length; i += 1) row[i]! += ((i < step ? 0 : row[i - step]!) + above[i]!) >> 1;
    if (filter === 4) paeth(row, above, step);
    above = row;
  }
}

function paeth(row: Uint8Array, above: Uint8Array, step: number): void {
  for (let i = 0; i < row.length; i += 1) {
    const left = i < step ? 0 : row[i - step]!;
    const corner = i < step ? 0 : above[i - step]!;
    const up = above[i]!;
    const toLeft = Math.abs(up - corner);
    const toUp = Math.abs(left - corner);
    const toCorner = Math.abs(left + up - 2 * corner);
    row[i]! += toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
  }
}

/** Copies a pass's values to their pixels: one byte each, or two for 16-bit values. */
export function putPass(header: PngHeader, pass: Pass, rows: Uint8Array, into: Uint8Array): void {
  const { width, samples, bits } = header;
  const length = rowBytes(header, pass);
  const size = bits === 16 ? 2 * samples : samples;
  const mask = (1 << bits) - 1;
  for (let y = 0; y < pass.height; y += 1) {
    const from = y * (1 + length) + 1;
    const to = ((pass.y + y * pass.down) * width + pass.x) * size;
    if (bits < 8)
      for (let x = 0; x < pass.width; x += 1) {
        const bit = x * bits; // only single bands have so few bits
        into[to + x * pass.across] = (rows[from + (bit >> 3)]! >> (8 - bits - (bit & 7))) & mask;
      }
    else if (pass.across === 1) into.set(rows.subarray(from, from + length), to);
    else
      for (let x = 0; x < pass.width; x += 1)
        for (let i = 0; i < size; i += 1) into[to + x * pass.across * size + i] = rows[from + x * size + i]!;
  }
}
