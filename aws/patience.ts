/**
 * The retries of our clients: after throttling, they wait for a random part of 1, 2, 4, 8 and 16 seconds, after other errors of
 * some tens of milliseconds. What still fails is `TransientTrouble`, which the state machine retries.
 *
 * Five times, so that a step with the shortest time-out outlives it. Not "adaptive", which would hold back all of a
 * client's requests for the sake of one bucket's prefix or one table's partition:
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
const MAX_ATTEMPTS = 6;

const maxAttempts = Number(process.env['AWS_MAX_ATTEMPTS'] ?? MAX_ATTEMPTS);

/** The settings of all our clients; AWS_MAX_ATTEMPTS, the SDK's variable, overrides them. */
export const patience = { retryMode: 'standard', maxAttempts } as const;
