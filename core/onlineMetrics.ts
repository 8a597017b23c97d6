import type { Metric } from './metrics.ts';

const ofStage = { dimensions: [], publishers: ['predict'], unit: 'Count' } as const;

/**
 * The metrics in the log lines of the function predict about requests over HTTP (core/embeddedMetrics.ts). Each request is
 * answered once and logged once, so these are counters and distributions, read by Sum and percentiles.
 */
export const ofOnline = {
  OnlineRequests: { ...ofStage, meaning: 'Requests for predictions over HTTP that the function predict has answered' },
  OnlineErrors: {
    ...ofStage,
    dimensions: ['Kind'],
    meaning:
      'Requests that were rejected as a whole (`refused`, 4xx), timed out (`timeout`, 503) or failed through a fault of the service (`fault`, 500)',
  },
  OnlineLatency: {
    ...ofStage,
    unit: 'Milliseconds',
    meaning: 'From the event to its answer, within the function; excludes the start of a container',
  },
  OnlineInputs: { ...ofStage, meaning: 'Inputs of a request' },
  OnlineInputErrors: { ...ofStage, meaning: 'Inputs of a request with an error of their own' },
  OnlineInputWarnings: {
    ...ofStage,
    meaning: 'Inputs of a request that were converted, or not classified, with a warning',
  },
  OnlineBatchSize: { ...ofStage, meaning: 'Inputs in one batch of the model' },
  OnlineQueueWait: { ...ofStage, unit: 'Milliseconds', meaning: 'How long the first input of a batch waited for it' },
  OnlineUncounted: {
    ...ofStage,
    meaning:
      'Inputs whose predictions were answered, but could not be sent to be counted with those of files: the log says why',
  },
  OnlineColdStarts: { ...ofStage, meaning: 'Requests that were the first of their container' },
} as const satisfies Record<string, Metric>;

export type OnlineMetricName = keyof typeof ofOnline;
