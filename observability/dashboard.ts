import { metrics } from '../core/metrics/allMetrics.ts';
import { NAMESPACE, type Window } from '../core/metrics/metrics.ts';
import { ofOnline } from '../core/metrics/onlineMetrics.ts';
import type { Shown } from '../core/tasks/shown.ts';
import { SHOWN } from '../core/tasks/shownRegistry.ts';
import { hasCountsQueue, MOST_LOADING_SECONDS, MOST_WAITING_SECONDS, metricOf } from './alarms.ts';
import type { ChartPanel, Dashboard, Panel, Series } from './panel.ts';
import written from './panels.json' with { type: 'json' };
import { type ObservedParameters, SERVICE_LEVELS } from './parameters.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A chart as panels.json has it, and as tasks do: by default, with a line for each hour of a count. */
type Written = Pick<ChartPanel, 'title' | 'meaning'> &
  Partial<Pick<ChartPanel, 'kind' | 'unit' | 'periodSeconds'>> & {
    /** The group that shows it; others are shown by window, or have a place of their own. */
    group?: 'files' | 'pipeline' | 'online';
    series: readonly WrittenSeries[];
  };

type WrittenSeries = Partial<Pick<Series, 'label' | 'statistic' | 'isReference'>> & {
  metric: string;
  /** What of AWS it is a metric of, as `metricOf` takes it, or each of the pipeline's `functions`; by default, it is one of ours. */
  of?: string;
  only?: Window;
};

const { status, alarms, ledger, ...charts } = written;
const CHARTS = charts as Record<keyof typeof charts, Written>;

/**
 * Defines the dashboard once, for CloudFormation and the console. The first group shows whether the model still behaves; the
 * others are details. Our own metrics are gauges, read by their Maximum (a datum that is sent twice doubles a Sum); AWS's
 * counters are exact, read by their Sum.
 *
 * @param tasks the tasks whose metrics are shown, the first one in the first group, the others in groups of their own: a deployment
 *   does not know which models will serve
 */
export function dashboardOf(parameters: ObservedParameters, tasks: readonly Shown[] = SHOWN): Dashboard {
  const [main, ...others] = tasks;
  const chartOf = makeCharts(parameters);
  const own = (id: keyof typeof CHARTS, window?: Window) => chartOf({ id, ...CHARTS[id] }, window);
  const ofTask = (task: Shown | undefined, window: Window) => (task?.panels ?? []).map((one) => chartOf(one, window));
  const ofWindow = (window: Window): Panel[] => {
    const [beside, ...more] = ofTask(main, window);
    return [own('drift', window), ...(beside ? [beside] : []), own('chips', window), own('blanks', window), ...more];
  };
  const ofGroup = (group: Written['group']) =>
    (Object.keys(CHARTS) as (keyof typeof CHARTS)[])
      .filter((id) => CHARTS[id].group === group && isThere(id, parameters))
      .map((id) => own(id));
  return [
    {
      title: 'Does the model still behave?',
      panels: [
        { kind: 'status', id: 'status', ...status },
        { kind: 'alarms', id: 'alarms', ...alarms },
        ...ofWindow('recent'),
      ],
    },
    { title: 'Day by day', panels: [...ofWindow('day'), own('accuracy-shortfall-by-day')] },
    { title: 'Source bands', panels: [own('band-drift', 'recent'), own('band-drift', 'day')] },
    ...others.map((task) => ({
      title: `Models of the task ${task.name}`,
      panels: [...ofTask(task, 'recent'), ...ofTask(task, 'day')],
    })),
    { title: 'Files and versions', panels: ofGroup('files') },
    { title: 'The pipeline', panels: ofGroup('pipeline') },
    ...(parameters.api === 'true' ? [{ title: 'Predictions over HTTP', panels: ofGroup('online') }] : []),
    { title: 'The ledger', panels: [{ kind: 'ledger', id: 'ledger', ...ledger }] },
  ];
}

/** Whether a deployment has what a panel is about. */
function isThere(id: string, parameters: ObservedParameters): boolean {
  if (id === 'webhook') return parameters.alarmWebhook !== '';
  if (id === 'feeds') return parameters.feedSchedule !== '';
  if (id === 'warehouse') return parameters.redshift !== '';
  if (id === 'arrivals') return parameters.arrivalsWindowSeconds > 0;
  return id === 'requests' ? parameters.requests === 'true' : id !== 'counts' || hasCountsQueue(parameters);
}

function makeCharts(parameters: ObservedParameters) {
  const { driftThreshold, blankShareLimit, quietDaysLimit, arrivalsWindowSeconds, apiLatencyLimit } = parameters;
  const { driftWindow, accuracyLimit } = parameters;
  const above = (value: number) => [{ label: 'alarm above', value }];
  /** The values at which alarms go off, by the panels that show them. */
  const levels: Record<string, ChartPanel['levels']> = {
    drift: above(driftThreshold),
    'band-drift': above(driftThreshold),
    blanks: blankShareLimit < 1 ? above(blankShareLimit) : [],
    'accuracy-shortfall-by-day': above(0),
    arrival: quietDaysLimit > 0 ? [{ label: 'alarm from', value: quietDaysLimit }] : [],
    arrivals: above(arrivalsWindowSeconds + MOST_WAITING_SECONDS),
    requests: above(MOST_WAITING_SECONDS),
    counts: above(MOST_WAITING_SECONDS),
    warehouse: above(MOST_LOADING_SECONDS),
    'api-failed': above(SERVICE_LEVELS.failedOfMinutes.share),
    'api-latency': above(apiLatencyLimit),
  };
  const seriesOf = makeSeries(parameters);
  const accuracy = accuracyLimit > 0 ? [{ label: 'alarm below', value: accuracyLimit }] : [];
  return ({ id, group: _, series, ...panel }: Written & { id: string }, window?: Window): ChartPanel => {
    const isOfAccuracy = series.some(({ metric }) => metric === 'Accuracy');
    const chart: ChartPanel = {
      ...{ id, kind: 'lines', unit: 'count', periodSeconds: HOUR },
      ...panel,
      series: series.flatMap((one) => seriesOf(one, window)),
      levels: levels[id] ?? (isOfAccuracy ? accuracy : []),
    };
    const { title, meaning } = panel;
    if (window === undefined) return chart;
    if (window === 'recent') {
      const about = `About the newest runs of today and yesterday, until they hold ${driftWindow} predictions; published after each run.`;
      return { ...chart, periodSeconds: 5 * MINUTE, meaning: `${meaning} ${about}` };
    }
    const about = 'Each point is a closed UTC day, published when the sweep has judged it, on the day after.';
    const named = { id: `${id}-by-day`, title: `${title} by day`, meaning: `${meaning} ${about}` };
    return { ...chart, ...named, periodSeconds: DAY };
  };
}

/** One of our own metrics with an open dimension is drawn for each of its values. */
function makeSeries(parameters: ObservedParameters) {
  const { stage, modelName, timeouts } = parameters;
  return (one: WrittenSeries, window?: Window): Series[] => {
    const { metric: name, of, only = window, label = '', statistic = 'Sum', isReference = false } = one;
    if (only !== window) return [];
    const ofAws = (what: string, label: string) => ({ metric: metricOf(parameters, what, name), statistic, label });
    if (of === 'functions') return Object.keys(timeouts).map((called) => ofAws(called, called));
    if (of !== undefined) return [ofAws(of, label)];
    const known: Record<string, string | undefined> = { Model: modelName, Window: window };
    const all: readonly string[] = metrics.get(name)?.dimensions ?? [];
    const each = all.find((dimension) => known[dimension] === undefined);
    const given = all.flatMap((dimension) => (dimension === each ? [] : [[dimension, known[dimension]!]]));
    const dimensions = { Stage: stage, ...Object.fromEntries(given) };
    const usual = name in ofOnline ? 'Sum' : 'Maximum';
    const about = { metric: { namespace: NAMESPACE, name, dimensions }, statistic: one.statistic ?? usual, label };
    return [{ ...about, ...(each !== undefined && { each }), ...(isReference && { isReference }) }];
  };
}
