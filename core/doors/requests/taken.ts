import * as z from 'zod';
import { citedStart, InvalidMessage } from '../../base/errors.ts';
import { requestKey } from '../../base/keys.ts';
import { type ModelRef, modelRefSchema } from '../../base/messages.ts';
import type { FindObject, ListedScene } from '../../base/objectStore.ts';
import type { Refusal } from '../../scenes/refusals.ts';
import { inputName } from './input.ts';
import type { Request } from './request.ts';
import type { SplitRequest } from './splitRequest.ts';

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
