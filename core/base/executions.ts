export type Executions = {
  /** Starts an execution; a name that was used before is rejected, so that nothing is started twice. */
  start: (name: string, input: unknown) => Promise<'started' | 'name taken'>;
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
