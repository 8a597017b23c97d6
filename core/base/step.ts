import type * as z from 'zod';
import { errorForLog, Interrupted, InvalidMessage, TransientTrouble } from './errors.ts';
import { jsonLine } from './text/jsonLine.ts';
import { sanitised } from './text/sanitised.ts';
import { withoutSecrets } from './text/withoutSecrets.ts';

/** What a step knows of its invocation: how much time is left, and whether it was told to stop. */
export type Invocation = { remainingSeconds: () => number; signal: AbortSignal };

/** Ends a step between two pieces of work if the service was told to stop; what was written stays valid. */
export function stopIfAsked({ signal }: Pick<Invocation, 'signal'>): void {
  if (signal.aborted) throw new Interrupted('The service was stopped in the middle of this step.');
}

/** A step's work: takes a validated message, returns a result, and fills in the fields of its log line. */
export type Work<Input, Result> = (input: Input, invocation: Invocation, log: LogFields) => Promise<Result>;

/** Validates a raw message, does the work, writes one log line, and renames transient errors for the state machine. */
export function makeStep<Of extends z.ZodType, Result>(name: string, schema: Of, work: Work<z.output<Of>, Result>) {
  return async (message: unknown, invocation: Invocation): Promise<Result> => {
    const log: LogFields = {};
    const started = performance.now();
    try {
      return await work(parse(schema, message), invocation, log);
    } catch (error) {
      log['error'] = errorForLog(error);
      const trouble = isTransient(error) && new TransientTrouble(`${error.name}: ${error.message}`, { cause: error });
      throw sanitised(trouble || shortened(error));
    } finally {
      const milliseconds = Math.round(performance.now() - started);
      logLine(`${name}.${log['error'] === undefined ? 'done' : 'failed'}`, { ...log, milliseconds });
    }
  };
}

/** Validates a message; the error says in one line where and what is wrong. */
function parse<Schema extends z.ZodType>(schema: Schema, message: unknown): z.output<Schema> {
  const { success, data, error } = schema.safeParse(message);
  if (success) return data;
  const issues = error.issues.map(({ path, message: what }) => `${path.join('.') || 'message'}: ${what}`);
  throw new InvalidMessage(issues.join('; '));
}

/** Step Functions truncates a cause at 32,768 characters, in the middle of its JSON; a ledger row is limited to 400 KB. */
const MESSAGE_LETTERS = 4000;

function shortened(error: unknown): unknown {
  if (error instanceof Error && error.message.length > MESSAGE_LETTERS)
    error.message = `${error.message.slice(0, MESSAGE_LETTERS).toWellFormed()}…`; // DynamoDB rejects half a surrogate pair
  return error;
}

/** Returns whether the AWS SDK calls an error retryable or the service's fault, after its own retries. */
export function isTransient(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { $fault, $retryable, code } = error as Error & { $fault?: string; $retryable?: unknown; code?: unknown };
  const isThrottle = /Throttl|SlowDown|TooManyRequests|RequestLimitExceeded|ThroughputExceeded/.test(error.name);
  const isNetwork = typeof code === 'string' && /^(ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|EAI_AGAIN)$/.test(code);
  return $fault === 'server' || $retryable !== undefined || isThrottle || isNetwork || error.name === 'TimeoutError';
}

/** The fields of one wide log line per unit of work: fixed keys, never a file's contents. */
export type LogFields = Record<string, string | number | boolean | null | undefined>;

let write = (line: string): void => {
  process.stdout.write(line);
};

let now = (): Date => new Date();

/** Redirects log lines: on a laptop they go into a file, because stdout is for the command's output. */
export function logTo(sink: (line: string) => void, clock = now): void {
  write = sink;
  now = clock;
}

/** @param embedded members beside the fields, from which CloudWatch extracts metrics: core/metrics/embeddedMetrics.ts */
export function logLine(event: string, fields: LogFields, embedded: Readonly<Record<string, unknown>> = {}): void {
  // The last safeguard: text in any field may come from anywhere.
  const shown = JSON.parse(JSON.stringify(fields), (_, value) =>
    typeof value === 'string' ? withoutSecrets(value) : value,
  );
  write(`${jsonLine({ time: now().toISOString(), event, ...shown, ...embedded })}\n`);
}
