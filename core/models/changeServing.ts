import { TransientTrouble } from '../errors.ts';
import { SERVING_KEY } from '../keys.ts';
import type { VersionedObjects } from '../objectStore.ts';
import type { Models } from './models.ts';
import {
  encodeServing,
  parseServing,
  type Served,
  servedAlone,
  withFirst,
  withoutServed,
  withServed,
} from './serving.ts';

/** Where an object is written over only as it was read. */
export type ReplacingBucket = Pick<VersionedObjects, 'readVersion' | 'replaceVersion'>;

/** So often another one may be quicker; people change what is live, one at a time. */
const TRIES = 10;

/**
 * Changes of which models are live. `serving.json` is written over as it was read, so of two people who change it at once,
 * the later one's change is made to what the earlier one has left.
 *
 * @param own the stage's own model: what is served where there is no `serving.json`, if a version of it is promoted
 */
export function makeChangeServing(bucket: ReplacingBucket, models: Pick<Models, 'promotion'>, own: string) {
  /** Has a model served beside the others, or, where it is, take other keys. */
  const serve = (name: string, accepts: string[] | undefined, at: Date): Promise<Served[]> =>
    change((served) => withServed(served, name, accepts, at));

  /** Has a model served in the place of the first one, which a laptop's alarms and console follow. */
  const serveFirst = (name: string, at: Date): Promise<Served[]> => change((served) => withFirst(served, name, at));

  /** Has a model served no longer; throws `NotPromotable` where it is not, or is the only one. */
  const retire = (name: string): Promise<Served[]> => change((served) => withoutServed(served, name));

  async function change(edit: (served: Served[]) => Served[]): Promise<Served[]> {
    for (let left = TRIES; left > 0; left -= 1) {
      const found = await bucket.readVersion(SERVING_KEY);
      const served = edit(found === null ? await servedWithout() : parseServing(found.bytes));
      const written = await bucket.replaceVersion(SERVING_KEY, encodeServing(served), found?.version ?? null);
      if (written !== null) return served;
    }
    throw new TransientTrouble(`${SERVING_KEY} was changed ${TRIES} times by others meanwhile. Try it again.`);
  }

  async function servedWithout(): Promise<Served[]> {
    return (await models.promotion()) === null ? [] : servedAlone(own);
  }

  return { serve, serveFirst, retire };
}
