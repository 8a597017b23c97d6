import { type CloudWatchClient, paginateGetMetricData, paginateListMetrics } from '@aws-sdk/client-cloudwatch';
import { slices } from '../core/base/concurrency/inOrder.ts';
import type { MetricQuery, MetricsReader, Point } from '../observability/readMetrics.ts';
import { decodeValue, toDimensions } from './dimensions.ts';

/** GetMetricData. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const MAX_QUERIES_PER_CALL = 500;

/** CloudWatch as the metrics' reader: what is asked at once, of one time and statistic, is one call. It lists two weeks. */
export function readMetricsOf(client: CloudWatchClient): MetricsReader {
  let waiting: (PromiseWithResolvers<Point[]> & { query: MetricQuery })[] = [];

  function read(query: MetricQuery): Promise<Point[]> {
    const asked = { query, ...Promise.withResolvers<Point[]>() };
    waiting.push(asked);
    if (waiting.length === 1) setImmediate(askForAll);
    return asked.promise;
  }

  function askForAll(): void {
    const calls = Map.groupBy(waiting, ({ query: { statistic, from, to } }) => `${statistic} ${+from} ${+to}`);
    waiting = [];
    for (const together of calls.values())
      for (const some of slices(together, MAX_QUERIES_PER_CALL)) {
        const points = pointsOf(some.map(({ query }) => query));
        for (const [i, { resolve }] of some.entries()) resolve(points.then((found) => found[i]!));
      }
  }

  /** The points of each query; they have one span of time. */
  async function pointsOf(queries: MetricQuery[]): Promise<Point[][]> {
    const { from: StartTime, to: EndTime } = queries[0]!;
    const MetricDataQueries = queries.map(({ metric, statistic, periodSeconds }, i) => ({
      Id: `q${i}`,
      MetricStat: {
        Metric: { Namespace: metric.namespace, MetricName: metric.name, Dimensions: toDimensions(metric.dimensions) },
        Period: periodSeconds,
        Stat: statistic === 'Last' ? 'Maximum' : statistic,
      },
    }));
    const points: Point[][] = queries.map(() => []);
    const request = { StartTime, EndTime, ScanBy: 'TimestampAscending', MetricDataQueries } as const;
    for await (const { MetricDataResults = [] } of paginateGetMetricData({ client }, request))
      for (const { Id = '', Timestamps = [], Values = [] } of MetricDataResults)
        for (const [i, time] of Timestamps.entries())
          points[Number(Id.slice(1))]?.push({ time: time.toISOString(), value: Values[i]! });
    return points;
  }

  async function valuesOf({ namespace, name, dimensions }: MetricQuery['metric'], dimension: string) {
    const given = toDimensions(dimensions);
    const wanted = { Namespace: namespace, MetricName: name, Dimensions: [...given, { Name: dimension }] };
    const values = new Set<string>();
    for await (const { Metrics = [] } of paginateListMetrics({ client }, wanted))
      for (const { Dimensions = [] } of Metrics) {
        const value = Dimensions.find(({ Name }) => Name === dimension)?.Value;
        if (Dimensions.length === given.length + 1 && value !== undefined) values.add(decodeValue(value));
      }
    return [...values].sort();
  }

  return { read, valuesOf };
}
