import type { MetricId, Statistic } from './readMetrics.ts';

/** What a dashboard is made of: CloudWatch's is generated from it, and the console draws it. */

/** A line (or a row of bars) of a chart; with `each`, one for every value of that dimension. */
export type Series = {
  metric: MetricId;
  each?: string;
  statistic: Statistic;
  /** What the legend says; with `each`, the dimension's value is added. */
  label: string;
  /** What something is measured against stands back behind what is measured. */
  isReference?: boolean;
};

export type ChartPanel = {
  kind: 'lines' | 'bars';
  id: string;
  title: string;
  /** How to read it, in a sentence. */
  meaning: string;
  /** A `number` is one in the unit of what a model predicts. */
  unit: 'share' | 'count' | 'milliseconds' | 'distance' | 'number';
  periodSeconds: number;
  series: Series[];
  /** Lines across, such as an alarm's threshold. */
  levels: { label: string; value: number }[];
};

/** What is drawn in another way: the alarms' states; the live model version; the ledger's newest and failed runs. */
type OwnPanel = { kind: 'alarms' | 'status' | 'ledger'; id: string; title: string; meaning: string };

export type Panel = ChartPanel | OwnPanel;

/** The first group fills one screen and answers whether the model still behaves; what follows are details. */
export type Dashboard = { title: string; panels: Panel[] }[];
