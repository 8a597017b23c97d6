import { type CloudWatchClient, GetMetricDataCommand, paginateListMetrics } from '@aws-sdk/client-cloudwatch';
import type { MetricsReader } from '../../../observability/readMetrics.ts';
import { decodeValue, toDimensions } from './dimensions.ts';

/** CloudWatch behind the metrics' reader. It lists what was published within the last two weeks. */
export function readMetricsOf(client: CloudWatchClient): MetricsReader {
  return {
    read: async ({ metric, statistic, periodSeconds, from, to }) => {
      const Metric = {
        Namespace: metric.namespace,
        MetricName: metric.name,
        Dimensions: toDimensions(metric.dimensions),
      };
      const MetricDataQueries = [{ Id: 'one', MetricStat: { Metric, Period: periodSeconds, Stat: statistic } }];
      const points = [];
      let NextToken: string | undefined;
      do {
        const command = {
          StartTime: from,
          EndTime: to,
          ScanBy: 'TimestampAscending',
          MetricDataQueries,
          NextToken,
        } as const;
        const page = await client.send(new GetMetricDataCommand(command));
        for (const { Timestamps = [], Values = [] } of page.MetricDataResults ?? [])
          for (const [i, time] of Timestamps.entries()) points.push({ time: time.toISOString(), value: Values[i]! });
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      return points;
    },
    valuesOf: async ({ namespace, name, dimensions }, dimension) => {
      const given = toDimensions(dimensions);
      const wanted = { Namespace: namespace, MetricName: name, Dimensions: [...given, { Name: dimension }] };
      const values = new Set<string>();
      for await (const { Metrics = [] } of paginateListMetrics({ client }, wanted)) {
        for (const { Dimensions = [] } of Metrics) {
          const value = Dimensions.find(({ Name }) => Name === dimension)?.Value;
          if (Dimensions.length === given.length + 1 && value !== undefined) values.add(decodeValue(value));
        }
      }
      return [...values].sort();
    },
  };
}
