import { maskedCrc32c } from '../../../core/scenes/formats/tfrecord/crc32c.ts';
import { encodeTfRecord } from '../../tfrecord.ts';
import type { Dice } from '../dice.ts';
import { damage, joined } from './bytes.ts';
import { damageFields } from './protobuf.ts';

/** Lengths that a record may claim to have. */
const CLAIMS = [
  0n,
  1n,
  2n ** 20n,
  2n ** 26n,
  2n ** 26n + 1n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n,
  2n ** 60n,
  2n ** 64n - 1n,
];

/**
 * A file of some of these records, damaged: mostly within a record, whose checksums are right again afterwards, so that
 * what reads the record has to deal with it.
 */
export function damagedFile(records: readonly Uint8Array[], dice: Dice): Uint8Array {
  const count = dice.below(4);
  const chosen = Array.from({ length: count }, () => dice.pick(records));
  const bad = dice.pick(records);
  const at = dice.below(count + 1);
  const before = chosen.slice(0, at).map(encodeTfRecord);
  const after = chosen.slice(at).map(encodeTfRecord);
  switch (dice.below(8)) {
    case 0:
      return damage(joined(...before, encodeTfRecord(bad), ...after), dice, [encodeTfRecord(bad)]);
    case 1:
      return joined(...before, claiming(dice.pick(CLAIMS)), bad, ...after);
    case 2:
      return joined(...before, claiming(BigInt(bad.length + dice.below(9) - 4)), bad, ...after);
    case 3:
      return joined(...before, encodeTfRecord(damage(bad, dice, records)), ...after);
    default:
      return joined(...before, encodeTfRecord(damageFields(bad, dice)), ...after);
  }
}

/** The header of a record that claims to be so long, with a right checksum. */
export function claiming(length: bigint): Uint8Array {
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, length));
  bytes.writeUInt32LE(maskedCrc32c(bytes.subarray(0, 8)), 8);
  return new Uint8Array(bytes);
}
