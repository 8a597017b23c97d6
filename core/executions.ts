/** The state machine's executions, as the work knows them. */
export type Executions = {
  /** Starts an execution; a name that was used before is refused, so that nothing is started twice. */
  start: (name: string, input: unknown) => Promise<'started' | 'name taken'>;
  /** How an execution, by its ARN, stands; `UNKNOWN` when there is none (any more). */
  describe: (execution: string) => Promise<ExecutionStatus>;
  arnOf: (name: string) => string;
};

export type ExecutionStatus = {
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'UNKNOWN';
  /** Why it failed: the error's name, and a sentence. */
  error?: string | undefined;
  cause?: string | undefined;
  /** What it came to, where it succeeded and that is kept: on a laptop, of a sweep only. */
  output?: unknown;
};
