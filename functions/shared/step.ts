import type { z } from 'zod';
import { Interrupted, TransientTrouble } from './errors.ts';
import { type LogFields, logLine } from './log.ts';

/** What a step may know of its invocation: how long it still has, and whether it was told to stop. */
export type Invocation = {
  remainingSeconds: () => number;
  signal: AbortSignal;
};

/** Ends a step between two pieces of work when the service was told to stop; what was written stays valid. */
export function stopIfAsked({ signal }: Pick<Invocation, 'signal'>): void {
  if (signal.aborted) throw new Interrupted('The service was stopped in the middle of this step.');
}

/** A step's work: a checked message in, an answer out, and the fields of its one log line as they become known. */
export type Work<Input, Result> = (input: Input, invocation: Invocation, log: LogFields) => Promise<Result>;

/**
 * Runs a step on a raw message: checks it, does the work, writes one log line for the whole, and gives trouble of the
 * moment the name that the state machine retries.
 */
export function makeStep<Schema extends z.ZodType, Result>(
  name: string,
  schema: Schema,
  work: Work<z.output<Schema>, Result>,
) {
  return async (message: unknown, invocation: Invocation): Promise<Result> => {
    const log: LogFields = {};
    const started = performance.now();
    try {
      return await work(schema.parse(message), invocation, log);
    } catch (error) {
      log['error'] = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      throw isTransient(error) ? asTransient(error) : error;
    } finally {
      logLine(`${name}.${log['error'] === undefined ? 'done' : 'failed'}`, {
        ...log,
        milliseconds: Math.round(performance.now() - started),
      });
    }
  };
}

/** The errors that the AWS SDK itself calls retryable or the service's fault, after its own retries are used up. */
function isTransient(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { $fault, $retryable, code } = error as Error & { $fault?: string; $retryable?: unknown; code?: unknown };
  const isThrottle = /Throttl|SlowDown|TooManyRequests|RequestLimitExceeded|ThroughputExceeded/.test(error.name);
  const isNetwork = typeof code === 'string' && /^(ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|EAI_AGAIN)$/.test(code);
  return $fault === 'server' || $retryable !== undefined || isThrottle || isNetwork || error.name === 'TimeoutError';
}

function asTransient(error: Error): TransientTrouble {
  return new TransientTrouble(`${error.name}: ${error.message}`, { cause: error });
}
