import { inferCallSchema } from '../../core/base/messages.ts';
import { makeStep } from '../../core/base/step.ts';
import { type BatchPorts, makeClassifyBatch } from './batch/classifyBatch.ts';
import { type InferPartPorts, makeInferPart } from './part/inferPart.ts';
import { makeShadow, type ShadowPorts } from './shadow/shadow.ts';

/** Classifies a prepared part of a run, a batch of small files, or once more what a candidate version shadows. */
export const inferStep = (ports: InferPartPorts & BatchPorts & ShadowPorts) => {
  const [inferPart, classifyBatch, shadow] = [makeInferPart(ports), makeClassifyBatch(ports), makeShadow(ports)];
  return makeStep('infer', inferCallSchema, async (input, invocation, log) => {
    if ('shadow' in input) return shadow(input, invocation, log);
    return 'batch' in input ? classifyBatch(input, invocation, log) : inferPart(input, invocation, log);
  });
};
