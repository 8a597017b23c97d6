import type { ChartPanel, Dashboard, Panel, Series } from '../../observability/panel.ts';
import type { ObservedParameters } from '../../observability/parameters.ts';
import type { MetricsReader } from '../../observability/readMetrics.ts';
import type { AnsweredPanel, Line, PanelGroup, Panels } from '../api.ts';
import { MAX_POINTS, periodOf, type Span } from './span.ts';
import { versionChanges } from './versionChanges.ts';

/** The dashboard with its data over a span of time, and where the model's version changed within it. */
export async function panelsOf(
  readMetrics: MetricsReader,
  dashboard: Dashboard,
  parameters: Pick<ObservedParameters, 'stage' | 'modelName'>,
  span: Span,
): Promise<Panels> {
  const panels = dashboard.flatMap((group) => group.panels);
  const [filled, versions] = await Promise.all([
    Promise.all(panels.map((panel) => answered(readMetrics, panel, span))),
    versionChanges(readMetrics, parameters, span),
  ]);
  let first = 0;
  return {
    from: span.from.toISOString(),
    to: span.to.toISOString(),
    groups: dashboard.map(({ title, panels: { length } }): PanelGroup => {
      first += length;
      return { title, panels: filled.slice(first - length, first) };
    }),
    versions,
  };
}

function isChart(panel: Panel): panel is ChartPanel {
  return panel.kind === 'lines' || panel.kind === 'bars';
}

/** One panel's trouble (a statistic that is not to be had, a throttle) leaves the others their answer. */
async function answered(readMetrics: MetricsReader, panel: Panel, span: Span): Promise<AnsweredPanel> {
  try {
    return isChart(panel) ? await drawn(readMetrics, panel, span) : { panel, lines: [], problem: null };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    if (name === 'OwnerGone') throw error; // whoever serves the console finds the data folder's next owner
    return { panel, lines: [], problem: message };
  }
}

/**
 * Each number as it was published, as long as they are few: files come now and then, and the highest of an hour's shares
 * would not be shares of one window. Of many, the highest of longer periods.
 */
async function drawn(readMetrics: MetricsReader, panel: ChartPanel, span: Span): Promise<AnsweredPanel> {
  if (isKept(panel, span)) {
    const lines = await linesOf(readMetrics, panel, span);
    if (lines.every(({ points }) => points.length <= MAX_POINTS)) return { panel, lines, problem: null };
  }
  const longer = { ...panel, periodSeconds: periodOf(span, panel.periodSeconds) };
  return { panel: longer, lines: await linesOf(readMetrics, longer, span), problem: null };
}

/** CloudWatch keeps periods of less than an hour for 63 days. */
function isKept({ periodSeconds }: ChartPanel, { from, to }: Span): boolean {
  return periodSeconds >= 3600 || to.getTime() - from.getTime() <= 63 * 86_400_000;
}

async function linesOf(readMetrics: MetricsReader, panel: ChartPanel, { from, to }: Span): Promise<Line[]> {
  const { periodSeconds } = panel;
  const lines = await Promise.all(panel.series.map((series) => openedUp(readMetrics, series)));
  return Promise.all(
    lines.flat().map(async ({ metric, statistic, label, isReference = false }) => ({
      label,
      isReference,
      points: await readMetrics.read({ metric, statistic, periodSeconds, from, to }),
    })),
  );
}

/** A series with `each` stands for one of every value that its dimension has. */
async function openedUp(readMetrics: MetricsReader, { each, ...series }: Series): Promise<Series[]> {
  if (each === undefined) return [series];
  const values = await readMetrics.valuesOf(series.metric, each);
  return values.map((value) => ({
    ...series,
    label: series.label === '' ? value : `${series.label} ${value}`,
    metric: { ...series.metric, dimensions: { ...series.metric.dimensions, [each]: value } },
  }));
}
