import { NAMESPACE } from '../../core/metrics.ts';
import type { ObservedParameters } from '../../observability/parameters.ts';
import type { MetricId, MetricsReader } from '../../observability/readMetrics.ts';
import type { Panels } from '../api.ts';
import { periodOf, type Span } from './span.ts';

/** What the dashboard draws the versions with as well: each run's predictions, by the version that made them. */
const FINEST_SECONDS = 300;

/**
 * When runs began to be predicted by another version than before. It changed with the first period that has runs of the
 * other version only: while both have runs, the old one is still finishing.
 */
export async function versionChanges(
  readMetrics: MetricsReader,
  { stage, modelName }: Pick<ObservedParameters, 'stage' | 'modelName'>,
  span: Span,
): Promise<Panels['versions']> {
  const metric: MetricId = {
    namespace: NAMESPACE,
    name: 'VersionPredictions',
    dimensions: { Stage: stage, Model: modelName },
  };
  const periodSeconds = periodOf(span, FINEST_SECONDS);
  const versionsAt = new Map<string, string[]>();
  for (const version of await readMetrics.valuesOf(metric, 'Version')) {
    const dimensions = { ...metric.dimensions, Version: version };
    const points = await readMetrics.read({
      metric: { ...metric, dimensions },
      statistic: 'Maximum',
      periodSeconds,
      ...span,
    });
    for (const { time } of points) versionsAt.set(time, [...(versionsAt.get(time) ?? []), version]);
  }
  const changes: Panels['versions'] = [];
  let current: string | undefined;
  for (const [time, versions] of [...versionsAt].sort(([a], [b]) => a.localeCompare(b))) {
    if (current !== undefined && versions.includes(current)) continue;
    const [next] = versions;
    if (current !== undefined && next !== undefined) changes.push({ time, version: next });
    current = next;
  }
  return changes;
}
