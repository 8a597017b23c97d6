import { withoutCitations } from '../../core/cited.ts';
import { doorOf } from '../../core/doorOf.ts';
import type { Executions } from '../../core/executions.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { LogFields } from '../../core/log.ts';
import { type RunRef, shadowInput } from '../../core/messages.ts';
import type { Models } from '../../core/models/models.ts';
import { isInShare } from '../../core/models/shadow.ts';
import { executionName, modelId, shadowRunId } from '../../core/run.ts';

export type StartShadowPorts = { models: Pick<Models, 'shadow'>; executions: Pick<Executions, 'start'> };

/**
 * Starts the shadow of a run that is done, where its model has one and its content is among the share: an execution of its own, so
 * that nothing of it can touch the run's. What was predicted over HTTP has no prepared chips, and no shadow.
 *
 * It throws nothing: where it cannot be started, the run has none, and its log line says so.
 */
export function makeStartShadow({ models, executions }: StartShadowPorts) {
  return async (run: RunRef, { chips = 0, blank = 0 }: LedgerRow, parts: number, log: LogFields): Promise<void> => {
    if (doorOf(run.scene) === 'http') return;
    try {
      const shadow = await models.shadow(run.model.name);
      if (shadow === null || shadow.version === run.model.version || !isInShare(run.digest, shadow.share)) return;
      const model = { name: run.model.name, version: shadow.version };
      log['shadow'] = modelId(model);
      const name = executionName(shadowRunId(run.scene, model), run.attempt);
      await executions.start(name, shadowInput({ model, run, parts, chips, blank }));
    } catch (error) {
      log['noShadow'] = withoutCitations(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
    }
  };
}
