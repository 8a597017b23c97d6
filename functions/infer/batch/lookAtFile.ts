import { ClaimLost, Interrupted, InvalidSceneFile } from '../../../core/base/errors.ts';
import type { SceneRef } from '../../../core/base/messages.ts';
import { runId } from '../../../core/base/run.ts';
import { isTransient } from '../../../core/base/step.ts';
import { BATCH_STEP } from '../../../core/batches/batchResult.ts';
import type { Failure, Ledger } from '../../../core/ledger/contract.ts';
import type { LedgerRow } from '../../../core/ledger/ledgerRow.ts';
import type { OpenBatch } from '../../../core/ledger/openBatches.ts';
import { measuresInRow } from '../../../core/measures/registry.ts';
import type { Content } from '../../../core/results/predictionColumns.ts';
import { refusedInRow } from '../../../core/scenes/refusals.ts';
import type { ReadScene } from '../readScene.ts';

export type LookPorts = { ledger: Pick<Ledger, 'claimDigest'>; now: () => Date };

export type About = Omit<ReadScene, 'seen' | 'refusals' | 'measured'> & Pick<LedgerRow, 'chips' | 'blank' | 'refused'>;

/** What is to be done with a file. */
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
export function makeLookAtFile({ ledger, now }: LookPorts, opened: OpenBatch, { readScene, rowOf, lost }: Files) {
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
    const at = now();
    const about = { scene, at };
    try {
      const { seen, refusals, measured, ...found } = await readScene(scene);
      const read = { ...found, ...measuresInRow(measured), ...refusedInRow(refusals) };
      const attempt = (rowOf(scene)?.attempt ?? 0) + 1;
      const id = runId(scene, batch.model);
      const { model, day } = batch;
      const run = { id, scene, model, attempt, execution, digest: read.digest, day };
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
