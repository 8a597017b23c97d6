/** Rows of `rowValues` values, each of which an encoder predicted from that `stride` before it, to compress better. */
export type Rows = { readonly rowValues: number; readonly stride: number; readonly bytesPerValue: number };

/** Predictor 2: values are differences from those before (TIFF 6.0, section 14). Expects the machine's byte order. */
export function addUp(bytes: Uint8Array, { rowValues, stride, bytesPerValue }: Rows): void {
  const { buffer, byteOffset, length } = bytes;
  if (bytesPerValue === 8) addUp64(new Uint32Array(buffer, byteOffset, length / 4), rowValues, stride);
  else if (bytesPerValue === 4) addUpRows(new Uint32Array(buffer, byteOffset, length / 4), rowValues, stride);
  else if (bytesPerValue === 2) addUpRows(new Uint16Array(buffer, byteOffset, length / 2), rowValues, stride);
  else addUpRows(bytes, rowValues, stride);
}

/** Calls a function per row, so that the engine compiles it soon. */
function addUpRows(values: Uint8Array | Uint16Array | Uint32Array, rowValues: number, stride: number): void {
  for (let row = 0; row < values.length; row += rowValues)
    if (stride === 1) addUpRow(values, row, row + rowValues);
    else addUpRowOf(stride, values, row + stride, row + rowValues);
}

function addUpRow(values: Uint8Array | Uint16Array | Uint32Array, start: number, end: number): void {
  let sum = 0;
  for (let i = start; i < end; i += 1) {
    sum = (sum + values[i]!) | 0;
    values[i] = sum;
  }
}

function addUpRowOf(stride: number, values: Uint8Array | Uint16Array | Uint32Array, start: number, end: number): void {
  for (let i = start; i < end; i += 1) values[i] = values[i]! + values[i - stride]!;
}

/** Adds 64-bit values as two halves, the lower first, because BigInts would be allocated one by one. */
function addUp64(halves: Uint32Array, rowValues: number, stride: number): void {
  for (let row = 0; row < halves.length; row += 2 * rowValues)
    for (let i = row + 2 * stride; i < row + 2 * rowValues; i += 2) {
      const low = halves[i]! + halves[i - 2 * stride]!;
      halves[i] = low;
      halves[i + 1] = halves[i + 1]! + halves[i + 1 - 2 * stride]! + (low > 0xffffffff ? 1 : 0);
    }
}

/**
 * Predictor 3, for floats (Adobe Photoshop TIFF Technical Note 3): each row stores all the most significant bytes first,
 * then all the next, each as the difference from the byte before it. The result is little-endian, whatever the file is.
 */
export function joinBytes(bytes: Uint8Array, { rowValues, stride, bytesPerValue }: Rows): void {
  const rowBytes = rowValues * bytesPerValue;
  const row = new Uint8Array(rowBytes);
  for (let start = 0; start < bytes.length; start += rowBytes) {
    row.set(bytes.subarray(start, start + rowBytes));
    for (let i = stride; i < rowBytes; i += 1) row[i] = row[i]! + row[i - stride]!;
    for (let byte = 0; byte < bytesPerValue; byte += 1) {
      let from = (bytesPerValue - 1 - byte) * rowValues;
      for (let to = start + byte; to < start + rowBytes; to += bytesPerValue) bytes[to] = row[from++]!;
    }
  }
}
