import type { MetricId, Statistic } from './readMetrics.ts';

/** The parts of a dashboard: CloudWatch's is generated from them, and the console draws them. */

/** A line or a row of bars of a chart; with `each`, one for every value of that dimension. */
export type Series = {
  metric: MetricId;
  each?: string;
  statistic: Statistic;
  /** The text in the legend; with `each`, the dimension's value is added. */
  label: string;
  /** References are drawn behind the series that are measured against them. */
  isReference?: boolean;
};

export type ChartPanel = {
  kind: 'lines' | 'bars';
  id: string;
  title: string;
  /** How to read it, in a sentence. */
  meaning: string;
  /** A `number` is in the unit of the model's predictions. */
  unit: 'share' | 'count' | 'milliseconds' | 'distance' | 'number';
  periodSeconds: number;
  series: Series[];
  /** Horizontal lines, such as an alarm's threshold. */
  levels: { label: string; value: number }[];
};

/** A chart, or what is special: the alarms' states; the live model version; the ledger's newest and failed runs. */
export type Panel = ChartPanel | { kind: 'alarms' | 'status' | 'ledger'; id: string; title: string; meaning: string };

/** The first group fills one screen and shows whether the model still behaves; the others are details. */
export type Dashboard = { title: string; panels: Panel[] }[];
