import { inOrder } from '../inOrder.ts';
import { mapsPrefix, predictionsPrefix } from '../keys.ts';
import type { RunRef } from '../messages.ts';
import type { ListVersions, RemoveVersion } from '../objectStore.ts';

export type RemovePredictionsPorts = {
  /** Of the results. */
  listVersions: ListVersions;
  removeVersion: RemoveVersion;
};

const AT_ONCE = 20;

/**
 * Takes the predictions of a run away, its maps among them: every version of each of its files, so that no reader counts them.
 *
 *   time → list ── assertOurs ── remove
 *          what a newer attempt writes comes after the run was taken over, and so after this list
 *
 * @param assertOurs throws where the run has been taken over; asked only where there is something to remove
 */
export async function removePredictions(
  { listVersions, removeVersion }: RemovePredictionsPorts,
  run: Pick<RunRef, 'id' | 'model' | 'day'>,
  assertOurs: () => Promise<unknown>,
): Promise<void> {
  const prefixes = [predictionsPrefix(run), mapsPrefix(run)];
  const versions = (await Promise.all(prefixes.map((prefix) => listVersions(prefix)))).flat();
  if (versions.length === 0) return;
  await assertOurs();
  for await (const _removed of inOrder(versions, AT_ONCE, removeVersion));
}
