import { requestKey } from '../../base/keys.ts';
import { modelId } from '../../base/messages.ts';
import type { FindObject } from '../../base/objectStore.ts';
import type { Ledger } from '../../ledger/contract.ts';
import { rowsInState } from '../../ledger/ledgerQueries.ts';
import { hasFailedForGood, type LedgerRow } from '../../ledger/ledgerRow.ts';
import { isRunning } from '../../ledger/states.ts';
import { answeredId } from '../answered/answered.ts';
import type { NamedChip } from './truth.ts';

export type FindRunsPorts = {
  /** Without `byState`, which a Lambda's role may not read, a file that has left the inbox is found by its version only. */
  ledger: Pick<Ledger, 'ofScene' | 'byRun' | 'messageOwner'> & Partial<Pick<Ledger, 'byState'>>;
  findObject: FindObject;
  inboxBucket: string;
  /** Where a laptop has files that are classified once. */
  onceBucket?: string;
  resultsBucket: string;
};

export type FoundRuns = Awaited<ReturnType<ReturnType<typeof makeFindRuns>>>;

/** The rows of a scene or request, and whether its object exists, with or without rows. */
type FoundRows = { readonly rows: readonly LedgerRow[]; readonly isThere: boolean };

/** Returns the scene or request that a chip's name refers to; chips of the same source are looked up together. */
export const sourceOf = (chip: NamedChip): string =>
  JSON.stringify(chip.kind === 'request' ? [chip.request] : [chip.key, chip.version, chip.digits]);

/**
 * Finds the runs that have predicted the chips of a scene or a request. A request over HTTP may be spread over several
 * runs, and each of several models has its own. A duplicate's chips are found in the run that owns its content.
 * @returns these, and why the others have no predictions, or there are none
 */
export function makeFindRuns({ ledger, findObject, inboxBucket, onceBucket, resultsBucket }: FindRunsPorts) {
  let former: ReturnType<typeof everyFile> | undefined;

  return async (chip: NamedChip, model: string | null) => {
    const { rows: found, isThere } = chip.kind === 'request' ? await ofRequest(chip.request) : await ofFile(chip);
    const owners = new Map<string, LedgerRow>();
    for (const row of found) {
      if (model !== null && row.model.name !== model && modelId(row.model) !== model) continue;
      const owner = row.state === 'DUPLICATE' ? await ledger.byRun(row.duplicateOf ?? '') : row;
      if (owner !== undefined) owners.set(owner.run, owner);
    }
    const rows = [...owners.values()].filter(({ state }) => state === 'DONE');
    const others = [...owners.values()].filter(({ state }) => state !== 'DONE');
    // The parts of a request arrive one by one, and their number is not known.
    const isOfOthers = found.length > 0 && owners.size === 0;
    const isGathered = found.some(
      ({ scene: { bucket, key } }) => bucket === resultsBucket && key.startsWith('answered/'),
    );
    const hasMore = chip.kind === 'request' && !isOfOthers && (found.length === 0 || isGathered);
    // Whether a chip that is not found now may still appear. A file without a run: the truth was sent before its event arrived.
    const isOnItsWay = hasMore || (found.length === 0 && isThere) || others.some(isUnderWay);
    const [other] = others;
    const isSought = chip.kind === 'request' || chip.version !== null || ledger.byState !== undefined;
    const left = isSought ? '' : ', as it is not in the inbox: if it was, name its version (sceneVersion)';
    const nearest = found.find((row) => model?.startsWith(`${row.model.name}/`)) ?? found[0];
    const none = isOfOthers
      ? `its run is by ${modelId(nearest!.model)}, and not by ${model}`
      : `no run of it is known${isThere ? ' yet' : left}`;
    const why = other === undefined ? none : `its run ${other.run} is ${other.state}`;
    return { rows, why, isOnItsWay };
  };

  /** Finds a request over HTTP, whose parts are claimed by their runs, or one by queue, which is a scene file. */
  async function ofRequest(request: string): Promise<FoundRows> {
    const rows = new Map<string, LedgerRow>();
    for (let part = 0; ; part += 1) {
      const run = await ledger.messageOwner(answeredId({ request, part }));
      if (run === undefined) break;
      const row = rows.has(run) ? undefined : await ledger.byRun(run);
      if (row !== undefined) rows.set(run, row);
    }
    if (rows.size === 0) return inBucket(resultsBucket, requestKey(request), null);
    return { rows: [...rows.values()], isThere: true };
  }

  /** Finds a file that was deleted or replaced as well: by the content that its chip's digits begin, or its last version. */
  async function ofFile({ key, version, digits }: Extract<NamedChip, { kind: 'scene' }>): Promise<FoundRows> {
    const isOf = ({ digest = '' }: Pick<LedgerRow, 'digest'>) => digest.startsWith(digits ?? '');
    const found = await ofFileThere(key, version);
    if (version !== null || (digits === null && found.isThere) || found.rows.some(isOf)) return found;
    former ??= everyFile();
    const last = (await former).get(key)?.find(isOf);
    return last === undefined ? found : { rows: await ledger.ofScene(last.scene), isThere: true };
  }

  /** All that was classified, newest first. No index has the keys, so it is read once, and only if a file is not there. */
  async function everyFile() {
    const files: Pick<LedgerRow, 'scene' | 'changed' | 'digest'>[] = [];
    const { byState } = ledger;
    for (const state of byState ? (['DONE', 'DUPLICATE'] as const) : [])
      for await (const { scene, changed, digest } of rowsInState({ byState: byState! }, state))
        files.push({ scene, changed, ...(digest && { digest }) });
    files.sort((a, b) => b.changed.localeCompare(a.changed));
    return Map.groupBy(files, ({ scene }) => scene.key);
  }

  /** Finds a file of the inbox, or what the predictions name as the scene of a request's chips. */
  async function ofFileThere(key: string, version: string | null): Promise<FoundRows> {
    const found = await inBucket(inboxBucket, key, version);
    const other = /^(answered|requests)\//.test(key) ? resultsBucket : onceBucket;
    if (found.rows.length > 0 || other === undefined) return found;
    const elsewhere = await inBucket(other, key, version);
    return elsewhere.isThere ? elsewhere : found;
  }

  async function inBucket(bucket: string, key: string, version: string | null): Promise<FoundRows> {
    const versionId = version ?? (await versionThere(bucket, key, null));
    if (versionId === null) return { rows: [], isThere: false };
    const rows = await ledger.ofScene({ bucket, key, versionId });
    const isThere = rows.length > 0 || version === null || (await versionThere(bucket, key, version)) !== null;
    return { rows, isThere };
  }

  async function versionThere(bucket: string, key: string, versionId: string | null): Promise<string | null> {
    const found = await findObject({ bucket, key, versionId });
    return typeof found === 'string' ? null : found.versionId;
  }
}

/** An owner that is a duplicate itself has just passed its content on: its duplicates are about to name its successor. */
const isUnderWay = (row: LedgerRow): boolean =>
  row.state === 'DUPLICATE' || isRunning(row.state) || (row.state === 'FAILED' && !hasFailedForGood(row));
