/**
 * Every metric that Swath publishes, once: what is published, and whatever shows or watches it, comes from this table.
 * Dimensions are few and bounded: CloudWatch charges each combination of their values as a metric of its own.
 */
export const NAMESPACE = 'Swath';

/** What numbers are about: one run, or one closed UTC day of one model version. */
export type Window = 'run' | 'day';

type Metric = {
  unit: 'None' | 'Count';
  /** Beside Stage, Model and Window, which every metric has. */
  dimensions: readonly 'Class'[];
  meaning: string;
  publisher: 'drift';
};

export const metrics = {
  Chips: { unit: 'Count', dimensions: [], publisher: 'drift', meaning: 'Records read, blanks included' },
  Blanks: { unit: 'Count', dimensions: [], publisher: 'drift', meaning: 'Chips with nothing on them, not classified' },
  Predictions: { unit: 'Count', dimensions: [], publisher: 'drift', meaning: 'Chips that were given a class' },
  ClassShare: {
    unit: 'None',
    dimensions: ['Class'],
    publisher: 'drift',
    meaning: "A class's share of the predictions",
  },
  MostCommonShare: { unit: 'None', dimensions: [], publisher: 'drift', meaning: "The most common class's share" },
  MissingShare: {
    unit: 'None',
    dimensions: [],
    publisher: 'drift',
    meaning: 'Share of the classified chips whose outputs were not all finite',
  },
  MeanProbability: {
    unit: 'None',
    dimensions: [],
    publisher: 'drift',
    meaning: 'Mean probability of the predicted class',
  },
  Drift: {
    unit: 'None',
    dimensions: [],
    publisher: 'drift',
    meaning: "Jensen–Shannon distance between the predicted classes' shares and the reference's",
  },
  NoiseFloor: {
    unit: 'None',
    dimensions: [],
    publisher: 'drift',
    meaning: 'What Drift exceeds by chance in one quiet window of a hundred, at this number of predictions',
  },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

export type Datum = {
  metric: MetricName;
  value: number;
  dimensions: { Model: string; Window: Window; Class?: string };
};

/** Publishes datums, as of now: CloudWatch refuses old times, and alarms look at recent periods only. */
export type Publish = (datums: Datum[]) => Promise<void>;
