import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { readAlarmsOf } from '../../aws/alarms.ts';
import { alarmName } from '../../observability/alarms.ts';
import { observedParametersSchema } from '../../observability/parameters.ts';
import { indicesPackage } from '../models/buildIndices.ts';
import { makeQueue, type Queue } from '../queue.ts';
import { shard } from '../scenes.ts';
import type { Stage } from '../stage.ts';
import type { At } from './here.ts';

/** An alarm is looked at once a period: see `alarmsOverThreePeriods` among the differences. */
const ALARM_SECONDS = 150;

type Notification = { Type: string; TopicArn: string; Message: string };

/** Predictions that drift, and who is told. It takes a period of the alarm, in which other tests can go on. */
export function driftAlarm(at: At) {
  let queue: Queue;

  return {
    goesOff: () =>
      test('predictions that drift: the run says so', async () => {
        const { stage, subject } = at();
        queue = await makeQueue(`swath-${stage.name}-told`, 'sns', stage.account);
        const sns = new SNSClient(stage.account);
        const TopicArn = stage.output('AlarmTopicArn');
        await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queue.arn }));
        sns.destroy();
        await subject.with(indicesPackage(), async () => {
          const row = await subject.run('far from the reference', shard);
          assert.equal(row.drift?.verdict, 'drift');
          // The window is published after the row, and only while the version is live.
          await ended(stage, row.execution);
        });
      }),

    tells: () =>
      describe('the drift alarm', () => {
        test("notifies the topic's subscribers, in place of an e-mail", async () => {
          const { stage } = at();
          const AlarmName = alarmName(stage.name, 'drift');
          const isIt = ({ Message }: Notification) => {
            const told = JSON.parse(Message);
            return told.AlarmName === AlarmName && told.NewStateValue === 'ALARM';
          };
          const { Type, TopicArn, Message } = await queue.saw(isIt, ALARM_SECONDS);
          assert.deepEqual([Type, TopicArn], ['Notification', stage.output('AlarmTopicArn')]);
          assert.match(JSON.parse(Message).AlarmDescription, /docs\/runbook\.md#drift Dashboard: https:/);
          await queue.close();
        });

        test('is on in CloudWatch', async () => {
          const { output, cloudWatch } = at().stage;
          const parameters = observedParametersSchema.parse(JSON.parse(output('ObservedParameters')));
          const alarms = await readAlarmsOf(parameters, cloudWatch)();
          assert.equal(alarms.find(({ id }) => id === 'drift')?.state, 'ALARM');
        });
      }),
  };
}

async function ended({ stepFunctions }: Stage, executionArn: string): Promise<void> {
  for (;;) {
    const { status } = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    if (status !== 'RUNNING') return assert.equal(status, 'SUCCEEDED');
    await setTimeout(200);
  }
}
