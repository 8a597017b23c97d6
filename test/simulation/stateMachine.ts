import type { ExecutionStatus, Executions } from '../../core/base/executions.ts';
import type { EmbeddedFunction } from '../../core/base/functions.ts';
import type { Bucket } from '../../core/base/objectStore.ts';
import type { Settings } from '../../core/parameters/settings.ts';
import { executionArn } from '../../local/stack/arns.ts';
import { readDefinition, timeoutOf } from '../../local/stack/service.ts';
import { SUBMIT_JOB } from '../stateMachine/runPipeline.ts';
import type { FeedPatch } from './feeds.ts';
import { batchError, makeJobs } from './jobs.ts';
import { makeMachine, StateError } from './machine.ts';
import { makePorts, type Ports, type Request, STEPS, type Step } from './steps.ts';
import type { Worker, World } from './world.ts';

/** Step Functions and Lambda in the simulated world: executions, and the containers in which functions run. */

type Execution = { name: string; input: string; isDead: boolean; status: ExecutionStatus };

/** A container runs one invocation at a time, and keeps what it has loaded for the next. */
type Container = { step: Step; invocation: Invocation | undefined };
type Invocation = Worker & { stop: () => void };

/** A change to what the functions are given, such as a bug put in on purpose. */
export type Patch = {
  ports?: (ports: Ports, name: EmbeddedFunction) => Ports;
  /** To what they send to the tables. */
  request?: Request;
  /** To how people reach the model bucket. */
  bucket?: (bucket: Bucket) => Bucket;
  /** To how a feed is followed. */
  feed?: FeedPatch;
};

/** Longer than any that is asked for, but where the clock has been set back since. */
const LONGEST_PAUSE = 10 * 60_000;

/** Step Functions gives up its own request to AWS Batch long before the time of its state is over, which is that of the job. */
const REQUEST_SECONDS = 900;

const machine = makeMachine(readDefinition());
const timeouts = new Map<string, number>();

export function makeServices(world: World, settings: Settings, patch: Patch = {}) {
  const { schedule, call, random, faults } = world;
  let executions = new Map<string, Execution>();
  /** What each execution was started with, ended ones too. */
  const inputs = new Map<string, unknown>();
  const alive = new Set<Worker>();
  const idle = new Map<string, Container[]>();
  let invocations = 0;
  let broken: unknown;

  function start(name: string, input: unknown): 'started' | 'known' {
    const text = JSON.stringify(input);
    const known = executions.get(name);
    // Step Functions takes the same request once more while the execution runs.
    if (known !== undefined && world.storage === 's3' && known.status.status === 'RUNNING' && known.input === text)
      return 'started';
    if (known !== undefined) return 'known';
    const execution: Execution = { name, input: text, isDead: false, status: { status: 'RUNNING' } };
    executions.set(name, execution);
    inputs.set(name, JSON.parse(text));
    void run(execution, JSON.parse(text));
    return 'started';
  }

  async function run(execution: Execution, input: unknown): Promise<void> {
    const context = {
      Execution: {
        Id: executionArn(execution.name),
        Name: execution.name,
        Input: input,
        StartTime: schedule.now().toISOString(),
      },
    };
    /** What a dead execution waits for never comes. */
    const whileAlive = <Value>(promise: Promise<Value>): Promise<Value> =>
      new Promise((resolve, reject) => {
        promise.then(
          (value) => execution.isDead || resolve(value),
          (error: unknown) => execution.isDead || reject(error),
        );
      });
    try {
      await machine(input, context, {
        invoke: (name, message, seconds) => whileAlive(invoke(execution, name as EmbeddedFunction, message, seconds)),
        pause: (milliseconds) => whileAlive(schedule.pause(Math.min(milliseconds, LONGEST_PAUSE))),
        now: schedule.now,
        random,
        onState: (state) =>
          world.trace?.push(`${schedule.now().toISOString()}  machine ${execution.name.slice(-8)}  → ${state}`),
      });
      execution.status = { status: 'SUCCEEDED' };
    } catch (error) {
      if (!(error instanceof StateError)) broken ??= error;
      execution.status = { status: 'FAILED', error: (error as Error).name, cause: (error as Error).message };
    }
  }

  function stop(execution: Execution): void {
    if (execution.status.status !== 'RUNNING') return;
    execution.isDead = true;
    execution.status = { status: 'FAILED', error: random() < 0.5 ? 'ABORTED' : 'States.Timeout' };
  }

  function invoke(execution: Execution, name: EmbeddedFunction, message: unknown, seconds = 900): Promise<unknown> {
    const caller: Worker = {
      role: 'machine',
      execution: executionArn(execution.name),
      label: `machine ${execution.name.slice(-8)}`,
      get isDead() {
        return execution.isDead;
      },
      timeoutSeconds: seconds,
      die: () => stop(execution),
      abort: () => stop(execution),
    };
    const isJob = (name as string) === SUBMIT_JOB;
    return new Promise((resolve, reject) => {
      let invocation: Invocation | undefined;
      const forget = schedule.after(seconds * 1000, () => {
        faults.count();
        world.trace?.push(`${schedule.now().toISOString()}  machine ${execution.name.slice(-8)}  ${name} timed out`);
        if (invocation !== undefined) giveUp(invocation);
        reject(new StateError('States.Timeout', `${name} did not finish within ${seconds} s.`));
      });
      const begin = () => {
        if (isJob) return jobs.run(execution, message);
        const begun = beginInvocation(execution, name, message);
        invocation = begun.invocation;
        return begun.ended;
      };
      const errors = isJob ? batchError : lambdaError;
      const hangSeconds = isJob ? REQUEST_SECONDS : undefined;
      const options = { about: () => JSON.stringify(message).slice(0, 200), errors, hangSeconds };
      call(caller, `invoke ${name}`, begin, options).then(resolve, reject).finally(forget);
    });
  }

  /** A call that no execution makes, but Lambda itself, for a queue: it is given up when its time is over. */
  function callFunction(name: EmbeddedFunction, message: unknown): Promise<unknown> {
    const caller: Execution = {
      name: `${name}-${invocations}`,
      input: '',
      isDead: false,
      status: { status: 'RUNNING' },
    };
    return invoke(caller, name, message, timeouts.get(name) ?? timeoutOf(name));
  }

  /** A function that did not answer in time is killed, told to stop, or goes on unaware. */
  function giveUp(invocation: Invocation): void {
    const chance = random();
    if (chance < 0.3) kill(invocation);
    else if (chance < 0.6) invocation.stop();
  }

  function kill(invocation: Invocation): void {
    invocation.isDead = true;
    alive.delete(invocation);
  }

  function beginInvocation(execution: Execution, name: EmbeddedFunction, message: unknown) {
    const container = idle.get(name)?.pop() ?? makeContainer(name);
    const seconds = timeouts.get(name) ?? timeoutOf(name);
    timeouts.set(name, seconds);
    const deadline = schedule.trueNow().getTime() + seconds * 1000;
    const stopping = new AbortController();
    let invocation!: Invocation;
    const ended = new Promise<unknown>((resolve, reject) => {
      invocations += 1;
      invocation = {
        role: name,
        execution: executionArn(execution.name),
        label: `${name} ${invocations} of ${execution.name.slice(-8)}`,
        isDead: false,
        isOld: faults.isActive(),
        timeoutSeconds: seconds,
        die: (error) => {
          kill(invocation);
          reject(error);
        },
        abort: () => stop(execution),
        stop: () => stopping.abort(),
      };
      alive.add(invocation);
      container.invocation = invocation;
      let hasFailed = false;
      const remainingSeconds = () => (deadline - schedule.trueNow().getTime()) / 1000;
      container
        .step(message, { remainingSeconds, signal: stopping.signal })
        .then(
          (value) => invocation.isDead || resolve(value),
          (error: Error) => {
            hasFailed = true;
            if (!invocation.isDead) reject(thrown(error));
          },
        )
        .finally(() => {
          alive.delete(invocation);
          if (invocation.isDead) return;
          if (!(hasFailed && invocation.wasStruck)) world.onEnd(invocation);
          const free = idle.get(name) ?? [];
          free.push(container);
          idle.set(name, free);
        });
    });
    return { invocation, ended };
  }

  /** As AWS tells it, or as a worker of the embedded stack does. */
  function thrown({ name, message }: Error): StateError {
    const cause = JSON.stringify({ errorType: name, errorMessage: message });
    return new StateError(name, world.storage === 's3' ? cause : message);
  }

  function makeContainer(name: EmbeddedFunction): Container {
    const container: Container = { step: async () => {}, invocation: undefined };
    const ports = makePorts(world, port, settings, () => container.invocation!, patch.request);
    container.step = STEPS[name](patch.ports?.(ports, name) ?? ports);
    return container;
  }

  const jobs = makeJobs({
    world,
    portsOf: (worker) => {
      const ports = makePorts(world, port, settings, worker, patch.request);
      return patch.ports?.(ports, 'infer') ?? ports;
    },
    alive,
    abort: ({ name }) => {
      const execution = executions.get(name); // none after a crash
      if (execution !== undefined) stop(execution);
    },
  });

  const port: Pick<Executions, 'start' | 'describe'> = {
    start: async (name, input) => start(name, input),
    describe: async (execution) =>
      executions.get(execution.slice(executionArn('').length))?.status ?? { status: 'UNKNOWN' },
  };

  return {
    start,
    port,
    callFunction,
    violations: jobs.violations,
    inputs,
    inputOf: (execution: string) => inputs.get(execution.slice(executionArn('').length)),
    /** What a bug of the simulation threw, if one did. */
    broken: () => broken,
    /** Ends everything that is on its way, and forgets it, as a process does that dies. */
    loseAll: () => {
      for (const invocation of alive) invocation.isDead = true;
      alive.clear();
      idle.clear();
      for (const execution of executions.values()) execution.isDead = true;
      executions = new Map();
    },
    arnOf: executionArn,
  };
}

/** What the Lambda service answers in the place of a function. */
function lambdaError(kind: 'transient' | 'throttle' | 'permanent'): StateError {
  const name = {
    transient: 'Lambda.ServiceException',
    throttle: 'Lambda.TooManyRequestsException',
    permanent: 'Lambda.ResourceNotFoundException',
  }[kind];
  return new StateError(name, `${name} happened.`);
}
