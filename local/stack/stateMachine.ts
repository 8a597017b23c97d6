import { EventEmitter, once } from 'node:events';
import pLimit from 'p-limit';
import { Interrupted } from '../../core/base/errors.ts';
import type { ExecutionStatus, Executions } from '../../core/base/executions.ts';
import type { PipelineFunction } from '../../core/base/functions.ts';
import { executionArn, STATE_MACHINE_ARN } from './arns.ts';
import { readDefinition, readStates } from './service.ts';

/** The event that nothing is on its way any more, beside those of executions by their names. */
const IDLE = Symbol('idle');
const REMEMBERED = 10_000; // ended ones, which can still be asked about

export type Invoke = (name: PipelineFunction, message: unknown) => Promise<unknown>;
export type OnEnd = (input: unknown, ended: ExecutionStatus) => void;
export type RunJob = (key: string) => Promise<void>;
export type StateMachineOptions = {
  runJob: RunJob;
  concurrency: number;
  now: () => Date;
  onBegin?: () => void;
  onEnd?: OnEnd;
  remembered?: number;
};

/** Step Functions on a laptop: the deployed definition, its tasks in workers. At most `concurrency` executions run at once. */
export function startStateMachine(
  invoke: Invoke,
  { runJob, concurrency, now, onBegin = () => {}, onEnd = () => {}, remembered = REMEMBERED }: StateMachineOptions,
) {
  let loaded: ReturnType<typeof loadMachine> | undefined;
  const [begun, waiting] = [new Set<string>(), new Set<string>()];
  const ended = new Map<string, ExecutionStatus>();
  const aborts = new Map<string, () => void>();
  const endings = new EventEmitter().setMaxListeners(0);
  const turn = pLimit(concurrency);
  let isStopping = false;
  let isAborted = false;
  const statusOf = (name: string): ExecutionStatus =>
    begun.has(name) ? { status: 'RUNNING' } : (ended.get(name) ?? { status: 'UNKNOWN' });

  /** One that waits for another's map gives its turn away, as that may need it; functions limit their own calls. */
  const giveTurn = (message: unknown) => (error: unknown) => {
    const waits = Object(error).name === 'MaskAwaited' && waiting.add(nameOf(String(Object(message).execution)));
    if (waits) turn.concurrency = concurrency + waits.size;
    throw error;
  };

  async function run(name: string, input: unknown): Promise<void> {
    if (isStopping) return void begun.delete(name); // it has waited for its turn until now
    try {
      loaded ??= loadMachine((name, message) => invoke(name, inOwnTime(message, now)).catch(giveTurn(message)), runJob);
      const { machine, overrides } = await loaded;
      if (isAborted) throw new Interrupted('The stack was stopped before this began.');
      const execution = machine.run(input as never, {
        overrides,
        context: {
          Execution: { Id: executionArn(name), Name: name, Input: input },
          StateMachine: { Id: STATE_MACHINE_ARN },
        } as never,
      });
      onBegin();
      aborts.set(name, execution.abort);
      const output: unknown = await execution.result;
      // What a scene's execution ends with, nobody asks for, and it would take memory.
      const isSweep = typeof output === 'object' && output !== null && 'sweep' in output;
      ended.set(name, { status: 'SUCCEEDED', ...(isSweep && { output }) });
    } catch (error) {
      // The interpreter wraps what the Fail state says.
      const { cause = error } = error instanceof Error ? error : {};
      const failure = cause instanceof Error ? { error: cause.name, cause: cause.message } : { error: String(cause) };
      ended.set(name, { status: 'FAILED', ...failure });
    } finally {
      begun.delete(name);
      aborts.delete(name);
      if (waiting.delete(name)) turn.concurrency = concurrency + waiting.size;
      const [oldest] = ended.keys();
      if (ended.size > remembered && oldest !== undefined) ended.delete(oldest);
      endings.emit(name);
      onEnd(input, statusOf(name));
    }
  }

  const port: Executions = {
    start: async (name, input) => {
      if (isStopping) throw new Interrupted('The stack is being stopped.');
      if (begun.has(name) || ended.has(name)) return 'known';
      begun.add(name);
      void turn(() => run(name, input)).then(() => begun.size === 0 && endings.emit(IDLE));
      return 'started';
    },
    describe: async (execution) => statusOf(nameOf(execution)),
    arnOf: executionArn,
  };

  return {
    executions: port,
    ended: async (execution: string): Promise<ExecutionStatus> => {
      const name = nameOf(execution);
      if (statusOf(name).status === 'RUNNING') await once(endings, name);
      return statusOf(name);
    },
    /** How many executions have not ended, be it that they wait for their turn. */
    onTheirWay: () => begun.size,
    startNothingMore: () => {
      isStopping = true;
    },
    idle: async (): Promise<void> => {
      if (begun.size > 0) await once(endings, IDLE);
    },
    /** Ends what is still on its way, without another step. */
    abort: () => {
      isAborted = true;
      for (const abort of aborts.values()) abort();
    },
  };
}

/** Loading the interpreter takes as long as all else that a stack needs to come up, and most commands run nothing. */
async function loadMachine(invoke: Invoke, runJob: RunJob) {
  // The interpreter as browsers get it, in one file: the same code. The one for Node loads a client of Lambda's and a validator, which nobody
  // asks for here and which take three times as long as all else of it.
  const file = new URL('main.browser.esm.js', import.meta.resolve('aws-local-stepfunctions')).href;
  const { StateMachine } = (await import(file)) as typeof import('aws-local-stepfunctions');
  const { tasks, jobs, waits } = readStates();
  const handlers = Object.entries(tasks).map(([state, name]) => [
    state,
    (message: unknown) => invoke(name as PipelineFunction, message) as Promise<never>,
  ]);
  const startJob = async ({ ContainerOverrides }: { ContainerOverrides: { Command: [string, string] } }) => {
    await runJob(ContainerOverrides.Command[1]);
    return {};
  };
  return {
    // `sls package` validates the definition; to do so at each start would take a third of the start's processor time.
    machine: new StateMachine(readDefinition(), { validationOptions: { noValidate: true } }),
    overrides: {
      taskResourceLocalHandlers: Object.fromEntries([...handlers, ...jobs.map((state) => [state, startJob])]),
      waitTimeOverrides: Object.fromEntries(waits.map((state) => [state, 0])), // ./heldBack.ts has waited by the stack's clock
    },
  };
}

/** Puts `before`, which the interpreter has from the machine's clock, as long ago in the stack's own time. */
function inOwnTime(message: unknown, now: () => Date): unknown {
  if (typeof message !== 'object' || message === null || !('before' in message)) return message;
  const before = new Date(Date.parse(String(message.before)) + now().getTime() - Date.now());
  return { ...message, before: before.toISOString() };
}

const nameOf = (execution: string): string => execution.slice(executionArn('').length);
