import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readDefinition, readTasks, timeoutOf } from '../local/service.ts';

/** The rules that every state of the definition keeps, whichever is added next. */

type State = {
  Type: string;
  Next?: string;
  TimeoutSeconds?: number;
  Retry?: unknown;
  Catch?: { ErrorEquals: string[]; Next: string; ResultPath?: string }[];
  ItemProcessor?: { States: Record<string, State> };
};

const states: Record<string, State> = JSON.parse(JSON.stringify(readDefinition().States));
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

  for (const [name, { TimeoutSeconds, Retry }] of tasks) {
    it(`${name}: waits as long as its function may take`, () => {
      assert.equal(TimeoutSeconds, timeoutOf(readTasks()[name]!));
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

/** What comes next does not depend on what these answer. */
const EITHER_WAY = ['Watch blanks', 'Daily drift'];

describe('each step', () => {
  for (const [name, { Next = '', Catch = [] }] of steps) {
    if (!EITHER_WAY.includes(name))
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
