import { StateMachine } from 'aws-local-stepfunctions';
import type * as z from 'zod';
import { executionArn } from '../../local/stack/arns.ts';
import { type Definition, readDefinition, readStates } from '../../local/stack/service.ts';
import { inputSchemas } from './inputSchemas.ts';

/** A function that a test puts in the place of one of ours; `nth` counts its calls, from 1. */
export type Fake = (message: never, nth: number) => unknown;

/** What an execution did: the states that it went through, the calls it made, and the failure that it ended with. */
export type Execution = {
  path: string[];
  /** States that were entered, those of a Map's iterations as well. */
  transitions: number;
  calls: { name: string; message: unknown; error?: string }[];
  failure: { error: string; cause: string } | null;
};

/** The execution that a test gives no name. */
export const EXECUTION = executionArn('test');

/** The name of a fake of jobs in containers: of AWS Batch, which no function calls. */
export const SUBMIT_JOB = 'submitJob.sync';

const tasks = [
  ...Object.entries(readStates().tasks),
  ...readStates().jobs.map((state): [string, string] => [state, SUBMIT_JOB]),
];

/** What the real functions would refuse, no fake may see either. */
const schemas: Record<string, z.ZodType> = inputSchemas;

/** Runs the definition that deploys on fakes of its functions; nothing waits. */
export const runPipeline = makeRunPipeline(readDefinition());

/**
 * The same for a definition with the same tasks. `onEntered` is told of every state, those of a Map's iterations as well;
 * `arnOf` says by which ARN an execution of a name is known.
 */
export function makeRunPipeline(
  definition: Definition,
  {
    onEntered = () => {},
    arnOf = executionArn,
  }: { onEntered?: (state: string) => void; arnOf?: typeof executionArn } = {},
) {
  const machine = new StateMachine(definition, { validationOptions: { noValidate: true } }); // definition.test.ts does it once

  return async (input: unknown, fakes: Partial<Record<string, Fake>>, name = 'test'): Promise<Execution> => {
    const calls: Execution['calls'] = [];
    const handlers = tasks.map(([state, called]) => {
      const handler = async (message: unknown) => {
        schemas[called]?.parse(message);
        const call: Execution['calls'][number] = { name: called, message };
        calls.push(call);
        const fake = fakes[called];
        if (fake === undefined) throw new Error(`${state} called ${called}, which this test does not expect.`);
        try {
          return (await fake(message as never, calls.filter(({ name }) => name === called).length)) as never;
        } catch (error) {
          call.error = String(error);
          throw error;
        }
      };
      return [state, handler];
    });
    const execution = machine.run(input as never, {
      overrides: {
        taskResourceLocalHandlers: Object.fromEntries(handlers),
        waitTimeOverrides: Object.fromEntries(readStates().waits.map((state) => [state, 0])),
        retryIntervalOverrides: Object.fromEntries(tasks.map(([state]) => [state, 0])),
      },
      context: { Execution: { Id: arnOf(name), Name: name, Input: input } } as never,
    });
    const failed = execution.result.then(
      () => null,
      ({ cause }) => ({ error: cause.name, cause: cause.message }),
    );
    const path: string[] = [];
    let transitions = 0;
    for await (const event of execution.eventLogs) {
      if (event.type !== 'StateEntered') continue;
      transitions += 1;
      onEntered(event.state.name);
      if (event.index === undefined) path.push(event.state.name);
    }
    return { path, transitions, calls, failure: await failed };
  };
}

/** An error as a function throws it: the state machine sees its name and its message. */
export function failure(name: string, message = `${name} happened`): Error {
  return Object.assign(new Error(message), { name });
}
