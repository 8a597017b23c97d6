import { Buffer } from 'node:buffer';

/** Tars of whatever header, for tests. */

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
