import { NAMESPACE } from '../../core/metrics/metrics.ts';
import type { Series } from '../../observability/panel.ts';
import type { ObservedParameters } from '../../observability/parameters.ts';
import type { MetricsReader } from '../../observability/readMetrics.ts';
import type { Panels } from '../api.ts';
import { linesOf } from './lines.ts';
import { periodOf, type Span } from './span.ts';

/** The metric by which the dashboard also draws versions: each run's predictions, by version. */
const FINEST_SECONDS = 300;

/** When the model's version changed: while both versions have runs, the old one is still finishing. */
export async function versionChanges(
  readMetrics: MetricsReader,
  { stage, modelName }: Pick<ObservedParameters, 'stage' | 'modelName'>,
  span: Span,
): Promise<Panels['versions']> {
  const dimensions = { Stage: stage, Model: modelName };
  const metric = { namespace: NAMESPACE, name: 'VersionPredictions', dimensions };
  const series: Series = { metric, each: 'Version', statistic: 'Maximum', label: '' };
  const lines = await linesOf(readMetrics, { series: [series], periodSeconds: periodOf(span, FINEST_SECONDS) }, span);
  const points = lines.flatMap(({ label, points }) => points.map(({ time }) => ({ time, version: label })));
  const versionsAt = Map.groupBy(points, ({ time }) => time);
  const changes: Panels['versions'] = [];
  let current: string | undefined;
  for (const [time, versions] of [...versionsAt].sort(([a], [b]) => a.localeCompare(b))) {
    if (versions.some(({ version }) => version === current)) continue;
    const { version } = versions[0]!;
    if (current !== undefined) changes.push({ time, version });
    current = version;
  }
  return changes;
}
