import { InvalidMessage, TransientTrouble } from '../../base/errors.ts';
import { preparedPrefix, reportsPrefix, requestKey } from '../../base/keys.ts';
import type { ModelRef } from '../../base/messages.ts';
import { isSafeName } from '../../base/names.ts';
import type { FindObject, ListVersions, VersionedObjects } from '../../base/objectStore.ts';
import type { Ledger } from '../../ledger/contract.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import { isRunning } from '../../ledger/states.ts';
import { MEMBER } from '../../package/carry.ts';
import type { Models } from '../../releases/contract.ts';
import { decodePredictions } from '../../results/decodePredictions.ts';
import { encodePredictions, encodeShadowPredictions } from '../../results/encodePredictions.ts';
import { columnsOf, type Predictions } from '../../results/predictionColumns.ts';
import { predictionFiles } from '../../results/predictionFiles.ts';

export type ForgetPorts = {
  ledger: Pick<Ledger, 'ofScene' | 'shadowsOf' | 'isOpen' | 'markDue'>;
  models: Pick<Models, 'load'>;
  findObject: FindObject;
  resultsBucket: string;
  objects: VersionedObjects;
  listVersions: ListVersions;
  now: () => Date;
};

export type Forgotten = {
  readonly request: string;
  readonly runs: number;
  /** Rows that have lost their ids, those of shadows among them. */
  readonly predictions: number;
  /** Whose reports were removed, until the next sweep writes them again. */
  readonly days: readonly { readonly day: string; readonly model: ModelRef }[];
};

/**
 * Removes what a request said: the request itself, its id and its inputs' in predictions, its prepared chips, and the reports
 * that may show it. What was predicted stays, as days and areas count it. Of all of these, no older version is left. If it is
 * cut off, the same call does the rest: the request itself goes last.
 *
 * @throws {InvalidMessage} when there is no such request
 * @throws {TransientTrouble} while it is being classified
 */
export function makeForgetRequest({
  ledger,
  models,
  findObject,
  resultsBucket: bucket,
  objects,
  ...ports
}: ForgetPorts) {
  return async (id: string): Promise<Forgotten> => {
    const key = requestKey(id);
    const found = isSafeName(id) ? await findObject({ bucket, key, versionId: null }) : 'missing';
    if (typeof found === 'string')
      throw new InvalidMessage(
        `The request ${JSON.stringify(id)} is ${found}: it was never taken, or has expired or been forgotten. Requests over HTTP are not stored.`,
      );
    const scene = { bucket, key, versionId: found.versionId };
    const [counted, shadows] = await Promise.all([ledger.ofScene(scene), ledger.shadowsOf(scene)]);
    for (const row of counted) await assertEnded(id, row);
    let predictions = 0;
    for (const row of [...counted, ...shadows]) {
      for (const { key: file } of predictionFiles([row])) predictions += await blank(file, row);
      await removeAll(preparedPrefix(row.run));
    }
    const days = counted.flatMap(({ day, model }) => (day === undefined ? [] : [{ day, model }]));
    for (const { day, model } of days) {
      await ledger.markDue({ day, mark: 'forgotten', at: ports.now().toISOString() });
      await removeAll(reportsPrefix(model, day));
    }
    await removeAll(key);
    return { request: id, runs: counted.length, predictions, days };
  };

  async function assertEnded(id: string, { run, state, batch }: LedgerRow): Promise<void> {
    if (isRunning(state) || (batch !== undefined && (await ledger.isOpen(batch))))
      throw new TransientTrouble(
        `The request ${id} is still being classified: its run ${run} is ${state}${batch === undefined ? '' : `, in the batch ${batch}`}. Forget it once that has ended.`,
      );
  }

  /** Rewrites a file of predictions, in which there may be those of others; returns how many are the run's. */
  async function blank(key: string, { run, shadow, model: of }: LedgerRow): Promise<number> {
    const model = await models.load(of);
    for (;;) {
      const file = await objects.readVersion(key);
      if (file === null) return 0;
      const all = await decodePredictions(file.bytes, columnsOf(model));
      const isOther = Array.from(all.run, (one) => one !== run);
      const blanked = MEMBER.map(({ name }) => [name, Array.from(all[name]!, (one, i) => (isOther[i] ? one : null))]);
      const rest = { ...all, ...Object.fromEntries(blanked) } as Predictions;
      const bytes = shadow
        ? encodeShadowPredictions(model, rest)
        : encodePredictions(model, rest, `forgotten ${ports.now().toISOString()}`);
      const version = await objects.replaceVersion(key, bytes, file.version);
      if (version === null) continue; // somebody else has written
      await removeAll(key, version);
      return isOther.filter((other) => !other).length;
    }
  }

  /** Removes every version but one of an object, or of those in a folder. */
  async function removeAll(key: string, except?: string): Promise<void> {
    for (const one of await ports.listVersions(key))
      if (one.version !== except && (one.key === key || key.endsWith('/'))) await objects.removeVersion(one);
  }
}
