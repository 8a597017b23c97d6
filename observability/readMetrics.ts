/** Reads published metrics: from CloudWatch in an account, from the embedded stack's store on a laptop. */

export type MetricId = { namespace: string; name: string; dimensions: Record<string, string> };

/** How the datums of a period are aggregated. */
export type Statistic = 'Average' | 'Maximum' | 'Sum' | 'p50' | 'p95';

/** `Last` is the latest value. CloudWatch does not keep the order within a minute, so it is the highest of the last minute. */
export type MetricQuery = {
  metric: MetricId;
  statistic: Statistic | 'Last';
  periodSeconds: number;
  from: Date;
  to: Date;
};

/** A period with datums: its start, and its value. */
export type Point = { time: string; value: number };

export type MetricsReader = {
  /** The periods with datums in a time span, in order; periods begin at multiples of their length. */
  read: (query: MetricQuery) => Promise<Point[]>;
  /** The sorted values of a dimension among metrics that also have the given dimensions. */
  valuesOf: (metric: MetricId, dimension: string) => Promise<string[]>;
};
