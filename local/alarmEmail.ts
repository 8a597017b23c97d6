import type { AlarmState } from '../observability/alarmState.ts';
import { type Alarm, describeAlarm } from '../observability/alarms.ts';

const WORDS = {
  GreaterThanThreshold: 'greater than',
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  LessThanThreshold: 'less than',
} as const;

/** An alarm's rule in words, such as "was greater than the threshold (0.25)". */
export function ruleOf({ comparison, threshold }: Alarm): string {
  return `was ${WORDS[comparison]} the threshold (${threshold})`;
}

/** The e-mail on a change of an alarm's state, with what SNS's has: what, why, when, and all about the alarm. */
export function alarmEmail(alarm: Alarm, before: AlarmState['state'], { name, state, since, reason }: AlarmState) {
  const { metric, statistic, periodSeconds, datapointsToAlarm, evaluationPeriods, missing } = alarm;
  const dimensions = Object.entries(metric.dimensions).map(([key, value]) => `${key} = ${value}`);
  return {
    subject: `${state}: "${name}": ${alarm.title}`,
    text: `${state === 'ALARM' ? describeAlarm(alarm) : `This is over: ${alarm.title.toLowerCase()}.`}

The alarm "${name}" has entered the ${state} state, because "${reason}" at ${since}.

Alarm details:
- Name:                       ${name}
- Title:                      ${alarm.title}
- State change:               ${before} -> ${state}
- Reason for state change:    ${reason}
- Timestamp:                  ${since}

Threshold:
- The alarm is in the ALARM state when the metric ${ruleOf(alarm)} in at least ${datapointsToAlarm} of the last ${evaluationPeriods} period(s) of ${periodSeconds} seconds.

Monitored metric:
- Namespace:                  ${metric.namespace}
- Name:                       ${metric.name}
- Dimensions:                 [${dimensions.join(', ')}]
- Period:                     ${periodSeconds} seconds
- Statistic:                  ${statistic}
- Treat missing data as:      ${missing}
`,
  };
}
