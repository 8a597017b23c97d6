import { inOrder, whileTime } from '../../../core/base/concurrency/inOrder.ts';
import { BatchGivenUp, ClaimLost, Interrupted, InvalidSceneFile, TransientTrouble } from '../../../core/base/errors.ts';
import { type BatchInput, type BatchResult, runId, type SceneRef } from '../../../core/base/messages.ts';
import type { OpenScene, Results } from '../../../core/base/objectStore.ts';
import { isTransient, type Work } from '../../../core/base/step.ts';
import { monthAcquired } from '../../../core/base/time/acquired.ts';
import { makeBatchFile } from '../../../core/batches/batchFile.ts';
import { BATCH_STEP, leftOut } from '../../../core/batches/batchResult.ts';
import { type End, type EndState, type Found, makeBatchRows, makeEndedRow } from '../../../core/batches/batchRows.ts';
import { cautionOf, diedAfterProgress, MOST_DEATHS } from '../../../core/batches/caution.ts';
import { readLines, sceneOf } from '../../../core/batches/manifest.ts';
import { type AcquisitionPorts, acquiredInRow } from '../../../core/ledger/acquiredInRow.ts';
import type { Failure, Ledger } from '../../../core/ledger/contract.ts';
import { doorOf } from '../../../core/ledger/doorOf.ts';
import { dueByBatch, makeEnding } from '../../../core/ledger/dueDays.ts';
import type { LedgerRow } from '../../../core/ledger/ledgerRow.ts';
import { type HoldsBatches, keepBatch, type OpenBatch } from '../../../core/ledger/openBatches.ts';
import { measuresInRow } from '../../../core/measures/registry.ts';
import { joined } from '../../../core/package/carry.ts';
import type { Settings } from '../../../core/parameters/settings.ts';
import { makeStartShadow, type StartShadowPorts } from '../../../core/releases/startShadow.ts';
import * as columns from '../../../core/results/predictionColumns.ts';
import { refusedInRow } from '../../../core/scenes/refusals.ts';
import { predictionsTable } from '../../../core/tables/predictionsTable.ts';
import type { RegisterPartition } from '../../../core/tables/table.ts';
import { inRow } from '../../../core/tasks/registry.ts';
import { makeClassifyChips } from '../classifyPart.ts';
import { type InferencePorts, inferenceFor } from '../inferenceFor.ts';
import { makeReadScene, type ReadScene } from '../readScene.ts';

export type BatchPorts = Omit<Results, 'readResult' | 'writeResult'> &
  InferencePorts &
  StartShadowPorts &
  LookPorts & {
    ledger: HoldsBatches & Pick<Ledger, 'rowsOf' | 'end' | 'nameOwners' | 'claimMessages' | 'markDue'>;
    registerPartition: RegisterPartition;
    openScene: OpenScene;
  } & Pick<Settings, 'resultsBucket' | 'chipsPerPart' | 'sceneLimits' | 'attemptLimit' | 'leaseSeconds'>;

const AT_ONCE = 16;
/** A call with less time left starts no more files: the next attempt does. */
const NEEDED_SECONDS = 60;

/**
 * Classifies a batch of bulk files: two conditional writes for each, and one file of predictions for all of them. The claim is
 * the row of the content's owner; the end is the run's row, in its end state. The predictions are written before the ends, and
 * in the end the file of predictions holds exactly those of the files that are done.
 *
 * If a late worker has recorded a file as done after its predictions had been removed, the file is classified again. Transient
 * errors of some files are thrown after the others have ended, so that the next attempt has only those left. If the worker is
 * killed, the batch stays open for the next one.
 */
export function makeClassifyBatch(ports: BatchPorts): Work<BatchInput, BatchResult> {
  const { ledger, now } = ports;
  const { ofBatch: startShadow } = makeStartShadow(ports);

  return async ({ batch, execution }, invocation, log) => {
    Object.assign(log, { batch: batch.id, files: batch.files, day: batch.day });
    const opened = await ledger.openBatch(batch, execution, now, ports.leaseSeconds);
    log['held'] = opened !== undefined;
    if (opened === undefined) return leftOut(batch.files);
    log['attempt'] = opened.attempt;
    const scenes = readLines(await ports.readPiece(batch.manifest, batch.offset, batch.length)).map(sceneOf);
    const loading = inferenceFor(ports, batch.model, scenes); // concurrently with reading its rows
    loading.catch(() => {}); // awaited below
    const rows = makeBatchRows(ledger, opened, scenes);
    await rows.read(opened.attempt > 1);
    const [classifier] = await Promise.all([
      loading,
      ports.registerPartition(predictionsTable, [batch.model.name, batch.model.version, batch.day]),
    ]);
    const { model } = classifier;
    const kept = keepBatch(ports, opened);
    const file = makeBatchFile({ ...ports, assertHeld: kept.need }, opened, async () => model);
    const endTime = makeEnding(ports, dueByBatch(opened));
    if (opened.attempt > 1 || scenes.some((scene) => rows.rowOf(scene)?.batch === batch.id)) await file.read();

    const between = kept.between(invocation);
    const claim = (ids: readonly string[], run: string) => ledger.claimMessages(ids, run, batch.day);
    const readScene = makeReadScene(ports.openScene, model, ports, claim);
    const lost = (scene: SceneRef) => rows.done([scene]).find((content) => !file.has(content));
    // For predictions answered over HTTP, the shadow's are already there or never will be; files checked before may have some.
    let mayHaveShadow = opened.attempt > 1 || scenes.some((scene) => doorOf(scene) !== 'http');
    const needed = Math.min(NEEDED_SECONDS, invocation.remainingSeconds() / 2);
    const hasTime = () => invocation.remainingSeconds() >= needed;
    const lookAtFile = makeLookAtFile(ports, opened, { readScene, rowOf: rows.rowOf, lost });
    const none = joined(columns.columnsOf(model), []) as columns.Predictions;
    const makeRow = makeEndedRow(opened, ports.attemptLimit);

    /** Brings files to their ends; returns the errors of those that are to be tried again, and how many were left. */
    async function workOn(some: readonly SceneRef[]): Promise<{ errors: unknown[]; late: number }> {
      const { take, finish } = makeClassifyChips(classifier, ports.chipsPerPart, between);
      const looked: Looked[] = [];
      for await (const { seen = [], ...found } of inOrder(whileTime(some, hasTime), AT_ONCE, lookAtFile)) {
        await between();
        mayHaveShadow ||= seen.some(({ isShadowed }) => isShadowed === true);
        const { acquired } = 'read' in found ? found.read : (rows.rowOf(found.scene) ?? {});
        if ('content' in found) await take(seen, { ...found.content, scene: found.scene.key, acquired });
        looked.push(found); // without its chips: those of all files would not fit into memory
      }
      // A worker that woke up after its time-out must not renew the lease.
      if (looked.length === 0 && some.length > 0) return { errors: [], late: some.length };
      const classified = await finish();
      file.add(classified);
      for (const found of looked)
        if (found.to === 'restore' && !classified.has(columns.nameOf(found.content)))
          file.add(new Map([[columns.nameOf(found.content), none]])); // its file is gone, or has other bytes
      const toBeDone = looked.flatMap((of) => (of.to === 'classify' && !isBlank(of.read) ? [of.content] : []));
      const isWritten = await file.write([...rows.done(), ...toBeDone]);
      const numbersOf = (content: columns.Content, month?: number): Found =>
        inRow(columns.countedSum(classified.get(columns.nameOf(content)) ?? none, model), model, month);
      const ends = looked.flatMap((found) => endsOf(found, makeRow, rows.rowOf(found.scene), numbersOf));
      if (!isWritten) await kept.need();
      const errors = await rows.end(ends, endTime, isTransient);
      errors.push(...looked.flatMap((found) => (found.to === 'retry' ? [found.error] : [])));
      return { errors, late: some.length - looked.length };
    }

    let died = opened.executions - 1;

    /** Ends a file while which was worked on alone executions have died. */
    async function giveUp(scene: SceneRef): Promise<{ errors: unknown[]; late: number }> {
      const { name, message } = new BatchGivenUp(
        `${died} executions have died on its batch, the last ${MOST_DEATHS} while they worked on this file alone. It is tried by an execution of its own.`,
      );
      const [since, seen] = [now(), rows.rowOf(scene)];
      const failure = { name, message, step: BATCH_STEP };
      const row: End['row'] = (at) => makeRow.failed({ scene, since, at, seen }, 'FAILED', failure);
      return { errors: await rows.end([{ seen, row }], endTime, isTransient), late: 0 };
    }

    let todo = scenes.filter((scene) => rows.isOpen(scene) || lost(scene));
    const errors: unknown[] = [];
    let late = 0;
    do {
      const { size, isGivenUp } = cautionOf(died, Math.max(1, todo.length));
      const some = todo.slice(0, size);
      todo = todo.slice(size);
      const [first] = some;
      const left = await (isGivenUp && first && rows.isOpen(first) ? giveUp(first) : workOn(some));
      errors.push(...left.errors);
      late += left.late;
      if (died >= MOST_DEATHS && left.errors.length === 0 && late === 0) {
        died = diedAfterProgress(died, todo.length);
        await ledger.noteProgress(opened, died + 1);
      }
    } while (todo.length > 0 && errors.length === 0 && late === 0);
    Object.assign(log, rows.result());
    late += todo.length + scenes.filter(lost).length;
    if (errors.length > 0 || late > 0) {
      const [first] = errors;
      const why = first instanceof Error ? `${first.name}: ${first.message}` : 'the time was short';
      const left = `${errors.length + late} files of the batch are left for the next attempt`;
      throw new TransientTrouble(`${left} (${why}).`);
    }
    await file.write(rows.done());
    await ledger.nameOwners(rows.duplicates());
    await endTime();
    await ledger.closeBatch(opened);
    if (mayHaveShadow) await startShadow(opened, rows.done().length, log);
    return rows.result();
  };
}

type LookPorts = AcquisitionPorts & { ledger: Pick<Ledger, 'claimDigest'> };

type About = Omit<ReadScene, 'seen' | 'refusals' | 'measured' | 'times'> &
  Pick<LedgerRow, 'chips' | 'blank' | 'refused' | 'acquired'>;

type Looked = { scene: SceneRef; at: Date } & (
  | { to: 'classify'; read: About; content: columns.Content }
  | { to: 'restore'; content: columns.Content }
  | { to: 'duplicate'; read: About; owner: string }
  | { to: 'fail'; state: 'INVALID' | 'FAILED'; failure: Failure }
  | { to: 'leave' }
  | { to: 'retry'; error: unknown }
);
type Seen = Partial<Pick<ReadScene, 'seen'>>;

type Files = {
  readScene: (scene: SceneRef) => Promise<ReadScene>;
  rowOf: (scene: SceneRef) => LedgerRow | undefined;
  /** The content of a file that is done, but whose predictions are missing. */
  lost: (scene: SceneRef) => columns.Content | undefined;
};

/** Reads a file of a batch and claims its content; says what is to be done with it, and which chips it has. */
function makeLookAtFile(ports: LookPorts, opened: OpenBatch, { readScene, rowOf, lost }: Files) {
  const { ledger, now } = ports;
  const { batch, execution } = opened;

  return (scene: SceneRef): Promise<Looked & Seen> => {
    const content = lost(scene);
    return content === undefined ? look(scene) : restore(scene, content);
  };

  /** Reads a done file again, for its predictions; if it is gone, there are none. */
  async function restore(scene: SceneRef, content: columns.Content): Promise<Looked & Seen> {
    const about = { scene, at: now() };
    try {
      const { seen, digest } = await readScene(scene);
      return { ...about, to: 'restore', content, ...(digest === content.digest && { seen }) };
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      return isTransient(error) ? { ...about, to: 'retry', error } : { ...about, to: 'restore', content };
    }
  }

  async function look(scene: SceneRef): Promise<Looked & Seen> {
    const about = { scene, at: now() };
    try {
      const { seen, refusals, measured, times, ...found } = await readScene(scene);
      const acquired = acquiredInRow(scene, times, ports);
      const read = { ...found, ...measuresInRow(measured), ...refusedInRow(refusals), ...acquired };
      const id = runId(scene, batch.model);
      const { model, day } = batch;
      const run = { id, scene, model, attempt: (rowOf(scene)?.attempt ?? 0) + 1, execution, digest: read.digest, day };
      const owner = await ledger.claimDigest(run, batch.id);
      if (owner === null) return { ...about, to: 'leave' };
      return owner === id
        ? { ...about, to: 'classify', read, content: { run: id, digest: read.digest }, seen }
        : { ...about, to: 'duplicate', read, owner };
    } catch (caught) {
      const error = caught as Error;
      if (error instanceof ClaimLost || error instanceof Interrupted) throw error;
      const state = error instanceof InvalidSceneFile ? 'INVALID' : 'FAILED';
      const { name, message } = error;
      if (isTransient(error)) return { ...about, to: 'retry', error };
      return { ...about, to: 'fail', state, failure: { name, message, step: BATCH_STEP } };
    }
  }
}

const isBlank = ({ chips, blank }: About): boolean => chips === blank;

/** The row that a file ends with, if this attempt ends it. */
function endsOf(
  found: Looked,
  makeRow: ReturnType<typeof makeEndedRow>,
  seen: LedgerRow | undefined,
  numbersOf: (content: columns.Content, month?: number) => Found,
): End[] {
  const { scene, at: since } = found;
  const of = (state: EndState, more: Found): End[] => [
    { seen, row: (at) => makeRow({ scene, since, at, seen }, state, more) },
  ];
  if (found.to === 'restore' || found.to === 'leave' || found.to === 'retry') return [];
  if (found.to === 'fail')
    return [{ seen, row: (at) => makeRow.failed({ scene, since, at, seen }, found.state, found.failure) }];
  const { size, digest, acquired } = found.read;
  if (found.to === 'duplicate')
    return of('DUPLICATE', { size, digest, ...(acquired && { acquired }), duplicateOf: found.owner });
  const month = monthAcquired({ scene, acquired: found.read.acquired });
  return of(isBlank(found.read) ? 'EMPTY' : 'DONE', { ...found.read, ...numbersOf(found.content, month) });
}
