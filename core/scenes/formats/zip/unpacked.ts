import { crc32, inflateRawSync } from 'node:zlib';
import { attempt, InvalidSceneFile, insteadOf } from '../../../base/errors.ts';
import type { Entry } from './directory.ts';

/**
 * Unpacks a member to exactly its stated size and verifies its checksum. Throws `InvalidSceneFile`; the message begins with
 * `where`.
 */
export function unpacked(where: string, entry: Omit<Entry, 'name'>, packed: Uint8Array): Uint8Array {
  checkPacked(where, entry);
  const { method, checksum, bytes } = entry;
  const found = method === 0 ? packed : inflated(where, packed, bytes);
  if (found.length !== bytes)
    throw new InvalidSceneFile(`${where}: is damaged: it unpacks to ${found.length} bytes, not to ${bytes}`);
  if (crc32(found) !== checksum) throw new InvalidSceneFile(`${where}: is damaged: its checksum does not match`);
  return found;
}

/** @throws {InvalidSceneFile} when a member's compression is not supported */
export function checkPacked(where: string, { method, isEncrypted }: Pick<Entry, 'method' | 'isEncrypted'>): void {
  if (isEncrypted) throw new InvalidSceneFile(`${where}: is encrypted`);
  if (method !== 0 && method !== 8)
    throw new InvalidSceneFile(
      `${where}: found the compression method ${method}, allowed are 0 (stored) and 8 (deflated)`,
    );
}

function inflated(where: string, packed: Uint8Array, bytes: number): Uint8Array {
  const message = `${where}: is damaged: it does not unpack to its ${bytes} bytes`;
  const damaged = insteadOf(Error, (cause) => new InvalidSceneFile(message, { cause }));
  return attempt(() => inflateRawSync(packed, { maxOutputLength: Math.max(1, bytes) }), damaged);
}
