import { alarmNotice, type Beside } from '../../observability/alarmNotice.ts';
import { type Alarm, type AlarmState, describeAlarm } from '../../observability/alarms.ts';

const WORDS = {
  GreaterThanThreshold: 'greater than',
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  LessThanThreshold: 'less than',
} as const;

/** Longer lines would be encoded, so that only a mail program could read them. */
const LINE = /([^ ]{75,}|.{1,74})(?: |$)/gs;

/** Describes an alarm's rule, such as "greater than the threshold (0.25)". */
export const ruleOf = ({ comparison, threshold }: Alarm): string => `${WORDS[comparison]} the threshold (${threshold})`;

/** Writes the e-mail on a change of an alarm's state: its meaning and first step, then the contents of SNS's e-mail. */
export function alarmEmail(alarm: Alarm, was: AlarmState['state'], now: AlarmState, beside: Beside = { causes: [] }) {
  const { metric, statistic, periodSeconds, datapointsToAlarm, evaluationPeriods, missing } = alarm;
  const { subject, meaning, causes, change, states, time } = alarmNotice(alarm, was, now, beside);
  const dimensions = Object.entries(metric.dimensions).map(([key, value]) => `${key} = ${value}`);
  const rule = `The alarm is in the ALARM state when the metric is ${ruleOf(alarm)} in at least ${datapointsToAlarm} of the last ${evaluationPeriods} period(s) of ${periodSeconds} seconds.`;
  return {
    subject,
    text: `${wrapped(now.state === 'ALARM' ? describeAlarm(alarm, beside.url) : meaning)}

${causes.length === 0 ? '' : `In particular:\n\n${causes.map((cause) => wrapped(`- ${cause}`)).join('\n')}\n\n`}${wrapped(change)}

- Name:           ${now.name}
- State change:   ${states}
- Time:           ${time}

${wrapped(rule)}

- Namespace:      ${metric.namespace}
- Metric:         ${metric.name}
- Dimensions:     ${dimensions.join('\n                  ')}
- Period:         ${periodSeconds} seconds
- Statistic:      ${statistic}
- Missing data:   ${missing}
`,
  };
}

/** Wraps a paragraph into lines that need no encoding; a word that is too long for one has a line of its own. */
export const wrapped = (paragraph: string): string => paragraph.replaceAll(LINE, '$1\n').slice(0, -1);
