import type { ChartPanel, Series } from '../../observability/panel.ts';
import type { MetricQuery, MetricsReader } from '../../observability/readMetrics.ts';
import type { Line } from '../api.ts';
import { type Span, shortestKept } from './span.ts';

type Asked = Omit<Series, 'statistic'> & Pick<MetricQuery, 'statistic'>;

/** The lines of some series over a span of time. */
export async function linesOf(
  readMetrics: MetricsReader,
  { series, periodSeconds }: Pick<ChartPanel, 'periodSeconds'> & { series: readonly Asked[] },
  { from, to }: Span,
): Promise<Line[]> {
  const lines = await Promise.all(series.map((one) => openedUp(readMetrics, one)));
  return Promise.all(
    lines
      .flat()
      .map(async ({ metric, statistic, label, isReference = false }) => ({
        label,
        isReference,
        points: await readMetrics.read({ metric, statistic, periodSeconds, from, to }),
      })),
  );
}

/** Expands a series with `each` into one for every value of its dimension. */
async function openedUp(readMetrics: MetricsReader, { each, ...series }: Asked): Promise<Asked[]> {
  if (each === undefined) return [series];
  return (await readMetrics.valuesOf(series.metric, each)).map((value) => ({
    ...series,
    label: series.label === '' ? value : `${series.label} ${value}`,
    metric: { ...series.metric, dimensions: { ...series.metric.dimensions, [each]: value } },
  }));
}

/** Whether a panel's numbers belong to a window: those of one window are published together. */
export const isOfWindow = ({ series }: Pick<ChartPanel, 'series'>): boolean =>
  series.every(({ metric }) => metric.dimensions['Window'] !== undefined);

/** Lines of numbers that are published together: the last set in each of the shortest periods that are kept. */
export function lastValuesOf(readMetrics: MetricsReader, panel: ChartPanel, span: Span): Promise<Line[]> {
  const series = panel.series.map((one) => ({ ...one, statistic: 'Last' as const }));
  return linesOf(readMetrics, { series, periodSeconds: shortestKept(span) }, span);
}

/** Selects the last published set of each period: the highest of each number would mix windows, with shares of more than 1. */
export function lastSets(lines: readonly Line[], periodSeconds: number): Line[] {
  const startOf = (time: string) => {
    const period = periodSeconds * 1000;
    return new Date(Math.floor(Date.parse(time) / period) * period).toISOString();
  };
  const last = new Map<string, string>();
  for (const { time } of lines.flatMap(({ points }) => points)) {
    const start = startOf(time);
    if ((last.get(start) ?? '') < time) last.set(start, time);
  }
  return lines.map(({ points, ...line }) => ({
    ...line,
    points: points.flatMap(({ time, value }) => {
      const start = startOf(time);
      return last.get(start) === time ? [{ time: start, value }] : [];
    }),
  }));
}
