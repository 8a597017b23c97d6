import { NoImage } from '../../image/image.ts';
import type { Segments } from '../../image/jpegSegments.ts';

/**
 * Splits a baseline JPEG whose components share one scan, unconverted and equally sampled, into a grey JPEG for each, which
 * a decoder of grey and colours reads. Only the Huffman codes are followed (ITU-T T.81, annex F.2.2): a block's bits are
 * copied as they are, because each component predicts from itself.
 * @throws {NoImage} when the JPEG is damaged, or coded in another way
 */
export function splitJpeg({ segments, scan }: Segments, tables: readonly Uint8Array[]): Uint8Array[] {
  const all = [...tables, ...segments];
  const frame = segments.findLast(([, marker]) => marker! >= 0xc0 && marker! <= 0xc2);
  if (frame === undefined || scan === null || frame[1] === 0xc2)
    throw new NoImage('found a progressive JPEG of several bands, allowed is a baseline one');
  const count = frame[9]!;
  const head = scan.subarray(0, 2 + ((scan[2]! << 8) | scan[3]!));
  const isWhole = frame.length >= 10 + 3 * count && head[4] === count && head.length === 8 + 2 * count;
  const samplings = Array.from({ length: count }, (_, i) => frame[11 + 3 * i]);
  if (!isWhole || samplings.some((sampling) => sampling !== samplings[0]) || samplings[0] !== 0x11)
    throw new NoImage(
      'found a JPEG whose bands differ in size or come in several scans, allowed is one scan of equal ones',
    );
  const codes = huffmanTables(all);
  const interval = all.findLast(([, marker]) => marker === 0xdd);
  const [height, width] = [(frame[5]! << 8) | frame[6]!, (frame[7]! << 8) | frame[8]!];
  const units = Math.ceil(width / 8) * Math.ceil(height / 8);
  const every = (interval && (interval[4]! << 8) | interval[5]!) || units;
  const read = makeBitReader(scan.subarray(head.length));
  const parts = samplings.map(() => makeBitWriter(scan.length));
  for (let unit = 0; unit < units; unit += 1) {
    if (unit > 0 && unit % every === 0) {
      const marker = read.restart();
      for (const part of parts) part.restart(marker);
    }
    for (let i = 0; i < count; i += 1) {
      const tablesOf = head[6 + 2 * i]!;
      const [dc, ac] = [codes.get(tablesOf >> 4), codes.get(0x10 | (tablesOf & 15))];
      if (dc === undefined || ac === undefined) throw new NoImage('is damaged: its JPEG lacks a table');
      copyBlock(read, parts[i]!, dc, ac);
    }
  }
  const rest = all.filter((segment) => segment !== frame);
  return parts.map((part, i) =>
    Buffer.concat([
      Uint8Array.of(0xff, 0xd8),
      ...rest,
      Uint8Array.of(0xff, frame[1]!, 0, 11, ...frame.subarray(4, 9), 1, ...frame.subarray(10 + 3 * i, 13 + 3 * i)),
      Uint8Array.of(0xff, 0xda, 0, 8, 1, head[5 + 2 * i]!, head[6 + 2 * i]!, 0, 63, 0),
      part.bytes(),
      Uint8Array.of(0xff, 0xd9),
    ]),
  );
}

type BitReader = ReturnType<typeof makeBitReader>;
type BitWriter = ReturnType<typeof makeBitWriter>;
/** By a code's length and bits, `1 << length | bits`, the symbol that it stands for. */
type Codes = ReadonlyMap<number, number>;

/** By class (DC 0, AC 0x10) and number. */
function huffmanTables(segments: readonly Uint8Array[]): Map<number, Codes> {
  const tables = new Map<number, Codes>();
  for (const segment of segments)
    for (let at = 4; segment[1] === 0xc4 && at + 17 <= segment.length; ) {
      const codes = new Map<number, number>();
      let symbol = at + 17;
      for (let length = 1, code = 0; length <= 16; length += 1, code *= 2)
        for (let i = 0; i < segment[at + length]!; i += 1) codes.set((1 << length) | code++, segment[symbol++] ?? 0);
      tables.set(segment[at]!, codes);
      at = symbol;
    }
  return tables;
}

/** Copies one block: a difference, and up to 63 coefficients by runs. */
function copyBlock(from: BitReader, to: BitWriter, dc: Codes, ac: Codes): void {
  copyBits(from, to, copyCode(from, to, dc));
  for (let k = 1; k < 64; k += 1) {
    const symbol = copyCode(from, to, ac);
    const [run, size] = [symbol >> 4, symbol & 15];
    if (size === 0 && run !== 15) return;
    k += run;
    copyBits(from, to, size);
  }
}

function copyCode(from: BitReader, to: BitWriter, codes: Codes): number {
  for (let length = 1, code = 1; length <= 16; length += 1) {
    const bit = from.bit();
    to.bit(bit);
    code = (code << 1) | bit;
    const symbol = codes.get(code);
    if (symbol !== undefined) return symbol;
  }
  throw new NoImage('is damaged: found a code in its JPEG that has no meaning');
}

function copyBits(from: BitReader, to: BitWriter, count: number): void {
  for (let i = 0; i < count; i += 1) to.bit(from.bit());
}

/** Reads bits, the most significant first; after 0xff stands a 0, or a marker. */
function makeBitReader(bytes: Uint8Array) {
  let [at, held, left] = [0, 0, 0];
  return {
    bit(): number {
      if (left === 0) {
        held = bytes[at++] ?? 0xff;
        if (held === 0xff && bytes[at++] !== 0) throw new NoImage('is cut short in its JPEG');
        left = 8;
      }
      left -= 1;
      return (held >> left) & 1;
    },
    /** Passes a restart marker, and returns it. */
    restart(): number {
      left = 0;
      const marker = bytes[at + 1] ?? 0;
      if (bytes[at] !== 0xff || marker < 0xd0 || marker > 0xd7)
        throw new NoImage('is damaged: its JPEG lacks a restart marker');
      at += 2;
      return marker;
    },
  };
}

function makeBitWriter(most: number) {
  const bytes = new Uint8Array(2 * most + 16);
  let [at, held, count] = [0, 0, 0];
  const put = (byte: number) => {
    bytes[at++] = byte;
    if (byte === 0xff) bytes[at++] = 0;
  };
  /** Fills the last byte with ones. */
  const align = () => {
    if (count > 0) put((held << (8 - count)) | ((1 << (8 - count)) - 1));
    [held, count] = [0, 0];
  };
  return {
    bit(bit: number): void {
      held = (held << 1) | bit;
      count += 1;
      if (count < 8) return;
      put(held);
      [held, count] = [0, 0];
    },
    restart(marker: number): void {
      align();
      bytes[at++] = 0xff;
      bytes[at++] = marker;
    },
    bytes(): Uint8Array {
      align();
      return bytes.subarray(0, at);
    },
  };
}
