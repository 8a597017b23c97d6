import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { DescribeStackEventsCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeExecutionCommand, DescribeStateMachineCommand, GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { alarmName } from '../../observability/alarms.ts';
import { sceneOf } from '../scenes.ts';
import { connectStage, type Stage } from '../stage.ts';
import type { Parameters } from './deployment.ts';
import type { At } from './here.ts';
import { slowPackage } from './slowPackage.ts';
import { prepared } from './waiting.ts';

/** Longer classifying than an update of the stack takes, whatever the machine. */
const ROUNDS = 7_000_000;
const UPDATE_SECONDS = 180;

/** The stage is deployed once more while a run is on its way. */
export function redeployment(at: At, changed: Parameters & { driftThreshold: number }): void {
  describe('a deployment with another parameter, and a run on its way', () => {
    test('the run ends DONE, by the functions that it began with', async () => {
      const here = at();
      const { stage, subject } = here;
      await subject.with(slowPackage({ rounds: ROUNDS }), async () => {
        const former = here.deployment.deploy(stage.name, changed);
        await Promise.race([former, isUpdating(stage)]);
        const scene = await subject.stack.put(subject.key('on its way'), sceneOf(subject.unique('on its way'), 2));
        const { execution } = await prepared(subject.stack, scene);
        await former;
        const row = await subject.settled(scene);
        assert.partialDeepStrictEqual(row, { state: 'DONE', attempt: 1, chips: 2, execution });

        const { stopDate } = await stage.stepFunctions.send(new DescribeExecutionCommand({ executionArn: execution }));
        const updated = await pipelineUpdated(stage);
        assert.ok(
          updated < stopDate!,
          `it was over at ${stopDate}, before the state machine was changed at ${updated}`,
        );
        const called = await functionsCalled(stage, execution);
        const defined = await functionsDefined(stage);
        assert.deepEqual(called.map(nameOf), ['preprocess', 'infer', 'drift']);
        for (const one of called) {
          const other = defined.find((each) => nameOf(each) === nameOf(one));
          assert.ok(other !== undefined && other !== one, `${one} was called, and ${other} is defined now`);
        }
      });
      here.stage.close();
      here.stage = await connectStage(stage.name, stage.account);
    });

    test('the parameter is in force', async () => {
      const { name, cloudWatch } = at().stage;
      const request = new DescribeAlarmsCommand({ AlarmNames: [alarmName(name, 'drift')] });
      const [alarm] = (await cloudWatch.send(request)).MetricAlarms ?? [];
      assert.equal(alarm?.Threshold, changed.driftThreshold);
    });

    test('the next file is classified', async () => {
      const { run, unique } = at().subject;
      assert.partialDeepStrictEqual(await run('after it', sceneOf(unique('after it'), 2)), { state: 'DONE' });
    });
  });
}

/** Waits until CloudFormation has begun to change the stack. */
async function isUpdating({ name, cloudFormation }: Stage): Promise<void> {
  for (const end = Date.now() + UPDATE_SECONDS * 1000; Date.now() < end; await setTimeout(200)) {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: `swath-${name}` }));
    if (Stacks?.[0]?.StackStatus === 'UPDATE_IN_PROGRESS') return;
  }
  throw new Error(`The stack swath-${name} was not changed within ${UPDATE_SECONDS} seconds.`);
}

/** When CloudFormation was done with changing the state machine. */
async function pipelineUpdated({ name, cloudFormation }: Stage): Promise<Date> {
  const request = new DescribeStackEventsCommand({ StackName: `swath-${name}` });
  const { StackEvents = [] } = await cloudFormation.send(request);
  const event = StackEvents.find(
    ({ LogicalResourceId, ResourceStatus }) => LogicalResourceId === 'Pipeline' && ResourceStatus === 'UPDATE_COMPLETE',
  );
  return event?.Timestamp ?? assert.fail('the state machine was not changed');
}

/** The functions, with their versions, that an execution has called, each once. */
async function functionsCalled({ stepFunctions }: Stage, executionArn: string): Promise<string[]> {
  const { events = [] } = await stepFunctions.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
  const called = events.flatMap(
    ({ lambdaFunctionScheduledEventDetails: lambda, taskScheduledEventDetails: task }) =>
      lambda?.resource ?? JSON.parse(task?.parameters ?? '{}').FunctionName ?? [],
  );
  return [...new Set<string>(called)];
}

/** Those that the state machine would call now. */
async function functionsDefined({ stepFunctions, output }: Stage): Promise<string[]> {
  const stateMachineArn = output('StateMachineArn');
  const { definition } = await stepFunctions.send(new DescribeStateMachineCommand({ stateMachineArn }));
  return [...new Set(definition?.match(/arn:[^"]+:function:[^"]+/g))];
}

const nameOf = (arn: string): string => /-(\w+):\d+$/.exec(arn)?.[1] ?? arn;
