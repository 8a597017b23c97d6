import type { ObservedParameters } from './parameters.ts';
import { readTimeouts } from './timeouts.ts';

/** Parameters with every alarm switched on: for tests, and for documents that are about any deployment. */
export const exampleParameters: ObservedParameters = {
  stage: 'dev',
  modelName: 'droughtwatch-baseline',
  stateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:swath-dev-pipeline',
  driftThreshold: 0.25,
  driftWindow: 500,
  blankShareLimit: 0.5,
  quietDaysLimit: 3,
  timeouts: readTimeouts(),
};
