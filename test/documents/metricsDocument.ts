import { metrics } from '../../core/metrics/allMetrics.ts';
import meanings from '../../core/metrics/meanings.json' with { type: 'json' };
import { type DimensionName, NAMESPACE } from '../../core/metrics/metrics.ts';
import { type Alarm, alarmsOf, runbookSection } from '../../observability/alarms.ts';
import { dashboardOf } from '../../observability/dashboard.ts';
import type { ChartPanel } from '../../observability/panel.ts';
import type { MetricId } from '../../observability/readMetrics.ts';
import { exampleParameters } from './exampleParameters.ts';
import { table } from './parametersDocument.ts';

const DIMENSIONS: Record<'Stage' | DimensionName, string> = {
  Stage: 'the deployment; every metric has this dimension',
  Model: "the model's name",
  Window:
    '`recent`: the newest runs of a version from today and yesterday (UTC), as many as it takes to hold `driftWindow` predictions, and 30 scenes where the chips of a scene are alike; published after each run. Or `day`: a closed UTC day; published by the sweep of the next day',
  Class: 'a class of the model',
  Version: 'a version of the model',
  State: 'a final state of a run: `DONE`, `EMPTY`, `DUPLICATE`, `INVALID` or `FAILED`',
  Kind: 'why an HTTP request got no predictions: `refused`, `timeout` or `fault`',
};

/** Writes docs/metrics.md from the tables of metrics, panels and alarms. */
export function metricsDocument(): string {
  const charts = dashboardOf(exampleParameters)
    .flatMap(({ panels }) => panels)
    .filter((panel): panel is ChartPanel => 'series' in panel);
  const alarms = alarmsOf(exampleParameters);

  const shownAndWatched = (namespace: string, name: string) => {
    const isIt = ({ metric }: { metric: MetricId }) => metric.namespace === namespace && metric.name === name;
    const shownIn = charts.filter(({ series }) => series.some(isIt)).map(({ title }) => title);
    return [shownIn.join(', '), alarms.filter(isIt).map(alarmLink).join(', ')];
  };

  const ours = [...metrics].map(([name, { dimensions, unit, publishers }]) => [
    `\`${name}\``,
    dimensions.map((dimension) => `\`${dimension}\``).join(', '),
    unit,
    meanings[name as keyof typeof meanings],
    publishers.join(', '),
    ...shownAndWatched(NAMESPACE, name),
  ]);
  const theirs = new Map(
    charts
      .flatMap(({ series }) => series)
      .filter(({ metric }) => metric.namespace !== NAMESPACE)
      .map(({ metric }) => [`${metric.namespace} ${metric.name}`, metric]),
  );
  const fromAws = [...theirs.values()].map(({ namespace, name, dimensions }) => [
    `\`${namespace}\``,
    `\`${name}\``,
    Object.keys(dimensions).join(', '),
    ...shownAndWatched(namespace, name),
  ]);

  return `# Metrics

\`npm run docs\` writes this page from the tables in [observability/](../observability), and a test compares the two.

## Metrics that Swath publishes

The namespace is \`${NAMESPACE}\`.

- **Files**: metrics are published at least once, and a datum that is published twice would double a Sum. Every metric about files is
  therefore a gauge: read its Maximum. The ledger has the exact counts.
- **HTTP requests**: the \`Online…\` metrics are part of the log lines of the function \`predict\`, one line per request, and CloudWatch
  extracts them. Read counts by their Sum and times by percentiles. They exist only if \`api\` is true.

${table(['metric', 'dimensions', 'unit', 'meaning', 'published by', 'shown in', 'alarm'], ours)}

CloudWatch charges each combination of dimension values as a separate metric, so the dimensions are few. No dimension holds a file name.

${table(
  ['dimension', 'values'],
  Object.entries(DIMENSIONS).map(([name, values]) => [`\`${name}\``, values]),
)}

## AWS metrics that Swath shows

Counts are exact: read their Sum. Read durations by percentiles. The embedded stack publishes the same metrics for the services that it has.

${table(['namespace', 'metric', 'dimension', 'shown in', 'alarm'], fromAws)}

## Alarms

The table uses the defaults of [serverless.yml](../serverless.yml), except for the parameters that switch an alarm on:
\`quietDaysLimit\` is ${exampleParameters.quietDaysLimit}, \`accuracyLimit\` is ${exampleParameters.accuracyLimit}, which switches on \`accuracy-below\` as well,
\`arrivalsWindowSeconds\` is ${exampleParameters.arrivalsWindowSeconds}, \`requests\` and \`api\` are true, and \`alarmWebhook\`, \`feedSchedule\` and \`redshift\` are set.

${table(['alarm', 'in ALARM when', 'without data', 'meaning'], alarms.map(alarmRow))}
`;
}

const COMPARISONS: Record<Alarm['comparison'], string> = {
  GreaterThanThreshold: '>',
  GreaterThanOrEqualToThreshold: '≥',
  LessThanThreshold: '<',
};

const WITHOUT_DATA: Record<Alarm['missing'], string> = {
  breaching: '`ALARM`',
  notBreaching: '`OK`',
  ignore: 'keeps its state',
};

function alarmRow(alarm: Alarm): string[] {
  const { metric, statistic, comparison, threshold, datapointsToAlarm, evaluationPeriods, periodSeconds } = alarm;
  const window = metric.dimensions['Window'] === undefined ? '' : ` (\`${metric.dimensions['Window']}\`)`;
  const periods = `${datapointsToAlarm} of ${evaluationPeriods} periods of ${periodSeconds / 60} min`;
  return [
    alarmLink(alarm),
    `${statistic} of \`${metric.name}\`${window} ${COMPARISONS[comparison]} ${threshold.toLocaleString('en-US', { maximumFractionDigits: 6 })} in ${periods}`,
    WITHOUT_DATA[alarm.missing],
    alarm.meaning,
  ];
}

function alarmLink({ id }: Alarm): string {
  return `[${id}](${runbookSection(id).replace('docs/', '')})`;
}
