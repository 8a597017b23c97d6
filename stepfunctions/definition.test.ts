import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { readDefinition, readTasks, readTimeout } from '../local/service.ts';

/** The rules that every state of the definition keeps, whichever is added next. */

const stateSchema = z.looseObject({
  Type: z.string(),
  Next: z.string().optional(),
  TimeoutSeconds: z.number().optional(),
  Retry: z.array(z.looseObject({ ErrorEquals: z.array(z.string()) })).optional(),
  Catch: z
    .array(z.object({ ErrorEquals: z.array(z.string()), Next: z.string(), ResultPath: z.string().optional() }))
    .optional(),
  ItemProcessor: z.object({ States: z.lazy(() => statesSchema) }).optional(),
});
const statesSchema: z.ZodType<Record<string, z.infer<typeof stateSchema>>> = z.record(z.string(), stateSchema);

const states = statesSchema.parse(readDefinition().States);
const steps = Object.entries(states).filter(([, { Type }]) => Type === 'Task' || Type === 'Map');
const tasks = steps.flatMap(([name, state]) =>
  state.ItemProcessor === undefined ? [[name, state] as const] : Object.entries(state.ItemProcessor.States),
);

describe('each task', () => {
  it('is here', () => {
    assert.deepEqual(
      tasks.map(([name]) => name),
      Object.keys(readTasks()),
    );
  });

  for (const [name, { TimeoutSeconds, Retry = [] }] of tasks) {
    it(`${name}: waits as long as its function may take`, () => {
      assert.equal(TimeoutSeconds, readTimeout(readTasks()[name]!));
    });

    it(`${name}: retries what is transient, and nothing else, ever later and at no fixed moment`, () => {
      assert.deepEqual(Retry, [
        {
          ErrorEquals: [
            'Lambda.ServiceException',
            'Lambda.AWSLambdaException',
            'Lambda.SdkClientException',
            'Lambda.ClientExecutionTimeoutException',
            'Lambda.TooManyRequestsException',
            'Sandbox.Timedout',
            'States.Timeout',
            'TransientTrouble',
          ],
          IntervalSeconds: 2,
          MaxAttempts: 3,
          BackoffRate: 2,
          MaxDelaySeconds: 60,
          JitterStrategy: 'FULL',
        },
      ]);
    });
  }
});

describe('each step', () => {
  for (const [name, { Next = '', Catch = [] }] of steps) {
    it(`${name}: is followed by a choice`, () => {
      assert.equal(states[Next]?.Type, 'Choice');
    });

    if (name === 'Settle') continue; // a failure of its own is the next sweep's
    it(`${name}: hands every error to Settle, with its name`, () => {
      const { ErrorEquals, ResultPath, Next: pass = '' } = Catch.at(-1) ?? {};
      assert.deepEqual({ ErrorEquals, ResultPath }, { ErrorEquals: ['States.ALL'], ResultPath: '$.error' });
      assert.deepEqual(states[pass], {
        Type: 'Pass',
        Parameters: { step: name, 'error.$': '$.error' },
        Next: 'Settle',
      });
    });
  }
});

it('what is settled fails with the error and the cause that Settle gives', () => {
  assert.deepEqual(states['Failed'], { Type: 'Fail', ErrorPath: '$.error', CausePath: '$.cause' });
});
