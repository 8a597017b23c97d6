import { readFileSync } from 'node:fs';

/** A record of the bundled shard: its eleven bands by name, 65 × 65 bytes each, and its label. */
export type SampleChip = { bands: Map<string, Uint8Array>; label: number };

/**
 * The bundled shard's 81 records, for tests of what comes after the parsing. It reads just what this one file holds
 * and checks nothing, which the service's own reader does.
 */
export function sampleChips(): SampleChip[] {
  const file = readFileSync(new URL('../../samples/droughtwatch/part-r-00012', import.meta.url));
  const chips: SampleChip[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    chips.push(chipOf(file.subarray(at + 12, at + 12 + length)));
    at += 16 + length;
  }
  return chips;
}

/** The source planes' bytes in the order of the names. */
export function bytesOf(chip: SampleChip, names: readonly { name: string }[]): Uint8Array[] {
  return names.map(({ name }) => chip.bands.get(name) ?? new Uint8Array());
}

function chipOf(example: Uint8Array): SampleChip {
  const chip: SampleChip = { bands: new Map(), label: -1 };
  for (const features of fieldsOf(example))
    for (const entry of fieldsOf(features)) {
      const [key, feature] = [...fieldsOf(entry)];
      const name = new TextDecoder().decode(key);
      const [list] = [...fieldsOf(feature!)];
      // A list of bytes has one field, which holds the value; a packed list of whole numbers is one field too.
      const [value] = [...fieldsOf(list!)];
      if (name === 'label') chip.label = value![0]!;
      else chip.bands.set(name, value!);
    }
  return chip;
}

/** The contents of a protobuf message's length-delimited fields, in their order. */
function* fieldsOf(message: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < message.length; ) {
    at++;
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++]!;
      length |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    yield message.subarray(at, at + length);
    at += length;
  }
}
