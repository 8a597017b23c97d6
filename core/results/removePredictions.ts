import { inOrder } from '../base/concurrency/inOrder.ts';
import { mapsPrefix, predictionsPrefix } from '../base/keys.ts';
import type { RunRef } from '../base/messages.ts';
import type { ListVersions, RemoveVersion } from '../base/objectStore.ts';

export type RemovePredictionsPorts = { listVersions: ListVersions; removeVersion: RemoveVersion };

const AT_ONCE = 20;

/**
 * Removes a run's predictions, including its maps: every version of each file, so that no reader counts them.
 *
 *    time → list ── assertOurs ── remove
 *           a newer attempt writes only after taking over the run, and so after this list
 *
 * @param assertOurs throws if the run has been taken over; only called if there is something to remove
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
