/** Reading what was published: CloudWatch in an account, the embedded stack's store on a laptop. */

/** A metric of any namespace, with all of its dimensions. */
export type MetricId = { namespace: string; name: string; dimensions: Record<string, string> };

/** How the datums of one period become one number. */
export type Statistic = 'Average' | 'Maximum' | 'Sum' | 'p50' | 'p95';

/** `Last` is the value that was put last; of those of one minute CloudWatch does not say which that was, so it is the highest. */
export type MetricQuery = {
  metric: MetricId;
  statistic: Statistic | 'Last';
  periodSeconds: number;
  from: Date;
  to: Date;
};

/** A period that has datums: when it began, and its number. */
export type Point = { time: string; value: number };

export type MetricsReader = {
  /** The periods of a span of time that have datums, in their order; periods begin at multiples of their length. */
  read: (query: MetricQuery) => Promise<Point[]>;
  /** The values that a dimension has among the metrics which have the given dimensions beside it, in order. */
  valuesOf: (metric: MetricId, dimension: string) => Promise<string[]>;
};
