import { lazily } from '../../core/base/lazily.ts';
import { inferCallSchema } from '../../core/base/messages.ts';
import { makeStep } from '../../core/base/step.ts';
import type { BatchPorts } from './batch/classifyBatch.ts';
import { type InferPartPorts, makeInferPart } from './part/inferPart.ts';
import type { ShadowPorts } from './shadow/shadow.ts';

/**
 * Classifies a prepared part of a run, a batch of small files, or once more what a candidate version shadows. The code of the
 * last two, which read scene files, is loaded when it is needed.
 */
export const inferStep = (ports: InferPartPorts & BatchPorts & ShadowPorts) => {
  const inferPart = makeInferPart(ports);
  const classifyBatch = lazily(async () => (await import('./batch/classifyBatch.ts')).makeClassifyBatch(ports));
  const shadow = lazily(async () => (await import('./shadow/shadow.ts')).makeShadow(ports));
  return makeStep('infer', inferCallSchema, async (input, invocation, log) => {
    if ('shadow' in input) return (await shadow())(input, invocation, log);
    return 'batch' in input ? (await classifyBatch())(input, invocation, log) : inferPart(input, invocation, log);
  });
};
