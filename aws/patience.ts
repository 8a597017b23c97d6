/**
 * How our clients meet throttling, and what breaks on its way: they try again, and wait in between for a random part of up
 * to 1, 2, 4, 8 and 16 seconds after throttling, and of some tens of milliseconds after anything else. What still does not
 * work is `TransientTrouble`, which the state machine retries.
 *
 * Five times, so that a step with the shortest time-out outlives it. Not "adaptive", which would hold back all of a
 * client's requests for the sake of one bucket's prefix or one table's partition:
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
const MAX_ATTEMPTS = 6;

/** For every client that we make; AWS_MAX_ATTEMPTS, the SDK's own variable, may say otherwise. */
export const patience = {
  retryMode: 'standard',
  maxAttempts: Number(process.env['AWS_MAX_ATTEMPTS'] ?? MAX_ATTEMPTS),
} as const;
