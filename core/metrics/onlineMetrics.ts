import type { Metric } from './metrics.ts';

const ofStage = { dimensions: [], publishers: ['predict'], unit: 'Count' } as const;

/**
 * The metrics in the log lines of the function predict about requests over HTTP (core/metrics/embeddedMetrics.ts). Each request is
 * answered once and logged once, so these are counters and distributions, read by Sum and percentiles.
 */
export const ofOnline = {
  OnlineRequests: ofStage,
  OnlineErrors: { ...ofStage, dimensions: ['Kind'] },
  OnlineLatency: { ...ofStage, unit: 'Milliseconds' },
  OnlineInputs: ofStage,
  OnlineInputErrors: ofStage,
  OnlineInputWarnings: ofStage,
  OnlineBatchSize: ofStage,
  OnlineQueueWait: { ...ofStage, unit: 'Milliseconds' },
  OnlineUncounted: ofStage,
  OnlineColdStarts: ofStage,
} as const satisfies Record<string, Metric>;

export type OnlineMetricName = keyof typeof ofOnline;
