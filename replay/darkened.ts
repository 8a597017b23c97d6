import { maskedCrc32c } from '../core/scenes/formats/tfrecord/crc32c.ts';
import { parseExample } from '../core/scenes/formats/tfrecord/example.ts';
import { FRAME_BYTES, HEADER_BYTES } from '../core/scenes/formats/tfrecord/tfrecord.ts';

/** A band whose detector says less than it did: `gain` of each value. */
export type DarkBand = { readonly band: string; readonly gain: number };

/**
 * A frame of a TFRecord file as it stands there, but for one band of bytes, each value of which is `gain` of what it was, rounded;
 * with the checksum of that.
 *
 * @throws RangeError where the record has no such band
 */
export function darkened(frame: Uint8Array, { band, gain }: DarkBand): Uint8Array {
  const copy = new Uint8Array(frame);
  const bytes = copy.subarray(HEADER_BYTES, copy.length - (FRAME_BYTES - HEADER_BYTES));
  const feature = parseExample({ file: 'the sample', index: 0, offset: 0, length: copy.length, bytes }).get(band);
  if (feature?.kind !== 'bytes') throw new RangeError(`A record of the sample has no band ${band} to darken.`);
  for (const plane of feature.values) for (let i = 0; i < plane.length; i += 1) plane[i] = Math.round(gain * plane[i]!);
  new DataView(copy.buffer).setUint32(HEADER_BYTES + bytes.length, maskedCrc32c(bytes), true);
  return copy;
}
