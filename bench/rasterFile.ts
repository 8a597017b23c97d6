import { closeSync, openSync, writeSync } from 'node:fs';
import { sfc32 } from '../replay/sfc32.ts';
import { makeTiff } from '../test/tiff.ts';

/** Bands of an uncompressed scene as models/s2-scl takes it, in uint16. */
export const BANDS = 6;
const VALUE_BYTES = 2;
const ROWS = 64;

/** Digital numbers of Sentinel-2: reflectances from 0.05 to 0.45, with an offset of 1,000. */
const [LEAST, RANGE] = [1500, 4000];

/** Writes a square scene of so many pixels a side, whose blocks ascend; its memory is one strip's. Answers its bytes. */
export function writeRasterFile(path: string, side: number, seed: number): number {
  const strips = Math.ceil(side / ROWS);
  const rowBytes = side * BANDS * VALUE_BYTES;
  const rowsOf = (strip: number) => Math.min(ROWS, side - strip * ROWS);
  const head = (start: number) =>
    makeTiff({
      directories: [
        {
          ImageWidth: [side],
          ImageLength: [side],
          BitsPerSample: new Array(BANDS).fill(8 * VALUE_BYTES),
          Compression: [1],
          PhotometricInterpretation: [1],
          SamplesPerPixel: [BANDS],
          RowsPerStrip: [ROWS],
          StripOffsets: Array.from({ length: strips }, (_, strip) => start + strip * ROWS * rowBytes),
          StripByteCounts: Array.from({ length: strips }, (_, strip) => rowsOf(strip) * rowBytes),
          PlanarConfiguration: [1],
          SampleFormat: new Array(BANDS).fill(1),
        },
      ],
    });
  const file = openSync(path, 'w');
  try {
    writeSync(file, head(head(0).length));
    const random = sfc32(seed, side, 0);
    // Twice as long as a strip: each begins somewhere else in it.
    const noise = Uint16Array.from({ length: 2 * ROWS * side * BANDS }, () => LEAST + Math.floor(random() * RANGE));
    for (let strip = 0; strip < strips; strip += 1) {
      const from = Math.floor(random() * ROWS) * side * BANDS;
      writeSync(file, new Uint8Array(noise.buffer, from * VALUE_BYTES, rowsOf(strip) * rowBytes));
    }
  } finally {
    closeSync(file);
  }
  return head(0).length + side * rowBytes;
}
