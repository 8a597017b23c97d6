import type { FunctionName } from '../base/functions.ts';

/**
 * The metrics that Swath publishes for every task. Publishers, panels and alarms are all derived from this table;
 * core/metrics/allMetrics.ts adds those of the tasks and of requests over HTTP. Dimensions are few and bounded, because CloudWatch
 * charges each combination of their values as a metric.
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
  meaning: string;
  publishers: readonly FunctionName[];
};

export const ofWindow = { dimensions: ['Model', 'Window'], publishers: ['drift'] } as const;
const ofStage = { dimensions: [], unit: 'Count' } as const;
export const ofClass = { dimensions: ['Model', 'Window', 'Class'], publishers: ['drift'] } as const;

export const ofAll = {
  Chips: { ...ofWindow, unit: 'Count', meaning: 'Chips read, including blank ones' },
  Blanks: { ...ofWindow, unit: 'Count', meaning: 'Blank chips, which are not classified' },
  BlankShare: { ...ofWindow, unit: 'None', meaning: 'Share of blank chips' },
  Predictions: { ...ofWindow, unit: 'Count', meaning: 'Chips that have a prediction: the n of the drift score' },
  MissingShare: {
    ...ofWindow,
    unit: 'None',
    meaning: 'Share of the classified chips with an output that is not finite',
  },
  Drift: {
    ...ofWindow,
    unit: 'None',
    meaning:
      'Jensen–Shannon distance between the distribution of the predictions and that of the reference; of predicted numbers that drift by their mean alone, the threshold times how much more that has moved than is allowed. Not published when there is not enough data, because chance alone could reach the threshold',
  },
  GradualDrift: {
    dimensions: ['Model'],
    publishers: ['drift'],
    unit: 'None',
    meaning:
      'How far the average of many days, up to the last closed one, has moved away from the reference (Jensen–Shannon distance): docs/drift.md#gradual-drift. 0 when there is not enough data',
  },
  NoiseFloor: {
    ...ofWindow,
    unit: 'None',
    meaning:
      'The distance that `Drift` exceeds by chance in at most one of a hundred quiet windows, at this number of predictions',
  },
  BandDrift: {
    ...ofWindow,
    unit: 'None',
    meaning:
      "Largest Jensen–Shannon distance, over all source bands, between a band's values and the package's profile; of a band that drifts by its mean alone, the threshold times how much more it has moved than is allowed. Bands with too few chips are ignored; not published for a package without a profile",
  },
  AccuracyShortfall: {
    dimensions: ['Model'],
    publishers: ['drift'],
    unit: 'None',
    meaning:
      "How far a day's accuracy lies below what the package expects (`swath:expected_accuracy`), less what chance explains: above 0, it is missed. The largest value of all days that a sweep judges, including days whose truth came late, and of their segments that miss it",
  },
  VersionPredictions: {
    dimensions: ['Model', 'Version'],
    publishers: ['drift'],
    unit: 'Count',
    meaning:
      'Predictions of one run, by the model version that made them. Where one line ends and another begins, the version changed',
  },
  FilesOfDay: {
    dimensions: ['State'],
    publishers: ['discover'],
    unit: 'Count',
    meaning: 'Scene files that reached a final state on the last closed UTC day',
  },
  FailedRuns: {
    ...ofStage,
    publishers: ['settle', 'discover'],
    meaning: 'Runs that failed within the last five minutes and were not retried since, up to 100',
  },
  InvalidFiles: {
    ...ofStage,
    publishers: ['settle', 'discover'],
    meaning: 'Scene files that were found invalid within the last five minutes, up to 100',
  },
  Sweeps: {
    ...ofStage,
    publishers: ['report'],
    meaning: '1 when a sweep finishes: the heartbeat of the daily schedule',
  },
  DaysSinceArrival: {
    ...ofStage,
    publishers: ['discover'],
    meaning: 'UTC days since the newest scene file arrived, as seen by the sweep; 0 is today',
  },
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
