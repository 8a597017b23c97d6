import type { Executions } from './executions.ts';
import { type ModelRef, type SceneRef, sceneInput } from './messages.ts';
import { executionName, runId, UNASSIGNED } from './run.ts';

/** A scene file that is to be classified, and by which model version; without one, by each live model that takes its key. */
export type Arrival = {
  scene: SceneRef;
  model?: ModelRef | undefined;
  /** Which attempt of the run it is; the first, unless an earlier one has failed. */
  attempt?: number;
};

/**
 * The door that every scene file comes in by, but for the event of the bucket, which starts its execution itself: the sweep,
 * a rerun, `send`, the duplicates of what has failed, and the first step, for each further model that takes the file. The
 * execution's name is derived from scene, model version and attempt, so that whoever asks again, or at the same time,
 * starts nothing twice.
 */
export type Accept = (arrival: Arrival) => Promise<'started' | 'known'>;

export function makeAccept({ start }: Pick<Executions, 'start'>): Accept {
  return async (arrival) => {
    const { scene, model } = arrival;
    const isNew = (await start(executionNameOf(arrival), sceneInput(scene, model))) === 'started';
    return isNew ? 'started' : 'known';
  };
}

export function executionNameOf({ scene, model = UNASSIGNED, attempt = 1 }: Arrival): string {
  return executionName(runId(scene, model), attempt);
}
