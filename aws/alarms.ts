import { type CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { type AlarmState, alarmName, alarmsOf } from '../observability/alarms.ts';
import type { ObservedParameters } from '../observability/parameters.ts';

/** The states of a stage's alarms; those that are switched off are not deployed. */
export function readAlarmsOf(parameters: ObservedParameters, client: CloudWatchClient): () => Promise<AlarmState[]> {
  const prefix = alarmName(parameters.stage, '');
  const own = new Set(alarmsOf(parameters).map(({ id }) => id));
  return async () => {
    const pages = await Array.fromAsync(paginateDescribeAlarms({ client }, { AlarmNamePrefix: prefix }));
    const alarms = pages.flatMap(({ MetricAlarms = [] }) => MetricAlarms);
    const states = alarms.map(({ AlarmName: name = '', StateReason: reason = '', ...alarm }): AlarmState => {
      const since = (alarm.StateUpdatedTimestamp ?? new Date(0)).toISOString();
      return { id: name.slice(prefix.length), name, state: alarm.StateValue ?? 'INSUFFICIENT_DATA', since, reason };
    });
    return states.filter(({ id }) => own.has(id)); // the names of a stage dev-2 begin with those of dev
  };
}
