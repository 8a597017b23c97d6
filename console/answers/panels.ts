import { DAY_MILLISECONDS } from '../../core/base/time/days.ts';
import type { HistoryRecord } from '../../core/releases/promotionHistory.ts';
import type { ChartPanel, Dashboard, Panel, Series } from '../../observability/panel.ts';
import type { MetricQuery, MetricsReader } from '../../observability/readMetrics.ts';
import type { AnsweredPanel, Line, PanelGroup, Panels } from '../api.ts';
import { KEPT, MAX_POINTS, periodOf, type Span, shortestKept } from './span.ts';

/** The dashboard with its data over a time span, and when the model's version changed within it, by its promotions (latest first). */
export async function panelsOf(
  readMetrics: MetricsReader,
  dashboard: Dashboard,
  promotions: readonly HistoryRecord[],
  span: Span,
): Promise<Panels> {
  const [from, to] = [span.from.toISOString(), span.to.toISOString()];
  const groups = dashboard.map(async ({ title, panels }): Promise<PanelGroup> => {
    return { title, panels: await Promise.all(panels.map((panel) => answered(readMetrics, panel, span))) };
  });
  const versions = versionChanges(promotions).filter(({ time }) => time >= from && time <= to);
  return { from, to, groups: await Promise.all(groups), versions };
}

/** The first promotion is a change if it replaced a version; one that was written by hand does not say whether it did. */
function versionChanges(promotions: readonly HistoryRecord[]): Panels['versions'] {
  const promoted = promotions.filter((record) => !('isRefused' in record)).toReversed();
  return promoted.flatMap(({ at, version, before }, i) => {
    const previous = promoted[i - 1]?.version ?? before;
    return at === null || previous === null || previous === version ? [] : [{ time: at, version }];
  });
}

/** An error of one panel (an unavailable statistic, throttling) does not affect the others. */
async function answered(readMetrics: MetricsReader, panel: Panel, span: Span): Promise<AnsweredPanel> {
  if (!('series' in panel)) return { panel, lines: [], problem: null };
  return drawn(readMetrics, panel, span).catch((error: unknown) => {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    if (name === 'OwnerGone') throw error; // the console's server then finds the data folder's next owner
    return { panel, lines: [], problem: message };
  });
}

/** Reads each published number, or if many one for each longer period: of windows the last set, of others the highest. */
async function drawn(readMetrics: MetricsReader, panel: ChartPanel, span: Span): Promise<AnsweredPanel> {
  // The numbers of one window are published together.
  const isOfWindow = panel.series.every(({ metric }) => metric.dimensions['Window'] !== undefined);
  const values = isOfWindow ? await lastValuesOf(readMetrics, panel, span) : undefined;
  const linesBy = (periodSeconds: number) =>
    values === undefined ? linesOf(readMetrics, { ...panel, periodSeconds }, span) : lastSets(values, periodSeconds);
  if (panel.periodSeconds >= shortestKept(span)) {
    const lines = await linesBy(panel.periodSeconds);
    if (lines.every(({ points }) => points.length <= MAX_POINTS)) return { panel, lines, problem: null };
  }
  const longer = { ...panel, periodSeconds: periodOf(span, panel.periodSeconds) };
  return { panel: longer, lines: await linesBy(longer.periodSeconds), problem: null };
}

const HOUR_MILLISECONDS = 3_600_000;

type Asked = Omit<Series, 'statistic'> & Pick<MetricQuery, 'statistic'>;

async function linesOf(
  readMetrics: MetricsReader,
  { series, periodSeconds }: Pick<ChartPanel, 'periodSeconds'> & { series: readonly Asked[] },
  { from, to }: Span,
): Promise<Line[]> {
  const opened = await Promise.all(series.map((one) => openedUp(readMetrics, one)));
  const lines = opened.flat().map(async ({ metric, statistic, label, isReference = false }) => {
    const points = await readMetrics.read({ metric, statistic, periodSeconds, from, to });
    return { label, isReference, points };
  });
  return Promise.all(lines);
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

/** Lines of numbers that are published together: the last set in each of the shortest periods. */
async function lastValuesOf(readMetrics: MetricsReader, panel: ChartPanel, span: Span): Promise<Line[]> {
  const series = panel.series.map((one) => ({ ...one, statistic: 'Last' as const }));
  const pieces = await Promise.all(
    piecesOf(span).map(({ periodSeconds, ...piece }) => linesOf(readMetrics, { series, periodSeconds }, piece)),
  );
  // A line may be in only one of them, such as that of a new class.
  const ofLines = Map.groupBy(pieces.flat(), ({ label }) => label);
  const isShown = ({ value }: Line['points'][number]) => panel.unit !== 'distance' || value > 0; // a 0 ends an alarm, and is no score
  return Array.from(ofLines.values(), (found) => ({
    ...found[0]!,
    points: found.flatMap(({ points }) => points.filter(isShown)),
  }));
}

/** Selects the last published set of each period: the highest of each number would mix windows, with shares of more than 1. */
function lastSets(lines: readonly Line[], periodSeconds: number): Line[] {
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

/** Splits a span by age, the oldest part first; the parts meet on the hour, so that no period is in two. */
function piecesOf({ from, to, now = to }: Span): (Span & { periodSeconds: number })[] {
  const pieces: (Span & { periodSeconds: number })[] = [];
  let end = to.getTime();
  for (const { periodSeconds, days } of KEPT) {
    const kept = Math.ceil((now.getTime() - days * DAY_MILLISECONDS) / HOUR_MILLISECONDS) * HOUR_MILLISECONDS;
    if (kept >= end) continue; // the whole span is older
    const start = Math.max(from.getTime(), kept);
    pieces.unshift({ periodSeconds, from: new Date(start), to: new Date(end) });
    if (start === from.getTime()) break;
    end = start;
  }
  return pieces;
}
