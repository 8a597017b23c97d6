import { randomUUID } from 'node:crypto';
import { PIPELINE_FUNCTIONS, type PipelineFunction } from '../core/base/functions.ts';
import { readDefinition } from '../local/stack/service.ts';
import { makeMachine, StateError } from '../test/simulation/machine.ts';
import type { Invoked, WarmFunction } from './warmFunction.ts';

/** `loaded`: the milliseconds from its process's start until its code was there, once for all its calls. */
type Invocation = Omit<Invoked, 'result'> & { name: string; loaded: number };
/** What an execution took: states that it entered, each of which is paid for, and calls of functions. */
export type Execution = { path: string[]; transitions: number; invocations: Invocation[] };

/** The state machine that deploys, over packaged functions that are warm. */
export async function startPackagedPipeline(start: (name: PipelineFunction) => Promise<WarmFunction>) {
  const machine = makeMachine(readDefinition());
  const functions = new Map<string, WarmFunction>();
  for (const name of PIPELINE_FUNCTIONS) functions.set(name, await start(name));

  async function execute(input: unknown, name: string = randomUUID()): Promise<Execution> {
    const invocations: Invocation[] = [];
    const path: string[] = [];
    const Id = `arn:aws:states:us-east-1:123456789012:execution:swath-dev-pipeline:${name}`;
    await machine(
      input,
      { Execution: { Id, Input: input, StartTime: new Date().toISOString() } },
      {
        invoke: async (name, message) => {
          const { invoke, loaded } = functions.get(name)!;
          const { result, ...taken } = await invoke(message).catch(({ name: error, message: cause }: Error) => {
            throw new StateError(error, cause);
          });
          invocations.push({ name, loaded, ...taken });
          return result;
        },
        pause: async () => {},
        now: () => new Date(),
        random: () => 0,
        onState: (state) => path.push(state),
      },
    );
    return { path, transitions: path.length, invocations };
  }

  return {
    execute,
    stop: () => {
      for (const { stop } of functions.values()) stop();
    },
  };
}
