/** So much memory comes with one vCPU. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const MEGABYTES_PER_CORE = 1769;

/** How many whole vCPUs a function has, by the memory that its environment speaks of; 1 at least. */
export const coresOf = (environment: Readonly<Record<string, string | undefined>>): number =>
  Math.max(1, Math.floor(Number(environment['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'] ?? 0) / MEGABYTES_PER_CORE));
