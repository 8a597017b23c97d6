export type Executions = {
  /** Starts an execution; with a name that is known already, nothing is started. */
  start: (name: string, input: unknown) => Promise<'started' | 'known'>;
  /** Returns the status of an execution by its ARN; `UNKNOWN` if it does not exist, or no longer does. */
  describe: (execution: string) => Promise<ExecutionStatus>;
  arnOf: (name: string) => string;
};

export type ExecutionStatus = {
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'UNKNOWN';
  /** Why it failed: the error's name, and a sentence. */
  error?: string | undefined;
  cause?: string | undefined;
  /** Its output, if it succeeded and the output is kept: on a laptop, only for a sweep. */
  output?: unknown;
};
