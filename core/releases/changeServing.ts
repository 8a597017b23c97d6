import { TransientTrouble } from '../base/errors.ts';
import { SERVING_KEY } from '../base/keys.ts';
import type { Bucket } from '../base/objectStore.ts';
import type { Models } from './contract.ts';
import * as serving from './serving.ts';

/** The most attempts that are made while others change an object; people change what is live one at a time. */
export const TRIES = 10;

/**
 * Changes which models are live by an edit of serving.ts, and returns those that are. `serving.json` is only replaced if it is
 * unchanged since it was read, so of two concurrent changes the later one builds on the earlier.
 * @param own the stage's own model, which is served without a `serving.json` if a version of it is promoted
 */
export async function changeServing(
  bucket: Pick<Bucket, 'readVersion' | 'replaceVersion'>,
  models: Pick<Models, 'promotion'>,
  own: string,
  edit: (served: serving.Served[]) => serving.Served[],
): Promise<serving.Served[]> {
  for (let left = TRIES; left > 0; left -= 1) {
    const found = await bucket.readVersion(SERVING_KEY);
    const isAlone = found === null && (await models.promotion()) !== null;
    const before = found === null ? (isAlone ? serving.servedAlone(own) : []) : serving.parseServing(found.bytes);
    const served = edit(before);
    const written = await bucket.replaceVersion(SERVING_KEY, serving.encodeServing(served), found?.version ?? null);
    if (written !== null) return served;
  }
  throw new TransientTrouble(`${SERVING_KEY} was changed ${TRIES} times by others meanwhile. Try it again.`);
}
