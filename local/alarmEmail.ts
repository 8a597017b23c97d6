import type { AlarmState } from '../observability/alarmState.ts';
import { type Alarm, describeAlarm } from '../observability/alarms.ts';

const WORDS = {
  GreaterThanThreshold: 'greater than',
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  LessThanThreshold: 'less than',
} as const;

/** Longer lines would be encoded, and then only a mail program could read them. */
const LINE_LETTERS = 74;

/** An alarm's rule in words, such as "greater than the threshold (0.25)". */
export function ruleOf({ comparison, threshold }: Alarm): string {
  return `${WORDS[comparison]} the threshold (${threshold})`;
}

/** The files that it is about, a line each, and where the console is up. */
type Beside = { causes: readonly string[]; url?: string | undefined };

/** The e-mail on a change of an alarm's state: what it means and what to do first, then all that SNS's own has. */
export function alarmEmail(
  alarm: Alarm,
  before: AlarmState['state'],
  { name, state, since, reason }: AlarmState,
  { causes, url }: Beside = { causes: [] },
) {
  const { metric, statistic, periodSeconds, datapointsToAlarm, evaluationPeriods, missing } = alarm;
  const dimensions = Object.entries(metric.dimensions).map(([key, value]) => `${key} = ${value}`);
  const rule = `The alarm is in the ALARM state when the metric is ${ruleOf(alarm)} in at least ${datapointsToAlarm} of the last ${evaluationPeriods} period(s) of ${periodSeconds} seconds.`;
  return {
    subject: state === 'ALARM' ? `ALARM: ${name}: ${alarm.title}` : `OK: ${name} (was: ${alarm.title})`,
    text: `${wrapped(state === 'ALARM' ? describeAlarm(alarm, url) : `This is over: ${alarm.title}.`)}

${listed(causes)}${wrapped(`The alarm ${name} has entered the ${state} state. ${reason}`)}

- Name:           ${name}
- State change:   ${before} -> ${state}
- Time:           ${since}

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

function listed(causes: readonly string[]): string {
  return causes.length === 0 ? '' : `The newest:\n\n${causes.map((cause) => wrapped(`- ${cause}`)).join('\n')}\n\n`;
}

function wrapped(paragraph: string): string {
  const lines = [''];
  for (const word of paragraph.split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + 1 + word.length > LINE_LETTERS) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join('\n');
}
