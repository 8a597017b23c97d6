import { randomUUID } from 'node:crypto';
import type { ExecutionStatus } from '../../core/base/executions.ts';
import { type Datum, NAMESPACE } from '../../core/metrics/metrics.ts';
import type { Notice } from '../../core/releases/watchAlias.ts';
import { type Parameters, readParameters } from '../../deployment/defaults.ts';
import { type AlarmNotice, alarmNotice } from '../../observability/alarmNotice.ts';
import { type Alarm, alarmsOf, functionName, LAPTOP } from '../../observability/alarms.ts';
import { type ObservedParameters, observedOf } from '../../observability/parameters.ts';
import type { MetricId } from '../../observability/readMetrics.ts';
import { STATE_MACHINE_ARN } from '../stack/arns.ts';
import type { Clock } from '../stack/clock.ts';
import type { DataFolder } from '../stack/dataFolder.ts';
import type { OnCalled } from '../stack/functions.ts';
import { alarmEmail, wrapped } from './alarmEmail.ts';
import { type AlarmChange, makeAlarms } from './alarms.ts';
import { openMetricStore, type Sample } from './metricStore.ts';
import { writeEmail } from './outbox.ts';

export const LOCAL_STAGE = LAPTOP;
/** Where e-mails would go while nobody has named an address. */
const NOBODY = 'alarms@swath.invalid';
/** AWS's services publish by the minute; a page that is looked at should not wait so long. */
const TICK_MILLISECONDS = 1000;

/** What the panels and alarms depend on, as a deployment has it. */
export const observedParameters = (parameters: Parameters = readParameters(), dataDir?: string): ObservedParameters =>
  observedOf({ stage: LOCAL_STAGE, stateMachineArn: STATE_MACHINE_ARN, ...(dataDir && { dataDir }) }, parameters);

type Told = {
  /** The files that an alarm is about, a line each; none where it is about no files. */
  causesOf: (alarm: Alarm) => Promise<string[]>;
  consoleUrl: () => string | undefined;
  onChange: (change: AlarmChange) => void;
  /** Hears the same as the e-mail says. */
  tellWebhook?: ((notice: AlarmNotice) => void) | undefined;
  onError: (error: Error) => void;
};

/** CloudWatch and SNS on a laptop, with the metrics that AWS's own services would publish. */
export async function startObserving(folder: DataFolder, clock: Clock, parameters: Parameters, told: Told) {
  const { causesOf, consoleUrl, tellWebhook, onChange, onError } = told;
  const metrics = await openMetricStore(folder.metrics, clock.now());
  const to = /@/.test(String(parameters['alarmEmail'])) ? String(parameters['alarmEmail']) : NOBODY;
  const alarms = makeAlarms({
    stage: LOCAL_STAGE,
    definitions: alarmsOf(observedParameters(parameters, folder.named)).filter(({ isOn }) => isOn),
    metrics,
    now: clock.now,
    upSince: clock.steadySince,
    tell: async (alarm, before, state) => {
      const causes = state.state === 'ALARM' ? await causesOf(alarm).catch(() => []) : []; // the e-mail is worth more than them
      const beside = { causes, url: consoleUrl() };
      const about = `${alarm.id}-${state.state}`;
      const email = { time: state.since, to, about, ...alarmEmail(alarm, before, state, beside) };
      const id = await writeEmail(folder.outbox, email);
      tellWebhook?.(alarmNotice(alarm, before, state, beside));
      return id;
    },
    onChange,
    file: folder.alarms,
  });
  let services = new Map<string, Sample>();
  const tick = async () => {
    const samples = [...services.values()];
    services = new Map();
    if (samples.length > 0) await metrics.put(samples);
    await alarms.evaluate();
  };
  const timer = setInterval(() => void tick().catch(onError), TICK_MILLISECONDS).unref();

  /** Counts add up within a tick, so that a burst of files makes a few datums. */
  const serve = (metric: MetricId, value: number, merge: 'sum' | 'most' | 'each') => {
    const key = merge === 'each' ? randomUUID() : JSON.stringify(metric);
    const before = services.get(key)?.value ?? 0;
    const merged = merge === 'sum' ? before + value : Math.max(before, value);
    services.set(key, { ...metric, time: clock.now().toISOString(), value: merged });
  };
  const called: OnCalled = (call) => {
    const dimensions = { FunctionName: functionName(LOCAL_STAGE, call.name) };
    const lambda = (name: string): MetricId => ({ namespace: 'AWS/Lambda', name, dimensions });
    serve(lambda('Duration'), call.milliseconds, 'each');
    serve(lambda('Errors'), Number(call.hasFailed), 'sum');
    serve(lambda('Throttles'), 0, 'sum');
    serve(lambda('ConcurrentExecutions'), call.concurrent, 'most');
  };
  const execution = (values: Record<string, number>) => {
    const dimensions = { StateMachineArn: STATE_MACHINE_ARN };
    for (const [name, one] of Object.entries(values)) serve({ namespace: 'AWS/States', name, dimensions }, one, 'sum');
  };

  return {
    metrics,
    alarms,
    /** What a function publishes: an alarm on it is looked at before the function goes on, any other one soon. */
    publish: async (datums: Datum[]): Promise<void> => {
      const about = { time: clock.now().toISOString(), namespace: NAMESPACE };
      const samples = datums.map(({ metric: name, value, dimensions }): Sample => {
        return { ...about, name, dimensions: { Stage: LOCAL_STAGE, ...dimensions }, value };
      });
      await metrics.put(samples);
      await alarms.evaluate(new Set(datums.map(({ metric }) => metric))).catch(onError); // no fault of what was published
    },
    /** An e-mail about something else than an alarm, to the same people. */
    tell: async ({ subject, text }: Notice): Promise<void> => {
      const lines = text.split('\n').map((line) => (line.startsWith(' ') ? line : wrapped(line)));
      const email = { time: clock.now().toISOString(), subject: `Swath: ${subject}`, text: `${lines.join('\n')}\n` };
      await writeEmail(folder.outbox, { ...email, to, about: 'models' });
    },
    called,
    executionBegan: () => execution({ ExecutionsStarted: 1 }),
    executionEnded: ({ status, error }: ExecutionStatus) => {
      const isTimeout = error === 'States.Timeout';
      execution({
        ExecutionsSucceeded: Number(status === 'SUCCEEDED'),
        ExecutionsFailed: Number(status === 'FAILED' && !isTimeout),
        ExecutionsTimedOut: Number(isTimeout),
      });
    },
    close: async (): Promise<void> => {
      clearInterval(timer);
      await tick();
    },
  };
}
