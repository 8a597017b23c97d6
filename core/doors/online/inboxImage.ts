import { citedStart, InvalidSceneFile } from '../../base/errors.ts';
import type { FindObject, ReadRange } from '../../base/objectStore.ts';
import type { FileInput } from '../requests/input.ts';
import { type Inbox, inboxObstacle } from '../requests/request.ts';

export type InboxImagePorts = { find: FindObject; readRange: ReadRange; inbox: Inbox; mostBytes: number };

/** Reads an inbox's image as a chip. Throws `InvalidSceneFile` if it is elsewhere, missing, damaged or too large. */
export function makeReadInboxImage({ find, readRange, inbox, mostBytes }: InboxImagePorts) {
  return async ({ bucket, key, versionId }: FileInput, where: string): Promise<Uint8Array> => {
    const refuse = (what: string) => new InvalidSceneFile(`${where}.s3: ${what}`);
    const obstacle = inboxObstacle({ bucket, key }, inbox);
    if (obstacle !== undefined) throw refuse(obstacle);
    const found = await find({ bucket, key, versionId });
    const named = citedStart(`s3://${bucket}/${key}`, 100);
    if (found === 'missing') throw refuse(`found no object ${named}, allowed is a file of the inbox`);
    if (found === 'forbidden') throw refuse(`found ${named}, which the service may not read`);
    const { size = Number.POSITIVE_INFINITY } = found;
    if (size > mostBytes)
      throw refuse(`found ${size} bytes in ${named}, allowed are at most ${mostBytes} for one chip`);
    return readRange(found, 0, size);
  };
}

export async function readNoImage(_file: FileInput, where: string): Promise<never> {
  throw new InvalidSceneFile(
    `${where}.s3: found a scene file, allowed are images, bands and values in the request itself`,
  );
}

export async function readNoUrl(_url: string, where: string): Promise<never> {
  throw new InvalidSceneFile(
    `${where}.url: found an address, but none is read here; allowed are images, bands and values in the request itself, and s3 for an image of the inbox`,
  );
}
