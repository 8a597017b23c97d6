import { parquetReadObjects } from 'hyparquet';
import { inOrder } from '../../base/concurrency/inOrder.ts';
import { InvalidMessage, TransientTrouble } from '../../base/errors.ts';
import { preparedPrefix, reportsPrefix, requestKey, truthKey } from '../../base/keys.ts';
import { isSafeName } from '../../base/names.ts';
import type * as store from '../../base/objectStore.ts';
import type { Ledger } from '../../ledger/contract.ts';
import { hasFailedForGood, type LedgerRow } from '../../ledger/ledgerRow.ts';
import { isRunning } from '../../ledger/states.ts';
import { MEMBER, RECORDS } from '../../package/carry.ts';
import { decodePredictions } from '../../results/decodePredictions.ts';
import { encodePredictions, encodeShadowPredictions } from '../../results/encodePredictions.ts';
import { columnsOf, type Predictions } from '../../results/predictionColumns.ts';
import { predictionFiles } from '../../results/predictions.ts';
import { parquetFile } from '../../tables/parquet.ts';
import { truthTable } from '../../tables/truthTable.ts';
import type { AnswerPorts } from './answerTaken.ts';
import { parseRequest, splitRequest } from './request.ts';

export type ForgetPorts = Pick<AnswerPorts, 'models' | 'resultsBucket' | 'inboxBucket' | 'inboxPrefix'> & {
  ledger: Pick<Ledger, 'ofScene' | 'shadowsOf' | 'isOpen'>;
  findObject: store.FindObject;
  objects: store.VersionedObjects;
  listVersions: store.ListVersions;
  now: () => Date;
};

/** The longest that a function runs: after that, no answer, shadow or report that was begun before can still bring texts back. */
const QUIET_MINUTES = 15;
const READS_AT_ONCE = 16;

/**
 * Removes what a request said: the request itself, its inputs' ids in predictions and truths, its prepared chips, and the
 * reports that may show it. What was predicted stays, as days and areas count it. Of all of these, no older version is left.
 * If it is cut off, the same call does the rest: the request itself goes last.
 *
 * @returns how many predictions that count have lost their ids, and the days whose reports were removed
 * @throws {InvalidMessage} when there is no such request
 * @throws {TransientTrouble} while it is being worked on, or was a short time ago
 */
export function makeForgetRequest(ports: ForgetPorts) {
  const { ledger, models, findObject, resultsBucket: bucket, objects, listVersions } = ports;

  return async (id: string) => {
    const key = requestKey(id);
    const found = isSafeName(id) ? await findObject({ bucket, key, versionId: null }) : 'missing';
    const stored = typeof found === 'string' ? null : await objects.readVersion(key);
    if (typeof found === 'string' || stored === null)
      throw new InvalidMessage(
        `The request ${JSON.stringify(id)} is not there: it was never taken, or has expired or been forgotten. Requests over HTTP are not stored.`,
      );
    const { hasInline, files } = splitRequest(
      parseRequest(new TextDecoder().decode(stored.bytes), Number.POSITIVE_INFINITY),
      { bucket: ports.inboxBucket, prefix: ports.inboxPrefix },
    );
    const rows = await ledger.ofScene(found);
    const named = await Promise.all(
      files.map(async ({ bucket, key, versionId }) => {
        const found = await findObject({ bucket, key, versionId });
        return typeof found === 'string' ? [] : ledger.ofScene(found);
      }),
    );
    await assertQuiet(id, found.lastModified, [...rows, ...named.flat()]);
    if (hasInline && rows.length === 0) throw busy(id, 'it has no run yet');
    let predictions = 0;
    for (const row of [...rows, ...(await ledger.shadowsOf(found))]) {
      for (const file of predictionFiles([row])) predictions += await blankPredictions(file.key, row);
      if (row.day !== undefined) await blankTruths(truthKey({ id: row.run, model: row.model, day: row.day }));
      await removeAll(await listVersions(preparedPrefix(row.run)));
    }
    const days = rows.flatMap(({ day, model }) => (day === undefined ? [] : [{ day, model }]));
    for (const { day, model } of days) await removeAll(await listVersions(reportsPrefix(model, day)));
    await removeAll(await versionsOf(key));
    return { request: id, runs: rows.length, predictions, days: [...new Set(days.map(({ day }) => day))] };
  };

  async function assertQuiet(id: string, taken: string | undefined, rows: readonly LedgerRow[]): Promise<void> {
    for (const row of rows) {
      const { run, state, batch } = row;
      if (isRunning(state) || (batch !== undefined && (await ledger.isOpen(batch))))
        throw busy(id, `its run ${run} is ${isRunning(state) ? state : 'in a batch that is open'}`);
      if (state === 'FAILED' && !hasFailedForGood(row))
        throw busy(id, `its run ${run} is FAILED, and is tried again by the next sweep`);
    }
    const last = [taken ?? '', ...rows.map(({ changed }) => changed)].sort().at(-1)!;
    if ((ports.now().getTime() - Date.parse(last)) / 60_000 < QUIET_MINUTES)
      throw busy(id, `it was until ${last}, and answers, shadows and reports may take ${QUIET_MINUTES} minutes more`);
  }

  /** Replaces an object as long as others write it, too, and removes the versions that were there before. */
  async function rewrite(key: string, change: (bytes: Uint8Array) => Promise<Uint8Array>): Promise<void> {
    for (;;) {
      const former = await versionsOf(key);
      const file = await objects.readVersion(key);
      if (file === null) return;
      if ((await objects.replaceVersion(key, await change(file.bytes), file.version)) === null) continue;
      return removeAll(former); // not what was written since, which may be by somebody else
    }
  }

  /** Blanks the ids of a run in a file in which there may be others; returns how many it has there that count, as a shadow's do not. */
  async function blankPredictions(key: string, { run, shadow, model: of }: LedgerRow): Promise<number> {
    const model = await models.load(of);
    let own = 0;
    await rewrite(key, async (bytes) => {
      const all = await decodePredictions(bytes, columnsOf(model));
      const isOwn = Array.from(all.run, (one) => one === run);
      own = isOwn.filter(Boolean).length;
      const ids = [...MEMBER, ...(model.features ? RECORDS : [])];
      const blanked = ids.map(({ name }) => [name, Array.from(all[name]!, (one, i) => (isOwn[i] ? null : one))]);
      const rest = { ...all, ...Object.fromEntries(blanked) } as Predictions;
      const wording = `forgotten ${ports.now().toISOString()}`;
      return shadow ? encodeShadowPredictions(model, rest) : encodePredictions(model, rest, wording);
    });
    return shadow ? 0 : own;
  }

  function blankTruths(key: string): Promise<void> {
    const { columns } = truthTable;
    const isId = (name: string) => MEMBER.some((one) => one.name === name);
    return rewrite(key, async (bytes) => {
      const rows = await parquetReadObjects({ file: new Uint8Array(bytes).buffer });
      return parquetFile(
        columns,
        rows.map((row) => columns.map(({ name }) => (isId(name) ? null : row[name]))),
      );
    });
  }

  async function versionsOf(key: string): Promise<store.ObjectVersion[]> {
    return (await listVersions(key)).filter((one) => one.key === key);
  }

  async function removeAll(versions: readonly store.ObjectVersion[]): Promise<void> {
    for (const one of versions) await objects.removeVersion(one);
  }
}

const busy = (id: string, why: string): TransientTrouble =>
  new TransientTrouble(`The request ${id} is still being worked on: ${why}. Forget it later.`);

/** Yields the ids of the stored requests, all of which it reads, with an input of this id, or one that names this record of features. */
export async function* requestsOfInput(input: string, list: store.ListKeys, read: store.ReadVersion) {
  for await (const file of inOrder(await list(requestKey('').replace(/\.json$/, '')), READS_AT_ONCE, read)) {
    const text = new TextDecoder().decode(file?.bytes);
    if (!text.includes(JSON.stringify(input))) continue; // as encodeRequest writes it
    const { id, inputs } = parseRequest(text, Number.POSITIVE_INFINITY);
    if (inputs.some((one) => namesIn(Object(one)).includes(input))) yield id;
  }
}

const namesIn = ({ id, features, pair }: { id?: unknown; features?: unknown; pair?: unknown }): unknown[] =>
  [id, Object(features).id, pair].flat();
