import { type SettleShadowInput, settleCallSchema } from '../../core/base/messages.ts';
import type { ReadPiece } from '../../core/base/objectStore.ts';
import { makeStep, type Work } from '../../core/base/step.ts';
import { shadowsOfBatch } from '../../core/batches/shadowsOfBatch.ts';
import type { Ledger } from '../../core/ledger/contract.ts';
import { failed } from '../../core/ledger/runs.ts';
import { SHADOW_STEP, shadowRow } from '../../core/ledger/shadowRuns.ts';
import { noted, withModel } from './readError.ts';
import { makeSettleBatch, type SettleBatchPorts } from './settleBatch.ts';
import { makeSettleRun, type SettleRunPorts } from './settleRun.ts';

export type SettlePorts = SettleBatchPorts & SettleRunPorts & SettleShadowPorts;

/** Ends what has failed: a run, a batch or a shadow. */
export const settleStep = (ports: SettlePorts) => {
  const settleRun = makeSettleRun(ports);
  const settleBatch = makeSettleBatch(ports);
  const settleShadow = makeSettleShadow(ports);
  return makeStep('settle', settleCallSchema, async (input, invocation, log) => {
    if ('shadow' in input) return settleShadow(input, invocation, log);
    return 'batch' in input ? settleBatch(input, invocation, log) : settleRun(input, invocation, log);
  });
};

type SettleShadowPorts = { ledger: Pick<Ledger, 'endShadow' | 'rowsOf'>; readPiece: ReadPiece; now: () => Date };

/** Records a shadow's failure on its own row, or on those of a batch's files: without alarms or retries. */
export function makeSettleShadow(ports: SettleShadowPorts): Work<SettleShadowInput, { status: 'noted' }> {
  return async ({ shadow, ...input }, _invocation, log) => {
    const ended = ports.now();
    const failure = withModel(noted(log, input, SHADOW_STEP), shadow.model);
    const [rows, batch] =
      'batch' in shadow ? [await shadowsOfBatch(ports, shadow), shadow.batch.id] : [[shadow], undefined];
    for (const one of rows) {
      const row = shadowRow(one, { execution: input.execution, began: ended, ended, batch });
      await ports.ledger.endShadow({ ...row, state: 'FAILED', ...failed(row, failure, ended) });
    }
    log['runs'] = rows.length;
    return { status: 'noted' };
  };
}
