import { type CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import type { AlarmState } from '../observability/alarmState.ts';
import { alarmName, alarmsOf } from '../observability/alarms.ts';
import type { ObservedParameters } from '../observability/parameters.ts';

/** The states of a stage's alarms; those that are switched off are not deployed. */
export function readAlarmsOf(parameters: ObservedParameters, client: CloudWatchClient): () => Promise<AlarmState[]> {
  const prefix = alarmName(parameters.stage, '');
  const own = new Set(alarmsOf(parameters).map(({ id }) => id));
  return async () => {
    const states: AlarmState[] = [];
    for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client }, { AlarmNamePrefix: prefix })) {
      for (const { AlarmName: name = '', StateReason: reason = '', ...alarm } of MetricAlarms) {
        const id = name.slice(prefix.length);
        if (!own.has(id)) continue; // the names of a stage dev-2 begin with those of dev
        const since = (alarm.StateUpdatedTimestamp ?? new Date(0)).toISOString();
        states.push({ id, name, state: alarm.StateValue ?? 'INSUFFICIENT_DATA', since, reason });
      }
    }
    return states;
  };
}
