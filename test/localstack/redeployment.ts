import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { DescribeStackEventsCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { DescribeExecutionCommand, DescribeStateMachineCommand, GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { alarmName } from '../../observability/alarms.ts';
import { observedParametersSchema } from '../../observability/parameters.ts';
import type { Parameters } from '../deployment.ts';
import { loopingPackage } from '../loopingModel.ts';
import { sceneOf } from '../scenes.ts';
import type { Stage } from '../stage.ts';
import { sees } from './differences.ts';
import type { At } from './here.ts';

/** Some seconds of classifying, so that of several files one is always at it. */
const ROUNDS = 1_500_000;
const UPDATE_SECONDS = 180;
const CLOSED = 'Connection was closed before we received a valid response from endpoint URL: "http://localhost:';

/** The stage is deployed once more while runs are on their way. */
export function redeployment(at: At, parameters: Parameters, changed: Parameters & { driftThreshold: number }): void {
  test('a deployment with nothing new changes nothing', async () => {
    const { deployment, stage } = at();
    const updated = async () => {
      const names = [`swath-${stage.name}`, `swath-${stage.name}-storage`];
      const stacks = names.map((StackName) => stage.cloudFormation.send(new DescribeStacksCommand({ StackName })));
      return (await Promise.all(stacks)).map(({ Stacks }) => Stacks?.[0]?.LastUpdatedTime);
    };
    const before = await updated();
    assert.match(await deployment.deploy(stage.name, parameters), /No changes to deploy/);
    assert.deepEqual(await updated(), before);
  });

  describe('a deployment with another parameter, and runs on their way', () => {
    let former: number;

    test('every run is DONE, by the functions that it began with', async () => {
      const { deployment, stage, subject } = at();
      former = observed(stage).driftThreshold;
      const before = await functionsDefined(stage);
      const rows: LedgerRow[] = [];
      await subject.with(loopingPackage({ rounds: ROUNDS }), async () => {
        let isOver = false;
        const deployed = deployment.deploy(stage.name, changed).finally(() => {
          isOver = true;
        });
        await Promise.race([deployed, isUpdating(stage)]);
        const oneByOne = async (folder: string) => {
          for (let i = 0; !isOver; i += 1)
            rows.push(await subject.run(`${folder}/${i}`, sceneOf(subject.unique(`${folder} ${i}`), 2)));
        };
        await Promise.all([deployed, ...['one', 'two', 'three'].map((lane) => oneByOne(`on its way ${lane}`))]);
      });

      const after = await functionsDefined(stage);
      assert.deepEqual(after.map(nameOf), before.map(nameOf));
      assert.deepEqual(
        after.filter((one) => before.includes(one)),
        [],
      );
      const updated = await pipelineUpdated(stage);
      let held = 0;
      // A busy LocalStack closes connections to itself now and then, and calls the function's call failed.
      for (const row of rows.filter(({ error }) => error?.message.startsWith(CLOSED) !== true)) {
        assert.partialDeepStrictEqual(row, { state: 'DONE', attempt: 1, chips: 2 });
        const called = await functionsCalled(stage, row.execution);
        assert.deepEqual(called.map(nameOf), ['preprocess', 'infer', 'drift']);
        const isOld = called.every((one) => before.includes(one));
        assert.ok(isOld || called.every((one) => after.includes(one)), called.join(', '));
        const request = new DescribeExecutionCommand({ executionArn: row.execution });
        if (isOld && (await stage.stepFunctions.send(request)).stopDate! > updated) held += 1;
      }
      assert.ok(held > 0, `none of ${rows.length} runs was on its way at ${updated.toISOString()}`);
      await stage.readOutputs();
    });

    test('the parameter is in force', async () => {
      const { stage } = at();
      assert.equal(observed(stage).driftThreshold, changed.driftThreshold);
      const FunctionName = stage.functionName('drift');
      const { Environment } = await stage.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
      assert.equal(Environment?.Variables?.['DRIFT_THRESHOLD'], String(changed.driftThreshold));
    });

    test(sees('updatesLeftOut'), async () => {
      const { name, cloudWatch } = at().stage;
      const request = new DescribeAlarmsCommand({ AlarmNames: [alarmName(name, 'drift')] });
      const [alarm] = (await cloudWatch.send(request)).MetricAlarms ?? [];
      assert.equal(alarm?.Threshold, former);
    });
  });
}

function observed({ output }: Stage) {
  return observedParametersSchema.parse(JSON.parse(output('ObservedParameters')));
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
  const called = events.flatMap(({ lambdaFunctionScheduledEventDetails: details }) => details?.resource ?? []);
  return [...new Set(called)];
}

/** Those that the state machine would call now. */
async function functionsDefined({ stepFunctions, output }: Stage): Promise<string[]> {
  const stateMachineArn = output('StateMachineArn');
  const { definition } = await stepFunctions.send(new DescribeStateMachineCommand({ stateMachineArn }));
  return [...new Set(definition?.match(/arn:[^"]+:function:[^"]+/g))];
}

const nameOf = (arn: string): string => /-(\w+):\d+$/.exec(arn)?.[1] ?? arn;
