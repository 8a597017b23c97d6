import { BatchGivenUp, ClaimLost, Interrupted, InvalidSceneFile } from '../../../core/base/errors.ts';
import type { SceneRef } from '../../../core/base/messages.ts';
import { runId } from '../../../core/base/run.ts';
import { isTransient } from '../../../core/base/step.ts';
import { monthAcquired } from '../../../core/base/time/acquired.ts';
import { BATCH_STEP } from '../../../core/batches/batchResult.ts';
import type { End, EndState, Found, makeEndedRow } from '../../../core/batches/batchRows.ts';
import { MOST_DEATHS } from '../../../core/batches/caution.ts';
import { type AcquisitionPorts, acquiredInRow } from '../../../core/ledger/acquiredInRow.ts';
import type { Failure, Ledger } from '../../../core/ledger/contract.ts';
import type { LedgerRow } from '../../../core/ledger/ledgerRow.ts';
import type { OpenBatch } from '../../../core/ledger/openBatches.ts';
import { measuresInRow } from '../../../core/measures/registry.ts';
import type { Content } from '../../../core/results/predictionColumns.ts';
import { refusedInRow } from '../../../core/scenes/refusals.ts';
import type { ReadScene } from '../readScene.ts';

export type LookPorts = AcquisitionPorts & { ledger: Pick<Ledger, 'claimDigest'> };

type About = Omit<ReadScene, 'seen' | 'refusals' | 'measured' | 'times'> &
  Pick<LedgerRow, 'chips' | 'blank' | 'refused' | 'acquired'>;

export type Looked = { scene: SceneRef; at: Date } & (
  | { to: 'classify'; read: About; content: Content }
  | { to: 'restore'; content: Content }
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
  lost: (scene: SceneRef) => Content | undefined;
};

/** Reads a file of a batch and claims its content; says what is to be done with it, and which chips it has. */
export function makeLookAtFile(ports: LookPorts, opened: OpenBatch, { readScene, rowOf, lost }: Files) {
  const { ledger, now } = ports;
  const { batch, execution } = opened;

  return (scene: SceneRef): Promise<Looked & Seen> => {
    const content = lost(scene);
    return content === undefined ? look(scene) : restore(scene, content);
  };

  /** Reads a done file again, for its predictions; if it is gone, there are none. */
  async function restore(scene: SceneRef, content: Content): Promise<Looked & Seen> {
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

export const isBlank = ({ chips, blank }: About): boolean => chips === blank;

/** The row that a file ends with, if this attempt ends it. */
export function endsOf(
  found: Looked,
  makeRow: ReturnType<typeof makeEndedRow>,
  seen: LedgerRow | undefined,
  numbersOf: (content: Content, month?: number) => Found,
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

/** The end of a file while which was worked on alone executions have died. */
export function givenUp(scene: SceneRef, died: number, at: Date): Looked {
  const { name, message } = new BatchGivenUp(
    `${died} executions have died on its batch, the last ${MOST_DEATHS} while they worked on this file alone. It is tried by an execution of its own.`,
  );
  return { scene, at, to: 'fail', state: 'FAILED', failure: { name, message, step: BATCH_STEP } };
}
