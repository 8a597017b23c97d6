import { readParameters } from '../local/service.ts';
import type { ObservedParameters } from './parameters.ts';
import { readTaskNames, timeoutParameter } from './timeouts.ts';

const defaults = readParameters();

/** The defaults, with every alarm switched on: for tests, and for documents that are about any deployment. */
export const exampleParameters: ObservedParameters = {
  stage: 'dev',
  modelName: String(defaults['modelName']),
  stateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:swath-dev-pipeline',
  attemptLimit: Number(defaults['attemptLimit']),
  driftThreshold: Number(defaults['driftThreshold']),
  driftMinimum: Number(defaults['driftMinimum']),
  driftWindow: Number(defaults['driftWindow']),
  blankShareLimit: Number(defaults['blankShareLimit']),
  quietDaysLimit: 3,
  timeouts: Object.fromEntries(readTaskNames().map((name) => [name, Number(defaults[timeoutParameter(name)])])),
};
