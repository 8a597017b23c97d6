import { crc32, deflateRawSync } from 'node:zlib';

/** Files as NumPy writes them, for tests. */

type Npy = {
  /** Such as `<f4`, or a whole literal where it begins with a bracket. */
  descr: string;
  shape: readonly number[];
  data: Uint8Array;
  isFortranOrder?: boolean;
  major?: 1 | 2 | 3;
};

export function encodeNpy({ descr, shape, data, isFortranOrder = false, major = 1 }: Npy): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const type = descr.startsWith('[') ? descr : `'${descr}'`;
  const dict = `{'descr': ${type}, 'fortran_order': ${isFortranOrder ? 'True' : 'False'}, 'shape': (${sizes}), }`;
  return withHeader(dict, data, major);
}

/** An array with any header. */
export function withHeader(dict: string, data: Uint8Array, major = 1): Uint8Array {
  const start = major === 1 ? 10 : 12;
  const header = Buffer.from(`${dict.padEnd(dict.length + 63 - ((start + dict.length) % 64))}\n`, 'latin1');
  const lengthBytes = Buffer.alloc(start - 8);
  if (major === 1) lengthBytes.writeUInt16LE(header.length);
  else lengthBytes.writeUInt32LE(header.length);
  return new Uint8Array(
    Buffer.concat([Buffer.from('\x93NUMPY', 'latin1'), Uint8Array.of(major, 0), lengthBytes, header, data]),
  );
}

/** An archive of arrays by their names; `member` may change what its directory says of each. */
export function encodeNpz(arrays: Readonly<Record<string, Uint8Array>>, options: ZipOptions = {}): Uint8Array {
  const files = Object.entries(arrays).map(([name, bytes]) => ({ name: `${name}.npy`, bytes }));
  return encodeZip(files, options);
}

export type ZipOptions = { isDeflated?: boolean; member?: (fields: ZipFields) => ZipFields; comment?: Uint8Array };

/** An archive of files, whatever they are. */
export function encodeZip(
  members: readonly { name: string; bytes?: Uint8Array }[],
  {
    isDeflated = false,
    member = (fields: ZipFields): ZipFields => fields,
    comment = new Uint8Array(),
  }: ZipOptions = {},
): Uint8Array {
  const files: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes = new Uint8Array() } of members) {
    const packed = isDeflated ? deflateRawSync(bytes, { level: 1 }) : bytes; // nobody keeps it
    const fields = member({
      name,
      flags: 0,
      method: isDeflated ? 8 : 0,
      checksum: crc32(bytes),
      packed: packed.length,
      bytes: bytes.length,
      offset,
      extra: 0,
      comment: 0,
    });
    const nameBytes = Buffer.from(fields.name);
    const file = Buffer.concat([header(0x04034b50, fields), nameBytes, Buffer.alloc(fields.extra), packed]);
    entries.push(header(0x02014b50, fields), nameBytes, Buffer.alloc(fields.extra + fields.comment));
    files.push(file);
    offset += file.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return new Uint8Array(Buffer.concat([...files, directory, end, comment]));
}

export type ZipFields = {
  name: string;
  flags: number;
  method: number;
  checksum: number;
  packed: number;
  bytes: number;
  offset: number;
  /** So many bytes of fields that nobody knows, and of a comment on the file. */
  extra: number;
  comment: number;
};

/** A file's header, or its entry in the directory, which says a little more. */
function header(mark: 0x04034b50 | 0x02014b50, fields: ZipFields): Buffer {
  const isEntry = mark === 0x02014b50;
  const bytes = Buffer.alloc(isEntry ? 46 : 30);
  bytes.writeUInt32LE(mark);
  const at = isEntry ? 6 : 4;
  bytes.writeUInt16LE(20, at);
  bytes.writeUInt16LE(fields.flags, at + 2);
  bytes.writeUInt16LE(fields.method, at + 4);
  bytes.writeUInt32LE(fields.checksum, at + 10);
  bytes.writeUInt32LE(fields.packed, at + 14);
  bytes.writeUInt32LE(fields.bytes, at + 18);
  bytes.writeUInt16LE(Buffer.byteLength(fields.name), at + 22);
  bytes.writeUInt16LE(fields.extra, at + 24);
  if (isEntry) bytes.writeUInt16LE(fields.comment, at + 26);
  if (isEntry) bytes.writeUInt32LE(fields.offset, 42);
  return bytes;
}
