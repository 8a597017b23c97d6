import type { ChartPanel, Series } from '../../observability/panel.ts';
import type { MetricQuery, MetricsReader } from '../../observability/readMetrics.ts';
import type { Line } from '../api.ts';
import type { Span } from './span.ts';

type Asked = Omit<Series, 'statistic'> & Pick<MetricQuery, 'statistic'>;

/** The lines of some series over a span of time. */
export async function linesOf(
  readMetrics: MetricsReader,
  { series, periodSeconds }: Pick<ChartPanel, 'periodSeconds'> & { series: readonly Asked[] },
  { from, to }: Span,
): Promise<Line[]> {
  const lines = await Promise.all(series.map((one) => openedUp(readMetrics, one)));
  return Promise.all(
    lines.flat().map(async ({ metric, statistic, label, isReference = false }) => ({
      label,
      isReference,
      points: await readMetrics.read({ metric, statistic, periodSeconds, from, to }),
    })),
  );
}

/** Expands a series with `each` into one for every value of its dimension. */
async function openedUp(readMetrics: MetricsReader, { each, ...series }: Asked): Promise<Asked[]> {
  if (each === undefined) return [series];
  const values = await readMetrics.valuesOf(series.metric, each);
  return values.map((value) => ({
    ...series,
    label: series.label === '' ? value : `${series.label} ${value}`,
    metric: { ...series.metric, dimensions: { ...series.metric.dimensions, [each]: value } },
  }));
}
