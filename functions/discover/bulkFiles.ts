import { added } from '../../core/base/added.ts';
import { inOrder, slices } from '../../core/base/concurrency/inOrder.ts';
import { makeKept } from '../../core/base/concurrency/keepPromise.ts';
import { BatchGivenUp, ClaimLost, onError } from '../../core/base/errors.ts';
import type { Executions } from '../../core/base/executions.ts';
import { makeFits } from '../../core/base/inGroups.ts';
import { isSceneFile, markedFolder } from '../../core/base/keys.ts';
import { type BatchRef, type ModelRef, modelId, type SceneRef, sceneId } from '../../core/base/messages.ts';
import type { ListedScene, ListScenes, ReadPiece, WriteObject } from '../../core/base/objectStore.ts';
import { isAhead } from '../../core/base/time/clocks.ts';
import type { BatchLimits, BulkFile } from '../../core/batches/manifest.ts';
import { batchGroup, readBatch, sceneOf, writeManifest } from '../../core/batches/manifest.ts';
import { MAX_KEYS } from '../../core/ledger/bulkRows.ts';
import type { Cursor, Ledger } from '../../core/ledger/contract.ts';
import { isLeaseOver } from '../../core/ledger/lease.ts';
import { keyOfRun, toChanged } from '../../core/ledger/ledgerItem.ts';
import { hasFailedForGood, type LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { LOST, type OpenBatch } from '../../core/ledger/openBatches.ts';
import { FEW_DUPLICATES, type Found, none, noneIfTaken } from '../../core/ledger/startAttempt.ts';
import type { Settings } from '../../core/parameters/settings.ts';
import { lackingOf, type Serving } from '../../core/releases/serving.ts';

export type BulkPorts = BatchLimits & {
  ledger: Pick<Ledger, 'openBatches' | 'loseBatch' | 'ofScene' | 'knownOf' | 'failures'>;
  executions: Pick<Executions, 'describe'>;
  listScenes: ListScenes;
  writeResult: WriteObject;
  readPiece: ReadPiece;
  now: () => Date;
} & Pick<Settings, 'leaseSeconds' | 'bulkPrefix'>;

/** How many batches a page hands on, but for those of its last file: their references, some 250 bytes each, are passed from state to state. */
const BATCHES_A_ROUND = 500;
const PAGE = 500;
const GIVEN_UP = new BatchGivenUp().name;
const noneIfLost = onError(ClaimLost, (): BatchRef[] => []);
/** Concurrent ledger look-ups: chunks of a hundred files, and single files within each. */
export const HUNDREDS_AT_ONCE = 4;
const AT_ONCE = 20;
/**
 * Lost work at once, whose executions are described: 250 and then 10 a second in most regions, of which the SDK outwaits few.
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export const LOST_AT_ONCE = 5;

export type Sweep = {
  /** When the sweep began: runs that have ended since were handled by it. */
  began: string;
  execution: string;
  /** Older files (ISO time) were settled by an earlier sweep; null if this one checks everything. */
  since: string | null;
  /** The same for a file that was uploaded by one request. */
  sinceOfWhole: string | null;
  /** Whether each file is checked again, whatever its state. */
  isFull: boolean;
  /** Prefixes under which every file is checked, whatever its age. */
  folder: string | null;
  hasTime: () => boolean;
  onUnknown: (scene: ListedScene) => void;
};

/** The live models that take a file and have no run for it. */
type WantedOf = (scene: ListedScene) => ModelRef[];

/** A page of the listing, and the scene on it, if any, behind which it goes on; whether it had new files, which a laptop says once. */
type ListedTo = { cursor: string | null; behind?: string | undefined; hasNew?: boolean };

type BulkPage<Place> = { found: Found; batches: BatchRef[]; next: Place | null };

/**
 * Finds bulk files without a run, or whose run failed in a batch and has attempts left, writes them into a manifest and returns
 * batches of them.
 *
 * @param start starts a file's run in an execution of its own: for files that are too large for a batch, or that failed many
 * @param startWaitingDuplicates tries duplicates of a failed run in its place, before it is retried itself
 * @param comeBack restarts runs that missed the file while it was away
 */
export function makeBulkFiles(
  ports: BulkPorts,
  start: (scene: SceneRef, model: ModelRef, attempt: number) => Promise<Found>,
  startWaitingDuplicates: (owner: LedgerRow, most: number) => Promise<Found>,
  comeBack: (rows: readonly LedgerRow[]) => Promise<Found>,
) {
  const { ledger, listScenes, leaseSeconds } = ports;

  /** Batches whose worker is lost: their lease is over, and no execution that runs has yet to begin them or waits for their job. */
  async function lostBatches(from: string | null): Promise<BulkPage<string>> {
    const open = await ledger.openBatches(); // by their ids
    const now = ports.now(); // no lease that was renewed before they were listed can end later than this
    const isOver = ({ batch, lease }: OpenBatch) => batch.id > (from ?? '') && isLeaseOver(lease, now, leaseSeconds);
    const over = open.filter(isOver).slice(0, BATCHES_A_ROUND);
    const keep = makeKept<boolean>(BATCHES_A_ROUND);
    const lost = inOrder(over, LOST_AT_ONCE, async (one) => {
      const isRunning = async () => (await ports.executions.describe(one.execution)).status === 'RUNNING';
      const isAwaited = one.execution !== LOST && (one.attempt === 0 || one.hasJob === true);
      if (isAwaited && (await keep(one.execution, isRunning))) return [];
      return ledger.loseBatch(one, now).then(() => [one.batch], noneIfLost);
    });
    const batches = (await Array.fromAsync(lost)).flat();
    return { found: none, batches, next: over.length < BATCHES_A_ROUND ? null : over.at(-1)!.batch.id };
  }

  /** Files whose runs failed in a batch. Their last attempt is made alone, as one file may fail a whole batch. */
  async function failedFiles(cursor: Cursor | null, sweep: Sweep): Promise<BulkPage<Cursor>> {
    const since = sweep.since === null ? null : new Date(sweep.since);
    const page = await ledger.failures({ since, limit: PAGE, cursor });
    const looked = await Array.fromAsync(inOrder(page.rows, AT_ONCE, (row) => lookAtFailed(row, sweep)));
    const taken = await takenFiles(); // a row stays FAILED until its batch begins, which may wait for its job
    const isFree = ({ scene, model }: LedgerRow) => !taken.has(takenId(scene, model));
    const files = page.rows.filter((row) => isToBeTried(row, sweep) && isFree(row)).map(fileOf);
    const last = page.rows.at(-1);
    // Runs that fail again are listed behind the last of these, and can have duplicates as well.
    const behind = files.length > 0 && last !== undefined ? placeFrom(last, sweep.since) : null;
    const { batches } = await writeManifest(ports, files);
    return { found: looked.reduce(added, none), batches, next: page.cursor ?? behind };
  }

  async function lookAtFailed(row: LedgerRow, sweep: Sweep): Promise<Found> {
    if (row.batch === undefined || hasFailedForGood(row)) return none;
    let found = await startWaitingDuplicates(row, FEW_DUPLICATES).catch(noneIfTaken);
    const isAlone = hasFailedSince(row, sweep) && row.error?.name === GIVEN_UP; // an earlier failure was restarted already
    if (isAlone) found = added(found, await start(row.scene, row.model, row.attempt + 1).catch(noneIfTaken));
    return found;
  }

  /** Files under the prefix, for each model that takes them: as many as a round takes, or time allows. */
  async function listedFiles(from: string | null, serving: Serving, sweep: Sweep): Promise<BulkPage<string>> {
    let found = none;
    const files: BulkFile[] = [];
    const taken = await takenFiles();
    const wantedOf = (scene: ListedScene) =>
      lackingOf(serving, scene, [], sweep.isFull).filter((model) => !taken.has(takenId(scene, model)));
    const most = BATCHES_A_ROUND * Math.min(ports.filesPerBatch, 500);
    const groups = new Map<string, ReturnType<typeof makeFits>>();
    let batched = 0;
    let place: ListedTo | null = from === null ? { cursor: null } : JSON.parse(from);
    while (place !== null && files.length < most && batched < BATCHES_A_ROUND) {
      const { cursor, behind, hasNew = false }: ListedTo = place;
      const page = await listScenes(cursor, { prefix: sweep.folder ?? ports.bulkPrefix, anew: sweep.isFull });
      const rest = page.scenes.slice(page.scenes.findIndex((scene) => sceneId(scene) === behind) + 1);
      const isDue = (scene: ListedScene) => isMeant(hasNew ? { ...scene, isNew: true } : scene, sweep);
      const listed = rest.filter((scene) => isDue(scene) && wantedOf(scene).length > 0);
      place = page.cursor === null ? null : { cursor: page.cursor };
      let last = behind;
      for await (const file of filesOf(listed, wantedOf, sweep)) {
        const scene = sceneOf(file.line);
        if (batched >= BATCHES_A_ROUND && sceneId(scene) !== last) {
          place = { cursor, behind: last, hasNew: hasNew || rest.some(({ isNew }) => isNew) };
          break;
        }
        last = sceneId(scene);
        if (taken.has(takenId(scene, file.model))) continue; // a failed one
        const bytes = file.line.size ?? 0;
        if (bytes > ports.bytesPerBatch) found = added(found, await start(scene, file.model, 1));
        else {
          files.push(file);
          const group = batchGroup(file);
          const fits = groups.get(group) ?? makeFits([ports.filesPerBatch, ports.bytesPerBatch]);
          groups.set(group, fits);
          if (!fits([1, bytes])) batched += 1;
        }
      }
      if (!sweep.hasTime()) break;
    }
    const { batches } = await writeManifest(ports, files);
    return { found, batches, next: place && JSON.stringify(place) };
  }

  /**
   * Selects the listed files that need a batch. In a sweep, most files have a run by the promoted versions, which is read by its
   * key in bulk; keys name a version, so the others are looked up one by one. In a marker's folder, few files have runs.
   */
  async function* filesOf(listed: readonly ListedScene[], wantedOf: WantedOf, sweep: Sweep) {
    const hundreds = inOrder(slices(listed, MAX_KEYS), HUNDREDS_AT_ONCE, async (scenes) => {
      const others = sweep.folder === null ? await withoutKnown(scenes, wantedOf) : scenes;
      const looked = inOrder(others, AT_ONCE / HUNDREDS_AT_ONCE, (scene) => look(scene, wantedOf(scene), sweep));
      return (await Array.fromAsync(looked)).flat();
    });
    for await (const some of hundreds) yield* some;
  }

  async function takenFiles(): Promise<Set<string>> {
    const idsOf = async ({ batch }: OpenBatch) =>
      (await readBatch(ports.readPiece, batch))?.map((line) => takenId(line, batch.model)) ?? [];
    return new Set((await Array.fromAsync(inOrder(await ledger.openBatches(), AT_ONCE, idsOf))).flat());
  }

  /** Files for which a model that takes them has no run by its promoted version; and files that no model takes. */
  async function withoutKnown(scenes: readonly ListedScene[], wantedOf: WantedOf): Promise<ListedScene[]> {
    const wanted = scenes.flatMap((scene) => wantedOf(scene).map((model) => ({ scene, model })));
    const unknown = new Set(scenes.filter((scene) => wantedOf(scene).length === 0));
    for (const some of Map.groupBy(wanted, ({ model }) => modelId(model)).values()) {
      const of = some.map(({ scene }) => scene);
      const known = await ledger.knownOf(of, some[0]!.model);
      for (const scene of of) if (!known.has(sceneId(scene))) unknown.add(scene);
    }
    return scenes.filter((scene) => unknown.has(scene));
  }

  async function look(scene: ListedScene, wanted: readonly ModelRef[], sweep: Sweep): Promise<BulkFile[]> {
    const rows = await ledger.ofScene(scene);
    const lacking = wanted.filter(({ name }) => !rows.some(({ model }) => model.name === name));
    if (lacking.length > 0) sweep.onUnknown(scene);
    const day = (scene.lastModified ?? sweep.began).slice(0, 10);
    const files = lacking.map((model) => ({ line: scene, day, model }));
    await comeBack(rows);
    // The index of states may not show yet what failed in a batch of this sweep.
    for (const row of rows) if (row.state === 'FAILED') await lookAtFailed(row, sweep);
    const toBeTried = rows.filter((row) => isToBeTried(row, sweep)).map(fileOf);
    return [...files, ...toBeTried.map((file) => ({ ...file, line: { ...file.line, etag: scene.etag } }))];
  }

  function isMeant(scene: ListedScene, sweep: Sweep): boolean {
    if (markedFolder(scene.key, ports.bulkPrefix) !== null || !isSceneFile(scene)) return false;
    return sweep.folder !== null || isSince(scene, sweep);
  }

  /** Whether a run that failed in a batch should be retried in another one, and was not by this sweep. */
  const isToBeTried = (row: LedgerRow, sweep: Sweep): boolean => isForBatches(row) && !hasFailedSince(row, sweep);

  /** Whether a run has failed since a sweep began: in one of the sweep's batches, whatever the clock said, or elsewhere. */
  const hasFailedSince = ({ changed, execution }: LedgerRow, sweep: Sweep): boolean =>
    execution === sweep.execution || (changed >= sweep.began && !isAhead(changed, ports.now()));

  return { lostBatches, failedFiles, listedFiles, takenFiles, withoutKnown };
}

/**
 * Whether an object was uploaded by one request, so that its date is that of its arrival. A multipart upload is dated by its start
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#SysMetadata), and its ETag is no MD5 digest
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html), so it is not 32 hexadecimal digits
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html): S3 appends `-` and the number of parts.
 */
export const isWhole = (etag: string | undefined): boolean => /^[0-9a-f]{32}$/i.test(etag ?? '');

/** Whether a sweep looks at a listed file: one that is new, or of which no earlier sweep is known to have settled it. */
export function isSince({ lastModified, etag, isNew }: ListedScene, { since, sinceOfWhole }: Sweep): boolean {
  const from = isWhole(etag) ? sinceOfWhole : since;
  return isNew === true || from === null || lastModified === undefined || lastModified >= from;
}

/** Whether a run's next attempt is in a batch. A run that had an execution of its own keeps to such. */
export const isForBatches = ({ state, batch, attempt, attemptLimit, error }: LedgerRow): boolean =>
  state === 'FAILED' && batch !== undefined && attempt + 1 < attemptLimit && error?.name !== GIVEN_UP;

const fileOf = ({ scene, size, day = '', model }: LedgerRow): BulkFile => ({ line: { ...scene, size }, day, model });

/** A row's position in the index of states, or the start of the sweep's range, if that is later. */
function placeFrom({ scene, model, state, changed, run }: LedgerRow, since: string | null): Cursor {
  const isBefore = since !== null && changed < since;
  return { ...keyOfRun(scene, model), state, changed: isBefore ? since : toChanged(changed, run) };
}

export const takenId = (scene: SceneRef, { name }: ModelRef): string => `${name}/${sceneId(scene)}`;
