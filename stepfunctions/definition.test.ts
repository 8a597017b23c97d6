import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StateMachine } from 'aws-local-stepfunctions';
import { PIPELINE_FUNCTIONS } from '../core/base/functions.ts';
import { readParameters } from '../deployment/defaults.ts';
import { readDefinition, readStates, timeoutOf } from '../local/stack/service.ts';

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
const tasks = steps
  .flatMap(([name, state]) =>
    state.ItemProcessor === undefined ? [[name, state] as const] : Object.entries(state.ItemProcessor.States),
  )
  .filter(([, { Type }]) => Type === 'Task');

it('is in the States Language', () => {
  assert.doesNotThrow(() => new StateMachine(readDefinition()));
  assert.throws(() => new StateMachine({ ...readDefinition(), StartAt: 'nowhere' }));
});

it('calls the functions that core/base/functions.ts names for it, each of them', () => {
  assert.deepEqual([...new Set(Object.values(readStates().tasks))].sort(), [...PIPELINE_FUNCTIONS].sort());
});

describe('each task', () => {
  it('is here', () => {
    assert.deepEqual(
      tasks.map(([name]) => name),
      Object.keys(readStates().tasks),
    );
  });

  for (const [name, { TimeoutSeconds, Retry }] of tasks) {
    it(`${name}: waits as long as its function may take`, () => {
      assert.equal(TimeoutSeconds, timeoutOf(readStates().tasks[name]!));
    });

    it(`${name}: waits for capacity in Lambda for hours, and retries temporary errors, and nothing else`, () => {
      const everLater = { IntervalSeconds: 2, BackoffRate: 2, JitterStrategy: 'FULL' }; // and at no fixed moment
      assert.deepEqual(Retry, [
        {
          ErrorEquals: ['Lambda.TooManyRequestsException', 'EndpointUnavailable'],
          ...everLater,
          MaxAttempts: 300,
          MaxDelaySeconds: 300,
        },
        {
          ErrorEquals: [
            'Lambda.ServiceException',
            'Lambda.AWSLambdaException',
            'Lambda.SdkClientException',
            'Lambda.ClientExecutionTimeoutException',
            'Sandbox.Timedout',
            'States.Timeout',
            'TransientTrouble',
          ],
          ...everLater,
          MaxAttempts: 3,
          MaxDelaySeconds: 60,
        },
      ]);
    });
  }
});

/** What comes next does not depend on what these answer. */
const EITHER_WAY = [
  'Infer',
  'Infer pixels',
  'Mosaic',
  'Watch blanks',
  'Last word',
  'Batches',
  'Classify arrivals',
  'Settle arrivals',
  'Watch arrivals',
  'Settle shadow',
];
/** The failure of a batch is settled for each of its files, that of settling is the next sweep's, and that of a shadow is no run's. */
const SETTLED_OTHERWISE = ['Settle', 'Classify arrivals', 'Settle arrivals', 'Shadow', 'Settle shadow'];

describe('each step', () => {
  for (const [name, { Next = '', Catch = [] }] of steps) {
    if (!EITHER_WAY.includes(name))
      it(`${name}: is followed by a choice`, () => {
        assert.equal(states[Next]?.Type, 'Choice');
      });

    if (SETTLED_OTHERWISE.includes(name)) continue;
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

it('as many parts are classified at once as the parameter says', () => {
  for (const partsAtOnce of [1, 40]) {
    const { Infer } = readDefinition({ ...readParameters(), partsAtOnce }).States;
    assert.partialDeepStrictEqual(Infer, { MaxConcurrency: partsAtOnce });
  }
});

it('a settled failure ends with the error and the cause from Settle', () => {
  assert.deepEqual(states['Failed'], { Type: 'Fail', ErrorPath: '$.error', CausePath: '$.cause' });
});
