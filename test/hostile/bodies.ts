import { crc32, deflateSync } from 'node:zlib';

/** What a hostile client sends: where to, as what, and in which pieces. */
export type Hostile = {
  readonly kind: string;
  readonly path: string;
  readonly type?: string;
  readonly body: () => Buffer;
  /** How the body is sent; default: whole, with its length. */
  readonly manner?: 'in chunks of a byte' | 'never ends' | 'leaves in the middle' | 'reads no answer' | 'half a head';
  readonly headers?: Record<string, string>;
};

const MIB = 1024 ** 2;
const MOST = 31 * MIB;
const DIGITS = '/v1/models/digits/predictions';
const SOIL = '/v1/models/landsat-statlog/predictions';
const TRUTH = '/v1/models/digits/truth';

/** A text that is repeated up to a size, between two others. */
function filled(bytes: number, unit: string, before = '', after = ''): Buffer {
  const count = Math.floor((bytes - before.length - after.length) / unit.length);
  return Buffer.concat([Buffer.from(before), Buffer.alloc(count * unit.length, unit), Buffer.from(after)]);
}

/** Names that are all different, of which each takes a new hidden class. */
function names(count: number, one: (i: number) => string, before: string, after: string): Buffer {
  return Buffer.from(`${before}${Array.from({ length: count }, (_, i) => one(i)).join(',')}${after}`);
}

function chunk(type: string, data: Buffer): Buffer {
  const [head, tail] = [Buffer.alloc(4), Buffer.alloc(4)];
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  head.writeUInt32BE(data.length);
  tail.writeUInt32BE(crc32(body));
  return Buffer.concat([head, body, tail]);
}

/** A black square, a thousandth of whose bytes are sent. */
export function pngBomb(side: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 8;
  const rows = deflateSync(Buffer.alloc(side * (side + 1)), { level: 9 });
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const bomb = pngBomb(7900);
const manyBombs = (count: number) => {
  const image = pngBomb(2000).toString('base64');
  return Buffer.from(JSON.stringify({ inputs: Array.from({ length: count }, () => ({ image })) }));
};

/** Kinds of hostile requests, each within what the transport allows. */
export const HOSTILE: readonly Hostile[] = [
  { kind: 'lists in lists', path: DIGITS, body: () => Buffer.alloc(10 * MIB, '[') },
  { kind: 'objects in objects', path: DIGITS, body: () => filled(10 * MIB, '{"a":') },
  { kind: 'a deep input', path: SOIL, body: () => filled(10 * MIB, '[', '{"inputs":[{"values":') },
  { kind: 'ones', path: SOIL, body: () => filled(MOST, '1,', '{"inputs":[{"values":[', '1]}]}') },
  { kind: 'a million ones', path: SOIL, body: () => filled(1_990_000, '1,', '{"inputs":[{"values":[', '1]}]}') },
  { kind: 'empty lists', path: SOIL, body: () => filled(MOST, '[],', '{"inputs":[{"values":[', '1]}]}') },
  {
    kind: 'names, each another',
    path: SOIL,
    body: () => names(330_000, (i) => `{"n${i}":0}`, '{"inputs":[{"values":[', ']}]}'),
  },
  { kind: 'inputs without number', path: SOIL, body: () => filled(MOST, '0,', '{"inputs":[', '0]}') },
  { kind: 'members of the body', path: SOIL, body: () => names(400_000, (i) => `"n${i}":0`, '{', '}') },
  { kind: 'an image of zeros', path: DIGITS, body: () => filled(MOST, 'AAAA', '{"inputs":[{"image":"', '"}]}') },
  { kind: 'escapes', path: DIGITS, body: () => filled(MOST, '\\u0000', '{"inputs":[{"image":"', '"}]}') },
  { kind: 'a text without end', path: DIGITS, body: () => filled(MOST, '\\"', '{"inputs":["') },
  {
    kind: 'a number of 31 million digits',
    path: SOIL,
    body: () => filled(MOST, '7', '{"inputs":[{"values":[', ']}]}'),
  },
  { kind: 'no UTF-8', path: DIGITS, body: () => Buffer.alloc(MOST, 0xff) },
  { kind: 'spaces', path: DIGITS, body: () => Buffer.alloc(MOST, ' ') },
  { kind: 'a PNG of 64 kB that holds 62 MB', path: DIGITS, type: 'image/png', body: () => bomb },
  { kind: 'a hundred PNGs of 4 MB each', path: DIGITS, body: () => manyBombs(100) },
  { kind: 'truths', path: TRUTH, body: () => filled(MOST, '0,', '{"truths":[', '0]}') },
  { kind: 'a packed body', path: DIGITS, headers: { 'content-encoding': 'gzip' }, body: () => Buffer.alloc(MOST) },
  { kind: 'bytes one by one', path: DIGITS, manner: 'in chunks of a byte', body: () => Buffer.alloc(2 * MIB, '[') },
  { kind: 'a body without end', path: DIGITS, manner: 'never ends', body: () => filled(4 * MIB, '1,', '{"inputs":[') },
  { kind: 'half a head', path: DIGITS, manner: 'half a head', body: () => Buffer.alloc(0) },
  { kind: 'somebody who leaves', path: DIGITS, manner: 'leaves in the middle', body: () => filled(MOST, '1,') },
  {
    kind: 'somebody who reads no answer',
    path: SOIL,
    manner: 'reads no answer',
    body: () => Buffer.from(JSON.stringify({ inputs: Array.from({ length: 1000 }, () => 'x'.repeat(40)) })),
  },
];
