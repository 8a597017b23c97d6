import { lazily } from '../../core/base/lazily.ts';
import { type InferCall, inferCallSchema, modelOfCall } from '../../core/base/messages.ts';
import { makeStep } from '../../core/base/step.ts';
import type { BatchPorts } from './batch/classifyBatch.ts';
import type { AskContainerPorts } from './container/askContainer.ts';
import { type InferPartPorts, makeInferPart } from './part/inferPart.ts';
import type { ShadowPorts } from './shadow/shadow.ts';

export type InferPorts = InferPartPorts & BatchPorts & ShadowPorts;

/**
 * Classifies a prepared part of a run, a batch of small files, or once more what a candidate version shadows. The code of the
 * last two, which read scene files, is loaded when it is needed.
 *
 * @param container how a job in a container is asked for, if the model needs one; none if this process is such a job
 */
export const inferStep = (ports: InferPorts, container?: Pick<AskContainerPorts, 'hasContainers'>) => {
  const inferPart = makeInferPart(ports);
  const classifyBatch = lazily(async () => (await import('./batch/classifyBatch.ts')).makeClassifyBatch(ports));
  const shadow = lazily(async () => (await import('./shadow/shadow.ts')).makeShadow(ports));
  const asking = lazily(async () => {
    const { isAnswered, makeAskContainer } = await import('./container/askContainer.ts');
    return { isAnswered, ask: makeAskContainer({ ...ports, ...container! }) };
  });

  async function askOf(call: InferCall) {
    if (container === undefined || (await ports.models.load(modelOfCall(call))).runner === 'function') return undefined;
    const { isAnswered, ask } = await asking();
    return (await isAnswered(ports, call)) ? undefined : ask;
  }

  return makeStep('infer', inferCallSchema, async (input, invocation, log): Promise<unknown> => {
    const ask = await askOf(input);
    if (ask !== undefined) return ask(input, invocation, log);
    if ('shadow' in input) return (await shadow())(input, invocation, log);
    return 'batch' in input ? (await classifyBatch())(input, invocation, log) : inferPart(input, invocation, log);
  });
};
