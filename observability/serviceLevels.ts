const DAY_SECONDS = 86_400;

/**
 * Defines the service levels of predictions over HTTP once, for the alarms of an account, the alert rules of a server, the panels of
 * both and docs/http.md. Exceeding one sets off an alarm or alert.
 */
export const SERVICE_LEVELS = {
  /** The share of a day's requests that may be answered with 5xx: the objective is 99.99 %. */
  failedOfDay: { share: 0.0001, seconds: DAY_SECONDS },
  /** The same for a few minutes. */
  failedOfMinutes: { share: 0.014, seconds: 300 },
  /**
   * A server's alerts: how many times faster than allowed its budget is used up, over a long window and a short one, which ends the
   * alert soon after the trouble. Below so many failures in the long window there is none: of a quiet service, one is a large share.
   * Google's SRE Workbook, chapter 5, table 5-8: https://sre.google/workbook/alerting-on-slos/
   */
  burnRates: {
    page: [
      { rate: 14.4, long: '1h', short: '5m' },
      { rate: 6, long: '6h', short: '30m' },
    ],
    ticket: [{ rate: 1, long: '3d', short: '6h' }],
    leastFailures: 5,
  },
  /**
   * The percentage of answers within the time. In an account, the time is the parameter `apiLatencyLimit`, because cold starts
   * are included; a server has its models loaded.
   */
  fast: { percentile: 95, serverSeconds: 1 },
  /** The percentage of a server's batches that get a thread within the time. */
  taken: { percentile: 95, seconds: 0.5 },
} as const;

/** Formats a share in per cent, also small ones: 0.0001 is 0.01 %. */
export function shareInWords(share: number): string {
  return `${Number((share * 100).toPrecision(6))} %`;
}
