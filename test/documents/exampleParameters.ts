import { readParameters } from '../../deployment/defaults.ts';
import { observedOf } from '../../observability/parameters.ts';

/** The defaults, with every alarm switched on: for tests, and for documents about deployments in general. */
export const exampleParameters = observedOf(
  { stage: 'dev', stateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:swath-dev-pipeline' },
  {
    ...readParameters(),
    quietDaysLimit: 3,
    accuracyLimit: 0.5,
    alarmWebhook: '/swath/dev/alarm-webhook',
    arrivalsWindowSeconds: 60,
    requests: 'true',
    feedSchedule: 'rate(15 minutes)',
    redshift: 'workgroup:analytics',
    api: 'true',
  },
);
