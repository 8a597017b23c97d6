import { errorForLog } from '../base/errors.ts';
import type { Executions } from '../base/executions.ts';
import type { ModelRef, RunRef } from '../base/messages.ts';
import { executionName, modelId, shadowBatchId, shadowInput, shadowRunId } from '../base/messages.ts';
import type { LogFields } from '../base/step.ts';
import { doorOf } from '../ledger/doorOf.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import type { OpenBatch } from '../ledger/openBatches.ts';
import type { Models } from './contract.ts';
import { isInShare, type Shadow } from './shadow.ts';

export type StartShadowPorts = { models: Pick<Models, 'shadow'>; executions: Pick<Executions, 'start'> };

/** Starts the shadow of finished work in an execution of its own, which cannot affect that. Never throws: the log says why. */
export function makeStartShadow({ models, executions }: StartShadowPorts) {
  /** Starts the shadow of a run whose content is in the share; over HTTP, it was drawn per request beforehand. */
  async function ofRun(run: RunRef, { chips = 0, blank = 0 }: LedgerRow, parts: number, log: LogFields): Promise<void> {
    await guarded(run.model, log, async ({ share }, model) => {
      if (doorOf(run.scene) !== 'http' && !isInShare(run.digest, share)) return false;
      const name = executionName(shadowRunId(run.scene, model), run.attempt);
      await executions.start(name, shadowInput({ model, run, parts, chips, blank }));
      return true;
    });
  }

  /** Starts the shadow of a closed batch with `done` finished files. */
  async function ofBatch({ batch, attempt }: OpenBatch, done: number, log: LogFields): Promise<void> {
    if (done === 0) return;
    await guarded(batch.model, log, async ({ share }, model) => {
      const name = executionName(shadowBatchId(batch.id, model), attempt);
      await executions.start(name, shadowInput({ model, batch, share }));
      return true;
    });
  }

  async function guarded(live: ModelRef, log: LogFields, start: (shadow: Shadow, model: ModelRef) => Promise<boolean>) {
    try {
      const shadow = await models.shadow(live.name);
      if (shadow === null || shadow.version === live.version) return;
      const model = { name: live.name, version: shadow.version };
      if (await start(shadow, model)) log['shadow'] = modelId(model);
    } catch (error) {
      log['noShadow'] = errorForLog(error);
    }
  }

  return { ofRun, ofBatch };
}
