import type { FunctionName } from '../base/functions.ts';

/**
 * The metrics that Swath publishes for every task; what they mean is in meanings.json, for docs/metrics.md. Publishers,
 * panels and alarms are all derived from this table; core/metrics/allMetrics.ts adds those of the tasks and of requests
 * over HTTP. Dimensions are few and bounded, because CloudWatch charges each combination of their values as a metric.
 *
 * Publishing is at least once, and a datum that is sent twice doubles a Sum. Every metric of this table is therefore a
 * gauge, which panels and alarms read by its Maximum; exact counts are in the ledger.
 */
export const NAMESPACE = 'Swath';

/**
 * The window that numbers about predictions are for. `recent`: the newest runs of a model version that together hold the
 * number of predictions in the parameter driftWindow, published after each run, and once more after a burst that changed
 * the result. `day`: one closed UTC day of one model version, published by the daily sweep.
 */
export type Window = 'recent' | 'day';

/** The dimensions besides Stage, which every metric has. */
export type DimensionName = 'Model' | 'Window' | 'Class' | 'Version' | 'State' | 'Kind';

export type Metric = {
  unit: 'None' | 'Count' | 'Milliseconds';
  dimensions: readonly DimensionName[];
  publishers: readonly FunctionName[];
};

export const ofWindow = { dimensions: ['Model', 'Window'], publishers: ['drift'] } as const;
const ofStage = { dimensions: [], unit: 'Count' } as const;
export const ofClass = { dimensions: ['Model', 'Window', 'Class'], publishers: ['drift'] } as const;

export const ofAll = {
  Chips: { ...ofWindow, unit: 'Count' },
  Blanks: { ...ofWindow, unit: 'Count' },
  BlankShare: { ...ofWindow, unit: 'None' },
  Predictions: { ...ofWindow, unit: 'Count' },
  MissingShare: { ...ofWindow, unit: 'None' },
  Drift: { ...ofWindow, unit: 'None' },
  GradualDrift: { dimensions: ['Model'], publishers: ['drift'], unit: 'None' },
  NoiseFloor: { ...ofWindow, unit: 'None' },
  BandDrift: { ...ofWindow, unit: 'None' },
  AccuracyShortfall: { dimensions: ['Model'], publishers: ['drift'], unit: 'None' },
  VersionPredictions: { dimensions: ['Model', 'Version'], publishers: ['drift'], unit: 'Count' },
  FilesOfDay: { dimensions: ['State'], publishers: ['discover'], unit: 'Count' },
  FailedRuns: { ...ofStage, publishers: ['settle', 'discover'] },
  InvalidFiles: { ...ofStage, publishers: ['settle', 'discover'] },
  Sweeps: { ...ofStage, publishers: ['report'] },
  FeedFailures: { ...ofStage, publishers: ['feeds'] },
  UnloadedSeconds: { ...ofStage, publishers: ['warehouse'] },
  DaysSinceArrival: { ...ofStage, publishers: ['discover'] },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof ofAll;

/** Returns the unit of a metric in CloudWatch; those of the tasks are plain numbers. */
export const unitOf = (metric: string): Metric['unit'] => (ofAll as Record<string, Metric>)[metric]?.unit ?? 'None';

export type Datum = {
  /** A name of `ofAll`, or of a task's metrics. */
  metric: string;
  value: number;
  /** Stage is added when it is published. */
  dimensions: Partial<Record<DimensionName, string>>;
};

/** Publishes datums for the current time: CloudWatch rejects old times, and alarms only look at recent periods. */
export type Publish = (datums: Datum[]) => Promise<void>;

/** The distance above which the average of many days drifts: a change that lasts matters before a sudden one does. */
export const gradualThreshold = (driftThreshold: number): number => Number((0.4 * driftThreshold).toPrecision(6));
