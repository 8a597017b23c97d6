import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PipelineFunction } from '../../core/base/functions.ts';
import type { SceneRef } from '../../core/base/messages.ts';
import { type Invocation, logTo } from '../../core/base/step.ts';
import { readParameters } from '../../deployment/defaults.ts';
import { listScenesOf, openInbox } from '../../local/buckets/inbox.ts';
import { makeClock, type Shift } from '../../local/stack/clock.ts';
import { openDataFolder } from '../../local/stack/dataFolder.ts';
import { answersOf } from '../../local/stack/link.ts';
import { environmentOf } from '../../local/stack/stack.ts';
import { startStateMachine } from '../../local/stack/stateMachine.ts';
import { makeLocalSteps } from '../../local/stack/steps.ts';
import type { WorkerData } from '../../local/stack/workerMessages.ts';
import { startTables } from '../../local/tables/tables.ts';
import { connectOwnTables } from '../benches/ownTables.ts';
import { inputSchemas } from '../stateMachine/inputSchemas.ts';

/** What every function has until its time-out. */
const SECONDS = 900;
/** An execution that calls so many functions runs in a circle. */
const MOST_CALLS = 100;

/** A call of a function: the message that it got, what that was read as, and what the function answered or threw. */
export type Call = {
  function: PipelineFunction;
  message: unknown;
  read: unknown;
  answer?: unknown;
  error?: { name: string; message: string };
};

/** An execution, with all that its functions were sent and said. */
export type Execution = {
  name: string;
  input: unknown;
  calls: Call[];
  status: string;
  error?: string | undefined;
  cause?: string | undefined;
};

export type InProcess = Awaited<ReturnType<typeof startInProcess>>;

/**
 * The embedded stack without its workers: the functions with a laptop's ports in this very process, called by the
 * definition that deploys, one execution after the other, so that every message can be kept, sent by hand, or end in a
 * death.
 *
 * @param at the time that the stack's clock shows
 */
export async function startInProcess(at: Date) {
  const home = await mkdtemp(join(tmpdir(), 'swath-release-'));
  const folder = openDataFolder(join(home, 'data'));
  const tables = await startTables();
  const client = connectOwnTables(tables.ask);
  const time: Shift = { ahead: 0 };
  const clock = makeClock(time);
  clock.set(at);
  logTo(() => {});
  const inbox = openInbox(folder.inbox, folder.versions);
  const environment = environmentOf(readParameters());
  const data: Omit<WorkerData, 'environment'> = { folder, time };
  const executions: Execution[] = [];
  const names: string[] = [];
  let calls: Call[] = [];
  let dying: PipelineFunction | undefined;

  /** Has a function do a step, as a Lambda would. */
  async function step(
    name: PipelineFunction,
    message: unknown,
    {
      settings = {},
      signal = new AbortController().signal,
    }: { settings?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<unknown> {
    const invocation: Invocation = { remainingSeconds: () => SECONDS, signal };
    const steps = makeLocalSteps({ ...data, environment: { ...environment, ...settings } }, { tables: client, ask });
    return (await steps[name]())(asJson(message), invocation).then(asJson);
  }

  async function invoke(name: PipelineFunction, message: unknown): Promise<unknown> {
    const call: Call = { function: name, message: asJson(message), read: asJson(inputSchemas[name].parse(message)) };
    calls.push(call);
    if (calls.length > MOST_CALLS) throw new Error(`more than ${MOST_CALLS} calls, the last one of ${name}`);
    try {
      if (dying === name) throw Object.assign(new Error(`${name} died`), { name: 'Runtime.ExitError' });
      call.answer = await step(name, message);
      return call.answer;
    } catch (error) {
      const { name: errorName, message: sentence } = error as Error;
      call.error = { name: errorName, message: sentence };
      throw error;
    }
  }

  const machine = startStateMachine(invoke, {
    runJob: () => Promise.reject(new Error('No model of this day needs a container.')),
    concurrency: 1, // so that a call belongs to the execution that is on its way
    now: clock.now,
    onEnd: (input, ended) => {
      executions.push({ name: names.shift()!, input: asJson(input), calls, ...ended });
      calls = [];
    },
  });

  async function start(name: string, input: unknown) {
    const answer = await machine.executions.start(name, input);
    if (answer === 'started') names.push(name);
    return answer;
  }

  const answers = answersOf({
    start,
    describe: machine.executions.describe,
    listScenes: listScenesOf(inbox, () => {}),
    publish: async () => null,
    knownVersion: inbox.knownVersion,
  });

  async function ask<Answer>(question: string, body: unknown): Promise<Answer> {
    return (await answers[question]!(asJson(body) as never)) as Answer;
  }

  return {
    folder,
    tables: client,
    clock,
    step,
    /** Those that have ended, in their order. */
    executions,
    arnOf: machine.executions.arnOf,
    /** Puts a file into the inbox; nothing is started. */
    put: async (key: string, bytes: Uint8Array): Promise<SceneRef> => {
      const source = join(home, randomUUID());
      await writeFile(source, bytes);
      return inbox.put(source, key);
    },
    /** Runs an execution, and whatever it starts, to the end. With `dying`, that function dies of every call. */
    run: async (name: string, input: unknown, options: { dying?: PipelineFunction } = {}): Promise<void> => {
      dying = options.dying;
      await start(name, input);
      await machine.idle();
      dying = undefined;
    },
    /** Resolves when nothing is on its way. */
    idle: machine.idle,
    close: async (): Promise<void> => {
      client.destroy();
      await tables.close();
      await rm(home, { recursive: true });
    },
  };
}

/** As it crosses from one function to another. */
function asJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
