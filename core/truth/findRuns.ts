import { answeredId } from '../answered/answered.ts';
import { requestKey } from '../keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { hasFailedForGood, isRunning, type LedgerRow } from '../ledger/ledgerRow.ts';
import type { FindObject } from '../objectStore.ts';
import { modelId } from '../run.ts';
import type { NamedChip } from './truth.ts';

export type FindRunsPorts = {
  ledger: Pick<Ledger, 'ofScene' | 'byRun' | 'messageOwner'>;
  findObject: FindObject;
  inboxBucket: string;
  resultsBucket: string;
};

export type FoundRuns = {
  /** Those that are done. */
  readonly rows: readonly LedgerRow[];
  /** Why others have predicted nothing, or nobody has. */
  readonly why: string;
  /** Whether a chip that is not among these may be among others later. */
  readonly isOnItsWay: boolean;
};

/** So many runs of the same bytes may have come to own them, one after the other's failure. */
const MOST_OWNERS = 8;

/** Rows of a scene or request, and whether it lies where it should, with rows or without. */
type FoundRows = { readonly rows: readonly LedgerRow[]; readonly isThere: boolean };

/** What of a chip's name says which scene or request it is of: chips of one are found together. */
export function sourceOf(chip: NamedChip): string {
  return JSON.stringify(chip.kind === 'request' ? [chip.request] : [chip.key, chip.version]);
}

/**
 * Finds the runs that have predicted the chips of a scene or a request. A request over HTTP may lie in several runs, and each
 * of several models has a run of its own. A duplicate's chips are those of the run that has its bytes.
 */
export function makeFindRuns({ ledger, findObject, inboxBucket, resultsBucket }: FindRunsPorts) {
  /** @param model whose runs are meant; all of them where it is null */
  return async (chip: NamedChip, model: string | null): Promise<FoundRuns> => {
    const { rows: found, isThere } =
      chip.kind === 'request' ? await ofRequest(chip.request) : await ofFile(chip.key, chip.version);
    const owners = new Map<string, LedgerRow>();
    for (const row of found) {
      if (model !== null && row.model.name !== model) continue;
      const owner = await ownerOf(row);
      if (owner !== undefined) owners.set(owner.run, owner);
    }
    const rows = [...owners.values()].filter(({ state }) => state === 'DONE');
    const others = [...owners.values()].filter(({ state }) => state !== 'DONE');
    // Parts of one request come one by one, and nobody knows how many there are.
    const isOfOthers = found.length > 0 && owners.size === 0;
    const hasMore = chip.kind === 'request' && !isOfOthers && (found.length === 0 || found.some(isGathered));
    // A file that lies there without a run: what is true of it was said before its event has come.
    const isOnItsWay = hasMore || (found.length === 0 && isThere) || others.some(isUnderWay);
    const [other] = others;
    const none = isOfOthers
      ? `its run is by ${modelId(found[0]!.model)}, and not by ${model}`
      : `no run of it is known${isThere ? ' yet' : ''}`;
    const why = other === undefined ? none : `its run ${other.run} is ${other.state}`;
    return { rows, why, isOnItsWay };
  };

  /** Whose chips a duplicate's are. An owner that failed may have become a duplicate of whoever took its place. */
  async function ownerOf(row: LedgerRow): Promise<LedgerRow | undefined> {
    let owner: LedgerRow | undefined = row;
    for (let steps = 0; owner?.state === 'DUPLICATE' && steps < MOST_OWNERS; steps += 1)
      owner = await ledger.byRun(owner.duplicateOf ?? '');
    return owner;
  }

  /** One over HTTP, whose parts their runs have claimed; or one by queue, which is a scene file. */
  async function ofRequest(request: string): Promise<FoundRows> {
    const rows = new Map<string, LedgerRow>();
    for (let part = 0; ; part += 1) {
      const run = await ledger.messageOwner(answeredId({ request, part }));
      if (run === undefined) break;
      const row = rows.has(run) ? undefined : await ledger.byRun(run);
      if (row !== undefined) rows.set(run, row);
    }
    return rows.size > 0
      ? { rows: [...rows.values()], isThere: true }
      : inBucket(resultsBucket, requestKey(request), null);
  }

  /** Of the inbox; or what the predictions name as the scene of a request's chips. */
  async function ofFile(key: string, version: string | null): Promise<FoundRows> {
    const found = await inBucket(inboxBucket, key, version);
    const isRequests = /^(answered|requests)\//.test(key);
    return found.rows.length > 0 || !isRequests ? found : inBucket(resultsBucket, key, version);
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

  function isGathered({ scene }: LedgerRow): boolean {
    return scene.bucket === resultsBucket && scene.key.startsWith('answered/');
  }
}

function isUnderWay(row: LedgerRow): boolean {
  return isRunning(row.state) || (row.state === 'FAILED' && !hasFailedForGood(row));
}
