const DAY_SECONDS = 86_400;

/**
 * The levels that predictions over HTTP are meant to keep, each once: the alarms of an account, the alert rules of a server, the panels of
 * both and docs/http.md have their figures from here. What goes beyond one is told of.
 */
export const SERVICE_LEVELS = {
  /** The share of a day's requests that may be answered with 5xx: 99.99 % are meant to have their answer. */
  failedOfDay: { share: 0.0001, seconds: DAY_SECONDS },
  /** And of those of a few minutes. */
  failedOfMinutes: { share: 0.014, seconds: 300 },
  /**
   * So many of a hundred answers are given within the time. In an account that is the parameter `apiLatencyLimit`, since starts of
   * containers are among them; a server has its models loaded.
   */
  fast: { percentile: 95, serverSeconds: 1 },
  /** So many of a hundred batches of a server have a thread within the time. */
  taken: { percentile: 95, seconds: 0.5 },
} as const;

const { failedOfDay, failedOfMinutes } = SERVICE_LEVELS;

/** Where as many fail as may of a few minutes, a whole day's are used up within so many. */
export const USED_UP_MINUTES = Math.ceil((failedOfDay.share * failedOfDay.seconds) / failedOfMinutes.share / 60);

/** Also of small shares: 0.0001 is 0.01 %. */
export function shareInWords(share: number): string {
  return `${Number((share * 100).toPrecision(6))} %`;
}
