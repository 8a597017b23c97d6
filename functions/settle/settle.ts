import { settleCallSchema } from '../../core/base/messages.ts';
import { makeStep } from '../../core/base/step.ts';
import { makeSettleBatch, type SettleBatchPorts } from './settleBatch.ts';
import { makeSettleRun, type SettleRunPorts } from './settleRun.ts';
import { makeSettleShadow, type SettleShadowPorts } from './settleShadow.ts';

export type SettlePorts = SettleBatchPorts & SettleRunPorts & SettleShadowPorts;

/** Ends what has failed: a run, a batch or a shadow. */
export const settleStep = (ports: SettlePorts) => {
  const [settleRun, settleBatch, settleShadow] = [
    makeSettleRun(ports),
    makeSettleBatch(ports),
    makeSettleShadow(ports),
  ];
  return makeStep('settle', settleCallSchema, async (input, invocation, log) => {
    if ('shadow' in input) return settleShadow(input, invocation, log);
    return 'batch' in input ? settleBatch(input, invocation, log) : settleRun(input, invocation, log);
  });
};
