/**
 * Prepares a tile in place for better compression: the inverse of what a reader does
 * (core/scenes/formats/geotiff/predictor.ts).
 */

type Rows = {
  /** Values in a row, over all bands. */
  readonly rowValues: number;
  /** The number of bands: a value is compared with the same band's in the pixel before it. */
  readonly stride: number;
  readonly bytesPerValue: number;
};

/** Predictor 2: each value becomes the difference from the one before it (TIFF 6.0, section 14). */
export function takeDifferences(bytes: Uint8Array, { rowValues, stride, bytesPerValue }: Rows): void {
  const { buffer, byteOffset, length } = bytes;
  const values =
    bytesPerValue === 1
      ? bytes
      : bytesPerValue === 2
        ? new Uint16Array(buffer, byteOffset, length / 2)
        : new Uint32Array(buffer, byteOffset, length / 4);
  for (let row = 0; row < values.length; row += rowValues) takeRow(values, row + stride, row + rowValues, stride);
}

/** A function per row, so that the engine compiles it soon. */
function takeRow(values: Uint8Array | Uint16Array | Uint32Array, start: number, end: number, stride: number): void {
  for (let i = end - 1; i >= start; i -= 1) values[i] = values[i]! - values[i - stride]!;
}

/**
 * Predictor 3, for floats (Adobe Photoshop TIFF Technical Note 3): each row stores all the most significant bytes first,
 * then all the next, and each becomes the difference from the byte before it.
 */
export function splitBytes(bytes: Uint8Array, { rowValues, stride, bytesPerValue }: Rows): void {
  const rowBytes = rowValues * bytesPerValue;
  const row = new Uint8Array(rowBytes);
  for (let start = 0; start < bytes.length; start += rowBytes) {
    splitRow(bytes, start, row, rowValues, bytesPerValue);
    for (let i = rowBytes - 1; i >= stride; i -= 1) row[i] = row[i]! - row[i - stride]!;
    bytes.set(row, start);
  }
}

function splitRow(bytes: Uint8Array, start: number, row: Uint8Array, rowValues: number, bytesPerValue: number): void {
  for (let byte = 0; byte < bytesPerValue; byte += 1) {
    let to = (bytesPerValue - 1 - byte) * rowValues;
    for (let i = 0; i < rowValues; i += 1) row[to++] = bytes[start + byte + i * bytesPerValue]!;
  }
}
