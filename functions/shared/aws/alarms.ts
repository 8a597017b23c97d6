import { type CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import type { AlarmState } from '../../../observability/alarmState.ts';
import { alarmName } from '../../../observability/alarms.ts';

/** The states of a stage's alarms. */
export function readAlarmsOf(stage: string, client: CloudWatchClient): () => Promise<AlarmState[]> {
  const prefix = alarmName(stage, '');
  return async () => {
    const states: AlarmState[] = [];
    for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client }, { AlarmNamePrefix: prefix })) {
      for (const { AlarmName: name = '', StateValue, StateUpdatedTimestamp, StateReason: reason = '' } of MetricAlarms)
        states.push({
          id: name.slice(prefix.length),
          name,
          state: StateValue ?? 'INSUFFICIENT_DATA',
          since: (StateUpdatedTimestamp ?? new Date(0)).toISOString(),
          reason,
        });
    }
    return states;
  };
}
