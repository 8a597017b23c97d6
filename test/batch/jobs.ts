import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { readDefinition } from '../../local/stack/service.ts';
import { JOBS, templateFilesWith } from '../packaged/package.ts';
import { type Moto, reasonToSkip, startMoto } from './moto.ts';

/**
 * `npm run test:batch`: the states of the packaged state machine that start a job, carried out by moto's Step Functions against the queue
 * and the job definition of the packaged template, which moto's CloudFormation makes.
 *
 * What moto does not check: whether a job fits into its environment, retry strategies and time limits, permissions, what a container does,
 * and the types and lengths of a job's parameters, of which some are checked here.
 */

const SUBMIT_JOB = 'arn:aws:states:::batch:submitJob.sync';
/** A number among the parameters stays one where nobody has given it: batchGpus is 0 by default. */
const { batchGpus: _gpus, ...ON_FARGATE } = JOBS;
const ROLE = 'arn:aws:iam::123456789012:role/any';
/** What a state of the pipeline may have before it starts a job. */
const RUN = 'c0ffee';
const INPUT = {
  run: { id: RUN },
  batch: { id: RUN },
  shadow: { id: RUN },
  execution: `arn:aws:states:us-east-1:123456789012:execution:swath-dev-pipeline:theSweep`,
};

type State = Record<string, unknown>;
type Values = Record<string, { 'Fn::Sub'?: string }>;
const jobSchema = z.looseObject({
  jobName: z.string().regex(/^[A-Za-z0-9][\w-]{0,127}$/),
  jobQueue: z.string(),
  jobDefinition: z.string(),
  status: z.string(),
  container: z.looseObject({ command: z.array(z.string()) }),
});

const reason = reasonToSkip();
const skip = reason !== false && `no job was started on moto, because ${reason}`;
if (skip) console.error(`SKIPPED: ${skip}.`);

describe('jobs on moto', { skip, timeout: 120_000 }, () => {
  let moto: Moto;
  let stepFunctions: SFNClient;
  const states = new Map<string, State>();

  before(async () => {
    moto = await startMoto();
    stepFunctions = new SFNClient(moto.config);
    const folder = await templateFilesWith({ ...ON_FARGATE, ...(await moto.network()) });
    const template = JSON.parse(await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8'));
    const all = Object.entries<object>(template.Resources);
    const Resources = Object.fromEntries(all.filter(([id]) => id.startsWith('Work')));
    const client = new CloudFormationClient(moto.config);
    await client.send(
      new CreateStackCommand({
        StackName: 'jobs',
        TemplateBody: JSON.stringify({ Resources }),
        Capabilities: ['CAPABILITY_IAM'],
      }),
    );
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: 'jobs' }));
    assert.equal(Stacks?.[0]?.StackStatus, 'CREATE_COMPLETE');
    const [text, values] = template.Resources.Pipeline.Properties.DefinitionString['Fn::Sub'] as [string, Values];
    const [name] = Object.entries(values).find(([, value]) => value['Fn::Sub']?.endsWith(':batch:submitJob.sync'))!;
    collect(JSON.parse(text.replaceAll(`\${${name}}`, SUBMIT_JOB)).States, states);
  });
  after(() => moto?.stop());

  /** Has one state run, as if it were the whole state machine. */
  async function run(state: State, name: string) {
    const { Next: _next, Catch: _catch, Retry: _retry, ...own } = state;
    const definition = { StartAt: 'Job', States: { Job: { ...own, End: true } } };
    const { stateMachineArn } = await stepFunctions.send(
      new CreateStateMachineCommand({ name: `machine-${name}`, roleArn: ROLE, definition: JSON.stringify(definition) }),
    );
    const { executionArn } = await stepFunctions.send(
      new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(INPUT) }),
    );
    for (;;) {
      const execution = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
      if (execution.status !== 'RUNNING') {
        const history = await stepFunctions.send(new GetExecutionHistoryCommand({ executionArn }));
        return { ...execution, events: history.events ?? [] };
      }
      await pause(50);
    }
  }

  test('the queue and the job definition have the names that the state machine calls them by', async () => {
    const { jobQueues } = await moto.batch('describejobqueues', {});
    const { jobDefinitions } = await moto.batch('describejobdefinitions', { status: 'ACTIVE' });
    assert.partialDeepStrictEqual(jobQueues, [{ jobQueueName: 'swath-dev-work', state: 'ENABLED' }]);
    assert.partialDeepStrictEqual(jobDefinitions, [
      { jobDefinitionName: 'swath-dev-work', containerProperties: { image: JOBS.batchImage, command: ['work'] } },
    ]);
  });

  test('the states that start a job are those of a laptop', () => {
    const ofLaptop = new Map<string, State>();
    collect(Object(readDefinition().States), ofLaptop);
    assert.deepEqual([...states.keys()], [...ofLaptop.keys()]);
  });

  test('each state that starts a job has it work on the message that the function infer has written', async () => {
    for (const [title, state] of states) {
      const name = title.replaceAll(/\W/g, '-');
      const { status, error, cause, events } = await run(state, name);
      assert.equal(status, 'SUCCEEDED', `${title}: ${error} ${cause}`);
      const { taskSucceededEventDetails } = events.find(({ type }) => type === 'TaskSucceeded')!;
      const job = jobSchema.parse(JSON.parse(taskSucceededEventDetails!.output!));
      // A sweep's batches run in executions of their own, and their messages are the sweep's.
      const execution = JSON.stringify(state).includes('$.execution') ? 'theSweep' : name;
      const work = /shadow/i.test(title) ? 'shadow' : RUN;
      assert.deepEqual(job.container.command, ['work', `jobs/${execution}/${work}.json`], title);
    }
  });

  test('every value that a job is given is text, as Batch wants it', () => {
    for (const [title, { Parameters }] of states) {
      const { ContainerOverrides } = Parameters as { ContainerOverrides: { Environment?: { Value: unknown }[] } };
      for (const { Value } of ContainerOverrides.Environment ?? []) assert.equal(typeof Value, 'string', title);
    }
  });

  test('a job that fails ends its state with States.TaskFailed, which the state machine catches', async (t) => {
    const [first] = states.values();
    if (first === undefined) return t.skip('no state starts a job');
    const parameters = first['Parameters'] as { ContainerOverrides: object };
    const ContainerOverrides = { Command: ['work', 'fails'] };
    const failing = { ...first, Parameters: { ...parameters, ContainerOverrides } };
    const { status, error, events } = await run(failing, 'failing');
    assert.deepEqual([status, error], ['FAILED', 'States.TaskFailed']);
    assert.ok(events.some(({ type }) => type === 'TaskFailed'));
    for (const [title, { Catch }] of states) assert.match(JSON.stringify(Catch), /States\.ALL/, title);
  });
});

/** The states that start a job, however deep in a Map. */
function collect(within: Record<string, State>, found: Map<string, State>): void {
  for (const [title, state] of Object.entries(within)) {
    if (state['Resource'] === SUBMIT_JOB) found.set(title, state);
    const processor = state['ItemProcessor'] as { States: Record<string, State> } | undefined;
    if (processor !== undefined) collect(processor.States, found);
  }
}
