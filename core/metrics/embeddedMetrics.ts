import { type LogFields, logLine } from '../base/step.ts';
import { type DimensionName, NAMESPACE } from './metrics.ts';
import { type OnlineMetricName, ofOnline } from './onlineMetrics.ts';

/**
 * The most values of a metric in one line.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
const MAX_VALUES = 100;

/** A metric's value in a line, or several values of the same moment. */
export type Embedded = {
  metric: OnlineMetricName;
  values: readonly number[];
  dimensions?: Partial<Record<DimensionName, string>>;
};

/** A log line from which CloudWatch extracts metrics of a stage, at a tenth of the price of publishing them separately. */
export function logMetrics(event: string, fields: LogFields, stage: string, metrics: readonly Embedded[]): void {
  const withValues = metrics.filter(({ values }) => values.length > 0);
  const dimensions: Record<string, string> = { Stage: stage };
  for (const one of withValues) Object.assign(dimensions, one.dimensions);
  logLine(event, fields, { ...dimensions, ...embedded(withValues) });
  // Values beyond the limit of a line go into further lines.
  const rest = withValues
    .map(({ values, ...one }) => ({ ...one, values: values.slice(MAX_VALUES) }))
    .filter(({ values }) => values.length > 0);
  if (rest.length > 0) logMetrics(`${event}.more`, {}, stage, rest);
}

function embedded(told: readonly Embedded[]): Record<string, unknown> {
  const values = told.map(({ metric, values: all }) => [metric, all.length === 1 ? all[0] : all.slice(0, MAX_VALUES)]);
  return {
    ...Object.fromEntries(values),
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: told.map(({ metric, dimensions = {} }) => ({
        Namespace: NAMESPACE,
        Dimensions: [['Stage', ...Object.keys(dimensions)]],
        Metrics: [{ Name: metric, Unit: ofOnline[metric].unit }],
      })),
    },
  };
}
