import { hash } from 'node:crypto';
import { InvalidMessage, TransientTrouble } from '../../base/errors.ts';
import { requestKey } from '../../base/keys.ts';
import type { VersionedObjects } from '../../base/objectStore.ts';
import type { Request } from './request.ts';
import { encodeRequest } from './splitRequest.ts';

/**
 * Stores a request under its id before anything is done for it. Sending it again finds the stored one.
 *
 *   write, if there is none ── there is one: read ── the same bytes?
 *
 * @returns whether it is new
 * @throws {InvalidMessage} when another request has the id
 */
export async function keepRequest(
  { readVersion, replaceVersion }: Pick<VersionedObjects, 'readVersion' | 'replaceVersion'>,
  request: Request,
): Promise<{ isNew: boolean }> {
  const { id } = request;
  const key = requestKey(id);
  const bytes = encodeRequest(request);
  if ((await replaceVersion(key, bytes, null)) !== null) return { isNew: true };
  const found = await readVersion(key);
  if (found === null) throw new TransientTrouble(`${key} was there, and was gone when it was read.`);
  if (Buffer.compare(found.bytes, bytes) === 0) return { isNew: false };
  throw new InvalidMessage(
    `The request ${id} cannot be taken: there is one of this id with other bytes (SHA-256 ${digits(found.bytes)}…, and this one's is ${digits(bytes)}…). Send it with an id of its own.`,
  );
}

const digits = (bytes: Uint8Array): string => hash('sha256', bytes).slice(0, 12);
