import { metrics } from '../core/allMetrics.ts';
import { type DimensionName, NAMESPACE } from '../core/metrics.ts';
import { type Alarm, alarmsOf, runbookSection } from './alarms.ts';
import { dashboardOf } from './dashboard.ts';
import { exampleParameters } from './exampleParameters.ts';
import { table } from './markdownTable.ts';
import type { ChartPanel } from './panel.ts';
import type { MetricId } from './readMetrics.ts';

const DIMENSIONS: Record<'Stage' | DimensionName, string> = {
  Stage: 'the deployment; every metric has it',
  Model: "the model's name",
  Window:
    '`recent`: the newest runs of a version, of today and yesterday (UTC), with together at least `driftWindow` predictions, published after each run; or `day`: a closed UTC day, published by the sweep on the day after',
  Class: 'a class of the model',
  Version: 'a version of the model',
  State: 'an end state of a run: `DONE`, `EMPTY`, `DUPLICATE`, `INVALID` or `FAILED`',
  Kind: 'of a request over HTTP that had no answer: `refused`, `timeout` or `fault`',
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

  const ours = [...metrics].map(([name, { dimensions, unit, meaning, publishers }]) => [
    `\`${name}\``,
    dimensions.map((dimension) => `\`${dimension}\``).join(', '),
    unit,
    meaning,
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

Written by \`npm run docs\` from the tables in [observability/](../observability); a test compares it with them.

## What Swath publishes

In the namespace \`${NAMESPACE}\`. Publishing is at least once, and a datum that is sent twice doubles a Sum: every metric of files is a
gauge, to be read by its Maximum. Exact counts are in the ledger. Those of requests over HTTP, which are called \`Online…\`, stand in the
function's log lines, one line a request, from where CloudWatch takes them: they are read by their Sum, and times by percentiles. There are
none unless \`api\` is true.

${table(['metric', 'dimensions', 'unit', 'what it says', 'published by', 'shown in', 'alarm'], ours)}

The dimensions are few, because CloudWatch charges each combination of their values as a metric of its own; no file's name is
among them.

${table(
  ['dimension', 'its values'],
  Object.entries(DIMENSIONS).map(([name, values]) => [`\`${name}\``, values]),
)}

## What AWS publishes and Swath shows

Exact counts, read by their Sum; durations by percentiles. The embedded stack publishes the same, as far as it has such a thing.

${table(['namespace', 'metric', 'dimension', 'shown in', 'alarm'], fromAws)}

## Alarms

With the defaults of [serverless.yml](../serverless.yml), but for what switches an alarm on: here \`quietDaysLimit\` is ${exampleParameters.quietDaysLimit}, \`accuracyLimit\` is ${exampleParameters.accuracyLimit}, and there is an \`alarmWebhook\`; \`arrivalsWindowSeconds\` is ${exampleParameters.arrivalsWindowSeconds}, and \`requests\` and \`api\` are true.

${table(['alarm', 'tells when', 'without data', 'what it means'], alarms.map(alarmRow))}
`;
}

const COMPARISONS: Record<Alarm['comparison'], string> = {
  GreaterThanThreshold: '>',
  GreaterThanOrEqualToThreshold: '≥',
  LessThanThreshold: '<',
};

const WITHOUT_DATA: Record<Alarm['missing'], string> = {
  breaching: 'it tells',
  notBreaching: 'it is OK',
  ignore: 'it stays as it is',
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
