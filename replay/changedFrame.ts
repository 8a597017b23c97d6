import { maskedCrc32c } from '../core/scenes/formats/tfrecord/crc32c.ts';
import { parseExample } from '../core/scenes/formats/tfrecord/example.ts';
import { FRAME_BYTES, HEADER_BYTES } from '../core/scenes/formats/tfrecord/tfrecord.ts';

/** A band whose detector says less than it did: `gain` of each value. */
export type DarkBand = { readonly band: string; readonly gain: number };

/** A frame with one band of bytes darkened: each value is `gain` of what it was. Throws RangeError where it has no such band. */
export const darkened = (frame: Uint8Array, { band, gain }: DarkBand): Uint8Array =>
  changed(frame, (bytes) => {
    const feature = parseExample({ file: 'the sample', index: 0, offset: 0, length: frame.length, bytes }).get(band);
    if (feature?.kind !== 'bytes') throw new RangeError(`A record of the sample has no band ${band} to darken.`);
    for (const plane of feature.values)
      for (let i = 0; i < plane.length; i += 1) plane[i] = Math.round(gain * plane[i]!);
  });

/** A frame without its feature `truth`, whose name is changed. Throws RangeError where the record has no such feature. */
export const unlabelled = (frame: Uint8Array, truth: string): Uint8Array =>
  changed(frame, (bytes) => {
    const at = bytes.indexOf(`\n${String.fromCharCode(truth.length)}${truth}`, 0, 'latin1'); // field 1 of an entry, with its length
    if (at === -1) throw new RangeError(`A record of the sample has no ${truth} to leave out.`);
    bytes.write('_', at + 2);
  });

/** Changes a copy of a frame's record, and its checksum. */
function changed(frame: Uint8Array, change: (bytes: Buffer) => void): Uint8Array {
  const copy = Buffer.from(frame);
  const bytes = copy.subarray(HEADER_BYTES, copy.length - (FRAME_BYTES - HEADER_BYTES));
  change(bytes);
  copy.writeUInt32LE(maskedCrc32c(bytes), HEADER_BYTES + bytes.length);
  return copy;
}
