import type { Metric } from './metrics.ts';

const ofStage = { dimensions: [], publishers: ['predict'], unit: 'Count' } as const;

/**
 * The metrics in the log lines of the function predict about requests over HTTP (core/metrics/embeddedMetrics.ts). Each request is
 * answered once and logged once, so these are counters and distributions, read by Sum and percentiles.
 */
export const ofOnline = {
  OnlineRequests: { ...ofStage, meaning: 'HTTP requests for predictions that the function `predict` has answered' },
  OnlineErrors: {
    ...ofStage,
    dimensions: ['Kind'],
    meaning:
      'Requests that were refused as a whole (`refused`, 4xx), did not finish in time (`timeout`, 503) or failed internally (`fault`, 500)',
  },
  OnlineLatency: {
    ...ofStage,
    unit: 'Milliseconds',
    meaning: 'Time from the event to its answer, within the function, without the start of a container',
  },
  OnlineInputs: { ...ofStage, meaning: 'Inputs of a request' },
  OnlineInputErrors: { ...ofStage, meaning: 'Inputs of a request that have an error' },
  OnlineInputWarnings: {
    ...ofStage,
    meaning: 'Inputs of a request that have a warning: they were converted, or not classified',
  },
  OnlineBatchSize: { ...ofStage, meaning: 'Inputs in one batch of the model' },
  OnlineQueueWait: {
    ...ofStage,
    unit: 'Milliseconds',
    meaning: 'How long the first input of a batch waited for the batch to start',
  },
  OnlineUncounted: {
    ...ofStage,
    meaning:
      'Inputs whose predictions were answered but could not be sent to be counted with those of files. The log says why',
  },
  OnlineColdStarts: { ...ofStage, meaning: 'Requests that were the first one of their container' },
} as const satisfies Record<string, Metric>;

export type OnlineMetricName = keyof typeof ofOnline;
