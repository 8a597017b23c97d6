import { hash } from 'node:crypto';
import * as z from 'zod';
import { citedStart, InvalidMessage, isUnusable, NoModelPromoted, TransientTrouble } from '../../base/errors.ts';
import { requestKey } from '../../base/keys.ts';
import { type ModelRef, modelRefSchema } from '../../base/messages.ts';
import type { FindObject, ListedScene, VersionedObjects } from '../../base/objectStore.ts';
import type { Models } from '../../releases/contract.ts';
import { assertTaken } from '../../releases/serving.ts';
import type { Refusal } from '../../scenes/refusals.ts';
import { inputName, withoutFound } from './input.ts';
import { encodeRequest, parseRequest, type Request, type SplitRequest } from './request.ts';

const place = z.int().min(0);
const version = z.string().min(1);

/** A stored request with the object versions that it names: what its answer is made of, small enough for a message. */
export const takenSchema = z.strictObject({
  id: z.string(),
  model: modelRefSchema,
  /** The version of the stored request itself; null if it has no inline inputs. */
  inline: version.nullable(),
  files: z.array(z.tuple([place, version])),
  /** Indices of inputs that name no existing object, or one that may not be read. */
  missing: z.array(place),
  forbidden: z.array(place),
});
export type Taken = z.infer<typeof takenSchema>;

export async function locateRequest(
  { findObject, resultsBucket }: { findObject: FindObject; resultsBucket: string },
  { id }: Pick<Request, 'id'>,
  { hasInline, files: named }: Pick<SplitRequest, 'hasInline' | 'files'>,
  { name, version }: ModelRef,
): Promise<{ taken: Taken; request: ListedScene | null; files: ListedScene[] }> {
  const taken: Taken = { id, model: { name, version }, inline: null, files: [], missing: [], forbidden: [] };
  const files: ListedScene[] = [];
  for (const { index, bucket, key, versionId } of named) {
    const found = await findObject({ bucket, key, versionId });
    if (typeof found === 'string') taken[found].push(index);
    else {
      taken.files.push([index, found.versionId]);
      files.push(found);
    }
  }
  if (!hasInline) return { taken, request: null, files };
  const key = requestKey(id);
  const request = await findObject({ bucket: resultsBucket, key, versionId: null });
  if (typeof request === 'string')
    throw new InvalidMessage(`The request ${id} cannot be taken: its stored copy ${key} is ${request}.`);
  return { taken: { ...taken, inline: request.versionId }, request, files };
}

export function refusalsOf({ missing, forbidden }: Taken, { files }: Pick<SplitRequest, 'files'>): Refusal[] {
  const named = new Map(files.map((file) => [file.index, file]));
  const refusal = (index: number, why: string): Refusal[] => {
    const file = named.get(index);
    if (file === undefined) return [];
    const { bucket, key, versionId, id } = file;
    const found = `found ${citedStart(`s3://${bucket}/${key}`, 100)}${versionId === null ? '' : `, version ${citedStart(versionId, 40)}`}`;
    return [{ index, name: id, message: `${inputName(index)}.s3: ${found}, ${why}` }];
  };
  return [
    ...missing.flatMap((index) => refusal(index, 'which is not there; allowed are files that lie in the inbox')),
    ...forbidden.flatMap((index) => refusal(index, 'which the service may not read; see the policy of the bucket')),
  ];
}

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

/** Its version, its model's promoted one, or the first live one that takes requests; else throws `InvalidMessage`. */
export async function modelOfRequest(
  models: Pick<Models, 'serving' | 'promotion' | 'load'>,
  { id, model }: Pick<Request, 'id' | 'model'>,
): Promise<ModelRef> {
  try {
    if (model === null) return assertTaken(await models.serving(), requestKey(id))[0];
    const version = model.version ?? (await models.promotion(model.name))?.version;
    if (version === undefined) throw new NoModelPromoted(`No version of the model ${model.name} is promoted.`);
    const ref = { name: model.name, version };
    await models.load(ref);
    return ref;
  } catch (error) {
    if (!(error instanceof NoModelPromoted || isUnusable(error))) throw error;
    const named = model?.version == null ? '' : `${model.name} ${model.version}: `;
    const said = `${named}${error.message.replace(/\.$/, '')}.`;
    throw new InvalidMessage(
      `The request ${id} cannot be taken: model: ${said} Allowed is a published model, or none for the one that is live.`,
      { cause: error },
    );
  }
}
