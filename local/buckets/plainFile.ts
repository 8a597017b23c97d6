import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { errorNamed, insteadOf } from '../../core/base/errors.ts';

/** What lies under a name is there, and is no file. */
export class NoPlainFile extends errorNamed('NoPlainFile') {
  /** Such as `a named pipe`. */
  readonly found: string;

  constructor(path: string, found: string) {
    super(`${path} is ${found}, allowed is a file.`);
    this.found = found;
  }
}

/** The codes of an error that says that there is no file by a name, or that there can be none. */
export const NO_FILE = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'];

/** Opens a file with `more` flags to read it, and nothing else: on a named pipe a reader would wait for ever. */
export async function openPlainFile(path: string, more = 0): Promise<FileHandle> {
  const opening = open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | more);
  const file = await opening.catch(insteadOf('ENXIO', () => new NoPlainFile(path, 'a socket')));
  const about = await file.stat();
  if (about.isFile()) return file;
  await file.close();
  throw new NoPlainFile(path, about.isDirectory() ? 'a folder' : about.isFIFO() ? 'a named pipe' : 'a device');
}

/** Opens a file to read any of its bytes, under its name as a key. */
export async function openSource(path: string) {
  const file = await openPlainFile(path);
  const { size } = await file.stat();
  const close = () => file.close();
  return { key: basename(path), size, range: rangesOfFile(file, size), close, [Symbol.asyncDispose]: close };
}

/** Reads ranges of an open file; one that reaches beyond its end is cut. */
export const rangesOfFile = (file: FileHandle, size: number) => (offset: number, length: number) =>
  bytesOf(file, offset, Math.max(0, Math.min(length, size - offset)));

export async function bytesOf(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

const PIECE_BYTES = 1 << 20;

/** Yields the first `most` bytes of an open file in order. One buffer for all pieces, as garbage is counted in bytes. */
export async function* piecesOf(file: FileHandle, most: number, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const { size } = await file.stat();
  const buffer = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, size + 1));
  for (let at = 0; ; ) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, most - at), at);
    if (bytesRead === 0) return;
    yield new Uint8Array(buffer.buffer, buffer.byteOffset, bytesRead); // whose slice() copies, unlike a Buffer's
    at += bytesRead;
  }
}
