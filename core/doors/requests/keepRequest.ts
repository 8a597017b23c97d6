import { hash } from 'node:crypto';
import { InvalidMessage, TransientTrouble } from '../../base/errors.ts';
import { requestKey } from '../../base/keys.ts';
import type { VersionedObjects } from '../../base/objectStore.ts';
import { withoutFound } from './input.ts';
import { parseRequest, type Request } from './request.ts';
import { encodeRequest } from './splitRequest.ts';

/**
 * Stores a request under its id before anything is done for it. Sending it again finds the stored one.
 *
 *   write, if there is none ── there is one: read ── the same bytes?
 *
 * @param inputs with what was looked up for them
 * @returns whether it is new
 * @throws {InvalidMessage} when another request has the id
 */
export async function keepRequest(
  { readVersion, replaceVersion }: Pick<VersionedObjects, 'readVersion' | 'replaceVersion'>,
  request: Request,
  inputs = request.inputs,
): Promise<{ isNew: boolean }> {
  const key = requestKey(request.id);
  const bytes = encodeRequest({ ...request, inputs });
  if ((await replaceVersion(key, bytes, null)) !== null) return { isNew: true };
  const found = await readVersion(key);
  if (found === null) throw new TransientTrouble(`${key} was there, and was gone when it was read.`);
  if (isSameRequest(found.bytes, request)) return { isNew: false };
  throw new InvalidMessage(
    `The request ${request.id} cannot be taken: there is one of this id with other bytes (SHA-256 ${digits(found.bytes)}…, and this one's is ${digits(bytes)}…). Send it with an id of its own.`,
  );
}

/** Whether a stored request is this one; what was looked up for them may differ. */
export const isSameRequest = (stored: Uint8Array, request: Request): boolean =>
  Buffer.compare(asSent(stored), asSent(encodeRequest(request))) === 0;

function asSent(bytes: Uint8Array): Uint8Array {
  const request = parseRequest(new TextDecoder().decode(bytes), Number.POSITIVE_INFINITY);
  return encodeRequest({ ...request, inputs: request.inputs.map((input) => withoutFound(input) ?? input) });
}

const digits = (bytes: Uint8Array): string => hash('sha256', bytes).slice(0, 12);
