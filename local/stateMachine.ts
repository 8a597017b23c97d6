import { StateMachine } from 'aws-local-stepfunctions';
import { Interrupted } from '../functions/shared/errors.ts';
import type { ExecutionStatus, Executions } from '../functions/shared/executions.ts';
import type { FunctionName } from './functions.ts';
import { readDefinition, readTasks } from './service.ts';

const ACCOUNT = 'arn:aws:states:us-east-1:000000000000';
const STATE_MACHINE = 'swath-local-pipeline';
/** So many ended executions can still be asked about. */
const REMEMBERED = 10_000;

export type Invoke = (name: FunctionName, message: unknown) => Promise<unknown>;

/**
 * Step Functions on a laptop: the definition that deploys, run by an interpreter whose tasks call the workers. At most
 * `concurrency` executions run at once; the others wait for their turn, as their tasks' time-outs must not run yet.
 */
export function startStateMachine(invoke: Invoke, concurrency: number) {
  const machine = new StateMachine(readDefinition());
  const executions = new Map<string, ExecutionStatus>();
  const aborts = new Map<string, () => void>();
  const waiting: (() => void)[] = [];
  let running = 0;
  let isStopping = false;
  let onIdle = () => {};
  const handlers = taskHandlers(invoke);

  async function run(name: string, input: unknown): Promise<void> {
    const execution = machine.run(input as never, {
      overrides: { taskResourceLocalHandlers: handlers },
      context: {
        Execution: { Id: arnOf(name), Name: name, Input: input, StartTime: new Date().toISOString() },
        StateMachine: { Id: `${ACCOUNT}:stateMachine:${STATE_MACHINE}`, Name: STATE_MACHINE },
      } as never,
    });
    aborts.set(name, execution.abort);
    try {
      await execution.result;
      executions.set(name, { status: 'SUCCEEDED' });
    } catch (error) {
      const { name: errorName, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
      executions.set(name, { status: 'FAILED', error: errorName, cause: message });
    } finally {
      aborts.delete(name);
      running -= 1;
      waiting.shift()?.();
      if (running === 0) onIdle();
      forgetOldest(executions);
    }
  }

  const port: Executions = {
    start: async (name, input) => {
      if (isStopping) throw new Interrupted('The stack is being stopped.');
      if (executions.has(name)) return 'name taken';
      executions.set(name, { status: 'RUNNING' });
      const begin = () => {
        running += 1;
        void run(name, input);
      };
      if (running < concurrency) begin();
      else waiting.push(begin);
      return 'started';
    },
    describe: async (execution) => executions.get(execution.split(':').at(-1) ?? '') ?? { status: 'UNKNOWN' },
    arnOf,
  };

  return {
    executions: port,
    startNothingMore: () => {
      isStopping = true;
      waiting.length = 0;
    },
    /** Resolves when no execution is on its way. */
    idle: () =>
      new Promise<void>((resolve) => {
        onIdle = resolve;
        if (running === 0) resolve();
      }),
    /** Ends what is still on its way, without another step. */
    abort: () => {
      for (const abort of aborts.values()) abort();
    },
  };
}

function arnOf(name: string): string {
  return `${ACCOUNT}:execution:${STATE_MACHINE}:${name}`;
}

/** For each task state, a call of the function that its resource names. */
function taskHandlers(invoke: Invoke) {
  return Object.fromEntries(
    Object.entries(readTasks()).map(([state, name]) => [
      state,
      (message: unknown) => invoke(name as FunctionName, message) as Promise<never>,
    ]),
  );
}

function forgetOldest(executions: Map<string, ExecutionStatus>): void {
  for (const [name, { status }] of executions) {
    if (executions.size <= REMEMBERED) return;
    if (status !== 'RUNNING') executions.delete(name);
  }
}
