import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { StateMachine } from 'aws-local-stepfunctions';
import { PIPELINE_FUNCTIONS } from '../core/base/functions.ts';
import { jobKey } from '../core/base/keys.ts';
import { readParameters } from '../deployment/defaults.ts';
import { JOB_SECONDS } from '../functions/infer/container/job.ts';
import { readDefinition, readStates, timeoutOf } from '../local/stack/service.ts';

/** The rules that every state of the definition keeps, whichever is added next. */

type State = {
  Type: string;
  Next?: string;
  Resource?: string;
  Parameters?: unknown;
  ResultPath?: string | null;
  TimeoutSeconds?: number;
  Retry?: { ErrorEquals: string[]; MaxAttempts: number }[];
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

it('names no partition of AWS, as no other resource does that is deployed', async () => {
  const found = await Array.fromAsync(glob('{resources,stepfunctions,functions,deployment}/**/*.{yml,yaml}'));
  assert.ok(found.length > 40);
  const naming = found.filter((file) => readFileSync(file, 'utf8').includes('arn:aws:'));
  assert.deepEqual(naming, []);
});

it('calls the functions that core/base/functions.ts names for it, each of them', () => {
  assert.deepEqual([...new Set(Object.values(readStates().tasks))].sort(), [...PIPELINE_FUNCTIONS].sort());
});

const { tasks: ofFunctions, jobs } = readStates();

describe('each task', () => {
  it('is here', () => {
    assert.deepEqual(tasks.map(([name]) => name).sort(), [...Object.keys(ofFunctions), ...jobs].sort());
  });

  for (const [name, { TimeoutSeconds, Retry }] of tasks) {
    if (jobs.includes(name)) continue;
    it(`${name}: waits as long as its function may take`, () => {
      assert.equal(TimeoutSeconds, timeoutOf(ofFunctions[name]!));
    });

    it(`${name}: waits for capacity in Lambda for hours, and retries temporary errors, and nothing else`, () => {
      const everLater = { IntervalSeconds: 2, BackoffRate: 2, JitterStrategy: 'FULL' }; // and at no fixed moment
      assert.deepEqual(Retry, [
        {
          ErrorEquals: ['Lambda.TooManyRequestsException', 'EndpointUnavailable', 'MaskAwaited'],
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

/** The steps whose model may need a container, of which three are nested or not a run's: who starts the job, and who hears of its failure. */
const JOBS = [
  ['Infer', 'Infer in a container', 'Infer failed', jobKey('arn:$$.Execution.Name', '$.run.id')],
  ['Infer pixels', 'Infer pixels in a container', 'Infer pixels failed', jobKey('arn:$$.Execution.Name', '$.run.id')],
  [
    'Classify arrivals',
    'Classify arrivals in a container',
    'Settle arrivals',
    jobKey('arn:$$.Execution.Name', '$.batch.id'),
  ],
  ['Classify batch', 'Classify batch in a container', 'Settle batch', jobKey('arn:SWEEP', '$.batch.id')],
  ['Shadow', 'Shadow in a container', 'Settle shadow', jobKey('arn:$$.Execution.Name', 'shadow')],
] as const;

describe('each job in a container', () => {
  const all = Object.fromEntries([...steps, ...tasks]);
  const processors = steps.map(([, { ItemProcessor }]) => ItemProcessor?.States ?? {});
  const choices: Record<string, State> = Object.assign({}, states, ...processors);

  it('is here', () => assert.deepEqual([...jobs].sort(), JOBS.map(([, job]) => job).sort()));

  for (const [step, job, failed, key] of JOBS) {
    const { Catch = [], Next, Resource, Parameters, Retry = [], ResultPath, TimeoutSeconds = 0 } = all[job]!;

    it(`${job}: is started once when ${step} needs a container, and leads back to it`, () => {
      const asking = all[step]!.Catch!.find(({ ErrorEquals }) => ErrorEquals.includes('ContainerNeeded'));
      const choice = `Has ${step} had its job?`;
      assert.deepEqual(asking, { ErrorEquals: ['ContainerNeeded'], ResultPath: '$.error', Next: choice });
      assert.deepEqual([Next, ResultPath], [step, '$.job']);
      const Choices = [{ Variable: '$.job', IsPresent: true, Next: failed }];
      assert.deepEqual(choices[choice], { Type: 'Choice', Choices, Default: job });
    });

    it(`${job}: has the message whose key core/base/keys.ts makes, and runs by names that do not depend on parameters`, () => {
      const { ContainerOverrides, JobQueue, JobDefinition } = Parameters as Record<string, Record<string, string>>;
      const [, format = '', given = ''] = /Format\('(.*)', (.*)\)\)$/.exec(ContainerOverrides!['Command.$']!)!;
      const ids = given.replace("States.ArrayGetItem(States.StringSplit($.execution, ':'), 7)", 'SWEEP').split(', ');
      assert.equal(
        format.replaceAll('{}', () => ids.shift()!),
        key,
      );
      assert.deepEqual([Resource, String(JobQueue)], ['arn:aws:states:::batch:submitJob.sync', String(JobDefinition)]);
      assert.match(String(JobQueue), /^swath-.*-work$/);
    });

    it(`${job}: is asked for again while AWS Batch has no room for the request; when it fails, ${failed} hears of it`, () => {
      assert.deepEqual(Catch, [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: failed }]);
      assert.deepEqual(
        Retry.map(({ ErrorEquals, MaxAttempts }) => [ErrorEquals, MaxAttempts]),
        [
          [['Batch.TooManyRequestsException'], 300],
          [['Batch.ServerException', 'Batch.AWSBatchException', 'Batch.SdkClientException'], 3],
        ],
      );
      assert.equal(TimeoutSeconds, JOB_SECONDS);
      assert.ok(JOB_SECONDS >= (14 + 7) * 86_400, 'a week of waiting, and the longest attempt that batchHours allows');
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
    if (jobs.includes(name)) continue;
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
