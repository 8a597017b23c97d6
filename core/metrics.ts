import type { PipelineFunction } from './functions.ts';

/**
 * Every metric that Swath publishes, once: what is published, and whatever shows or watches it, comes from this table.
 * Dimensions are few and bounded: CloudWatch charges each combination of their values as a metric of its own.
 *
 * Publishing is at least once, and a datum that is sent twice doubles a Sum. So every metric is a gauge, which panels and
 * alarms read by its Maximum; exact counts are the ledger's.
 */
export const NAMESPACE = 'Swath';

/**
 * What numbers about predictions are about: `recent`, the newest runs of a model version that together hold the
 * parameter driftWindow's number of predictions, published after each run, and once more when a burst is over in which what
 * they say has changed; or `day`, one closed UTC day of one model version, published by the daily sweep.
 */
export type Window = 'recent' | 'day';

/** Beside Stage, which every metric has. */
export type DimensionName = 'Model' | 'Window' | 'Class' | 'Version' | 'State';

type Metric = {
  unit: 'None' | 'Count';
  dimensions: readonly DimensionName[];
  meaning: string;
  /** The functions that publish it. */
  publishers: readonly PipelineFunction[];
};

const ofWindow = { dimensions: ['Model', 'Window'], publishers: ['drift'] } as const;
const ofClass = { dimensions: ['Model', 'Window', 'Class'], publishers: ['drift'] } as const;

export const metrics = {
  Chips: { ...ofWindow, unit: 'Count', meaning: 'Records read, blanks included' },
  Blanks: { ...ofWindow, unit: 'Count', meaning: 'Chips with nothing on them, not classified' },
  BlankShare: { ...ofWindow, unit: 'None', meaning: 'Share of the chips that are blank' },
  Predictions: { ...ofWindow, unit: 'Count', meaning: 'Chips that were given a class: the n of the drift score' },
  ClassShare: { ...ofClass, unit: 'None', meaning: "A class's share of the predictions" },
  ReferenceShare: {
    ...ofClass,
    unit: 'None',
    meaning: "A class's share of the reference that drift is measured against",
  },
  MostCommonShare: { ...ofWindow, unit: 'None', meaning: "The most common class's share of the predictions" },
  MissingShare: {
    ...ofWindow,
    unit: 'None',
    meaning: 'Share of the classified chips whose outputs were not all finite',
  },
  MeanProbability: { ...ofWindow, unit: 'None', meaning: 'Mean probability of the predicted class' },
  Drift: {
    ...ofWindow,
    unit: 'None',
    meaning:
      "Jensen–Shannon distance between the predicted classes' shares and the reference's; withheld where there is not enough data, as chance alone could reach the threshold",
  },
  NoiseFloor: {
    ...ofWindow,
    unit: 'None',
    meaning: 'What Drift exceeds by chance in one quiet window of a hundred, at this number of predictions',
  },
  VersionPredictions: {
    dimensions: ['Model', 'Version'],
    publishers: ['drift'],
    unit: 'Count',
    meaning:
      'Predictions of one run, by the model version that made them: where one line ends and another begins, the version changed',
  },
  FilesOfDay: {
    dimensions: ['State'],
    publishers: ['discover'],
    unit: 'Count',
    meaning: 'Scene files that came into an end state during the last closed UTC day',
  },
  FailedRuns: {
    dimensions: [],
    publishers: ['settle', 'discover'],
    unit: 'Count',
    meaning: 'Runs that failed within the last five minutes and were not tried again since; at most 100 are counted',
  },
  InvalidFiles: {
    dimensions: [],
    publishers: ['settle', 'discover'],
    unit: 'Count',
    meaning: 'Scene files that were found invalid within the last five minutes; at most 100 are counted',
  },
  Sweeps: {
    dimensions: [],
    publishers: ['report'],
    unit: 'Count',
    meaning: '1 when a sweep has come to its end: the heartbeat of the daily schedule',
  },
  DaysSinceArrival: {
    dimensions: [],
    publishers: ['discover'],
    unit: 'Count',
    meaning: 'UTC days since the newest scene file arrived, as the sweep finds it; 0 is today',
  },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

export type Datum = {
  metric: MetricName;
  value: number;
  /** Stage is added where it is published. */
  dimensions: Partial<Record<DimensionName, string>>;
};

/** Publishes datums, as of now: CloudWatch refuses old times, and alarms look at recent periods only. */
export type Publish = (datums: Datum[]) => Promise<void>;
