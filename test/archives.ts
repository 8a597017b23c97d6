import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';

/** Tars of whatever header, and zips, for tests. */

export type TarFile = { name: string; bytes?: Uint8Array; type?: string; size?: number };

export function tarHeader({ name, bytes = new Uint8Array(), type = '0', size = bytes.length }: TarFile): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write(type, 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  return withChecksum(header);
}

export function withChecksum(header: Buffer): Buffer {
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

const padded = (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);

/** A tar of these files, with its end. */
export function encodeTar(files: readonly TarFile[]): Uint8Array {
  const members = files.flatMap((file) => [tarHeader(file), padded(file.bytes ?? new Uint8Array())]);
  return new Uint8Array(Buffer.concat([...members, Buffer.alloc(1024)]));
}

/** A record of a pax header, whose length counts itself. */
export function paxRecord(name: string, value: string): Buffer {
  const rest = Buffer.from(` ${name}=${value}\n`);
  let length = rest.length + 1;
  while (`${length}`.length + rest.length !== length) length += 1;
  return Buffer.concat([Buffer.from(`${length}`), rest]);
}

/** A zip of one file, stored without compression. */
export function encodeZip(name: string, bytes: Uint8Array): Uint8Array {
  const about = Buffer.alloc(26);
  about.writeUInt16LE(20, 0);
  about.writeUInt32LE(crc32(bytes), 10);
  about.writeUInt32LE(bytes.length, 14);
  about.writeUInt32LE(bytes.length, 18);
  about.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), about, Buffer.from(name), bytes]);
  const directory = Buffer.concat([Buffer.from('PK\x01\x02\x14\0'), about, Buffer.alloc(14), Buffer.from(name)]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(local.length, 16);
  return new Uint8Array(Buffer.concat([local, directory, end]));
}
