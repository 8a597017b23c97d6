import type { Executions } from '../base/executions.ts';
import { executionName, type ModelRef, runId, type SceneRef, sceneInput, UNASSIGNED } from '../base/messages.ts';

/** A scene file to be classified by a model version; without one, by each live model that takes its key. */
export type Arrival = { scene: SceneRef; model?: ModelRef | undefined; attempt?: number };

/**
 * Starts an execution for a scene file. All scene files come in this way, except through the bucket's event, which starts
 * its execution itself: from the sweep, reruns, `send`, the duplicates of failed runs, and the first step, for each further
 * model that takes the file. The execution's name is derived from scene, model version and attempt, so that repeated and
 * concurrent calls start nothing twice.
 */
export type Accept = (arrival: Arrival) => ReturnType<Executions['start']>;

export const makeAccept =
  ({ start }: Pick<Executions, 'start'>): Accept =>
  async (arrival) =>
    start(executionNameOf(arrival), sceneInput(arrival.scene, arrival.model));

export const executionNameOf = ({ scene, model = UNASSIGNED, attempt = 1 }: Arrival): string =>
  executionName(runId(scene, model), attempt);
