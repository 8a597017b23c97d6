/** Service levels of predictions over HTTP, for an account's alarms and panels; servers': deployment/monitoring/alerts.yml */
export const SERVICE_LEVELS = {
  /** The share of a day's requests that may be answered with 5xx: the objective is 99.99 %. */
  failedOfDay: { share: 0.0001, seconds: 86_400 },
  /** The same for a few minutes. */
  failedOfMinutes: { share: 0.014, seconds: 300 },
  /** The percentage of answers within the parameter `apiLatencyLimit`, in which cold starts are included. */
  fast: { percentile: 95 },
} as const;

/** Formats a share in per cent, also small ones: 0.0001 is 0.01 %. */
export const shareInWords = (share: number): string => `${Number((share * 100).toPrecision(6))} %`;
