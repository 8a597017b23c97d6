import type { HistoryRecord } from '../../core/releases/promotionHistory.ts';
import type { ChartPanel, Dashboard, Panel } from '../../observability/panel.ts';
import type { MetricsReader } from '../../observability/readMetrics.ts';
import type { AnsweredPanel, PanelGroup, Panels } from '../api.ts';
import { isOfWindow, lastSets, lastValuesOf, linesOf } from './lines.ts';
import { MAX_POINTS, periodOf, type Span, shortestKept } from './span.ts';

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
  try {
    return 'series' in panel ? await drawn(readMetrics, panel, span) : { panel, lines: [], problem: null };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    if (name === 'OwnerGone') throw error; // the console's server then finds the data folder's next owner
    return { panel, lines: [], problem: message };
  }
}

/** Reads each published number, or if many one for each longer period: of windows the last set, of others the highest. */
async function drawn(readMetrics: MetricsReader, panel: ChartPanel, span: Span): Promise<AnsweredPanel> {
  const values = isOfWindow(panel) ? await lastValuesOf(readMetrics, panel, span) : undefined;
  const linesBy = (periodSeconds: number) =>
    values === undefined ? linesOf(readMetrics, { ...panel, periodSeconds }, span) : lastSets(values, periodSeconds);
  if (panel.periodSeconds >= shortestKept(span)) {
    const lines = await linesBy(panel.periodSeconds);
    if (lines.every(({ points }) => points.length <= MAX_POINTS)) return { panel, lines, problem: null };
  }
  const longer = { ...panel, periodSeconds: periodOf(span, panel.periodSeconds) };
  return { panel: longer, lines: await linesBy(longer.periodSeconds), problem: null };
}
