import { Buffer } from 'node:buffer';
import { InvalidSceneFile } from '../../../base/errors.ts';

/** What a pax header says about one member, or about all that follow. */
export type Pax = { readonly path?: Uint8Array; readonly size?: number; readonly isSparse?: true };

/**
 * Parses records `<length> <name>=<value>\n`, whose length counts the whole record.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_03
 * @throws {InvalidSceneFile} when they are damaged; the message begins with `where`
 */
export function paxRecords(where: string, bytes: Uint8Array): Pax {
  const records = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let found: Pax = {};
  for (let at = 0; at < records.length && records[at] !== 0; ) {
    const damaged = () => new InvalidSceneFile(`${where}: is damaged: it has no record at byte ${at} of it`);
    const length = /^(\d{1,9}) /.exec(records.toString('latin1', at, at + 10))?.[1];
    const end = at + Number(length ?? 0);
    const equals = records.indexOf(0x3d, at);
    if (length === undefined || end > records.length || equals < 0 || equals >= end || records[end - 1] !== 0x0a)
      throw damaged();
    const name = records.toString('latin1', at + length.length + 1, equals);
    const value = records.subarray(equals + 1, end - 1);
    if (name === 'path') found = { ...found, path: value };
    if (name.startsWith('GNU.sparse.')) found = { ...found, isSparse: true };
    if (name === 'size') {
      const size = value.toString('latin1');
      if (!/^\d{1,15}$/.test(size)) throw damaged();
      found = { ...found, size: Number(size) };
    }
    at = end;
  }
  return found;
}
