import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { limitFunction } from 'p-limit';
import * as z from 'zod';
import { orElse } from '../../core/base/errors.ts';
import { isNews } from '../../observability/alarmNotice.ts';
import { type Alarm, type AlarmState, alarmName } from '../../observability/alarms.ts';
import { ruleOf } from './alarmEmail.ts';
import { type MetricStore, MINUTE_MILLISECONDS } from './metricStore.ts';

/** An alarm that went off or is over; `email` is the id of its e-mail: none says that some are over. */
export type AlarmChange = AlarmState & { email: string | null };

type AlarmsOptions = {
  stage: string;
  definitions: Alarm[];
  metrics: Pick<MetricStore, 'statisticOver'>;
  now: () => Date;
  /** Since when the stack has been running: missing data before that means nothing. */
  upSince: () => Date;
  /** Sends the e-mail, and returns its id. */
  tell: (alarm: Alarm, before: AlarmState['state'], now: AlarmState) => Promise<string>;
  onChange?: (change: AlarmChange) => void;
  file: string;
};

const stateSchema = z.object({
  state: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']),
  since: z.iso.datetime(),
  reason: z.string(),
});

/**
 * CloudWatch's alarms for static thresholds on a laptop: ALARM when M of the last N periods are beyond it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html#alarm-evaluation
 */
export function makeAlarms({ stage, definitions, metrics, now, upSince, tell, onChange, file }: AlarmsOptions) {
  const known = readStates(file);
  const unknown = { state: 'INSUFFICIENT_DATA', since: now().toISOString(), reason: 'No datum has come yet.' } as const;
  const stateOf = (id: string): AlarmState => ({ id, name: alarmName(stage, id), ...unknown, ...known[id] });
  const states = new Map(definitions.map(({ id }) => [id, stateOf(id)]));

  async function evaluateThese(metrics?: ReadonlySet<string>): Promise<void> {
    const errors: unknown[] = [];
    const due = definitions.filter(({ metric }) => metrics?.has(metric.name) ?? true);
    for (const alarm of due) await evaluateOne(alarm).catch((error: unknown) => errors.push(error));
    if (errors.length > 0) throw errors[0];
  }

  async function evaluateOne(alarm: Alarm): Promise<void> {
    const before = states.get(alarm.id)!;
    const at = now();
    const { state, reason } = nextState(alarm, read(alarm, at), before.state);
    if (state === before.state) return;
    const changed = { ...before, state, reason, since: at.toISOString() };
    const isTold = state === 'ALARM' || alarm.tellsWhenOver;
    // Before the state is written, so that whoever sees the state finds the e-mail.
    if (isNews(before.state, state))
      onChange?.({ ...changed, email: isTold ? await tell(alarm, before.state, changed) : null });
    states.set(alarm.id, changed);
    const all = Object.fromEntries([...states].map(([id, { state, since, reason }]) => [id, { state, since, reason }]));
    writeFileSync(`${file}.tmp`, JSON.stringify(all, null, 2));
    renameSync(`${file}.tmp`, file);
  }

  /** The last N periods, the newest first. They end with the present minute, so that a datum counts at once. */
  function read({ metric, statistic, periodSeconds, evaluationPeriods }: Alarm, at: Date): Period[] {
    const end = (Math.floor(at.getTime() / MINUTE_MILLISECONDS) + 1) * MINUTE_MILLISECONDS;
    return Array.from({ length: evaluationPeriods }, (_, back): Period => {
      const to = end - back * periodSeconds * 1000;
      const from = to - periodSeconds * 1000;
      const value = metrics.statisticOver(metric, statistic, from, to);
      if (value !== undefined) return { value, from: new Date(from) };
      return from < upSince().getTime() ? 'not up' : 'missing';
    });
  }

  return {
    /** Evaluates every alarm, or only those on the given metrics, and changes their states. */
    evaluate: limitFunction(evaluateThese, { concurrency: 1 }),
    states: (): AlarmState[] => [...states.values()],
  };
}

/** A period's value, or why there is none. Missing data from before the stack was started means nothing. */
type Period = { value: number; from: Date } | 'missing' | 'not up';

function nextState(alarm: Alarm, periods: Period[], before: AlarmState['state']): Pick<AlarmState, 'state' | 'reason'> {
  const { datapointsToAlarm, evaluationPeriods, missing } = alarm;
  const found = periods.filter((period) => typeof period === 'object');
  const beyond = found.filter(({ value }) => isBeyond(alarm, value));
  const silent = missing === 'breaching' ? periods.filter((period) => period === 'missing').length : 0;
  const when = evaluationPeriods === 1 ? 'the last period' : `the last ${evaluationPeriods} periods`;

  if (beyond.length + silent >= datapointsToAlarm) {
    const why =
      beyond.length === 0
        ? `there was no datum in ${when}, which counts as beyond the threshold`
        : `${beyond.map(shown).join(', ')} ${beyond.length === 1 ? 'is' : 'are'} ${ruleOf(alarm)}`;
    return { state: 'ALARM', reason: `Threshold crossed: ${why}.` };
  }
  if (found.length === 0 && missing === 'ignore') return { state: before, reason: '' };
  const why = found.length === 0 ? `there was no datum in ${when}` : `of ${when}, ${shown(found[0]!)} is the newest`;
  return { state: 'OK', reason: `Within the threshold: ${why}.` };
}

const shown = ({ value, from }: { value: number; from: Date }): string =>
  `${Number(value.toPrecision(4))} (${from.toISOString()})`;

function isBeyond({ comparison, threshold }: Alarm, value: number): boolean {
  if (comparison === 'LessThanThreshold') return value < threshold;
  return comparison === 'GreaterThanThreshold' ? value > threshold : value >= threshold;
}

/** None in a new folder, or of a file damaged by a crash: the states are derived again from the next data. */
const readStates = (file: string): Record<string, z.infer<typeof stateSchema>> =>
  orElse({}, () => z.record(z.string(), stateSchema).parse(JSON.parse(readFileSync(file, 'utf8'))));
