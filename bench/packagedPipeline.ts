import { randomUUID } from 'node:crypto';
import { PIPELINE_FUNCTIONS, type PipelineFunction } from '../core/functions.ts';
import { readDefinition } from '../local/service.ts';
import { makeMachine, StateError } from '../test/simulation/machine.ts';
import type { Invoked, WarmFunction } from './warmFunction.ts';

/** `loaded`: the milliseconds from its process's start until its code was there, once for all its calls. */
export type Invocation = Omit<Invoked, 'result'> & { name: PipelineFunction; loaded: number };
/** What an execution took: states that it entered, each of which is paid for, and calls of functions. */
export type Execution = { path: string[]; transitions: number; invocations: Invocation[]; inputBytes: number };

/** The state machine that deploys, over packaged functions that are warm. */
export async function startPackagedPipeline(start: (name: PipelineFunction) => Promise<WarmFunction>) {
  const machine = makeMachine(readDefinition());
  const functions = new Map<PipelineFunction, WarmFunction>();
  for (const name of PIPELINE_FUNCTIONS) functions.set(name, await start(name));

  async function execute(input: unknown): Promise<Execution> {
    const invocations: Invocation[] = [];
    const path: string[] = [];
    const Id = `arn:aws:states:us-east-1:123456789012:execution:swath-dev-pipeline:${randomUUID()}`;
    await machine(
      input,
      { Execution: { Id, Input: input, StartTime: new Date().toISOString() } },
      {
        invoke: async (name, message) => {
          const { result, ...taken } = await functions
            .get(name as PipelineFunction)!
            .invoke(message)
            .catch(({ name: error, message: cause }: Error) => {
              throw new StateError(error, cause);
            });
          invocations.push({
            name: name as PipelineFunction,
            loaded: functions.get(name as PipelineFunction)!.loaded,
            ...taken,
          });
          return result;
        },
        pause: async () => {},
        now: () => new Date(),
        random: () => 0,
        onState: (state) => path.push(state),
      },
    );
    return { path, transitions: path.length, invocations, inputBytes: JSON.stringify(input).length };
  }

  return {
    execute,
    stop: () => {
      for (const { stop } of functions.values()) stop();
    },
  };
}
