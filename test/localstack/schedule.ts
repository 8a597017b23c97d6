import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import {
  DescribeRuleCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { DescribeExecutionCommand, paginateListExecutions } from '@aws-sdk/client-sfn';
import type { SceneRef } from '../../core/base/messages.ts';
import { sceneOf } from '../scenes.ts';
import type { Stage } from '../stage.ts';
import type { Here } from './here.ts';

/** The schedule is looked at once a minute: see `schedulesByOwnTick` among the differences. */
const TICK_SECONDS = 150;

/**
 * A sweep that its own rule starts, hurried up for a moment. Until it does, other tests can go on that mind no sweep; after
 * it, none: see `schedulesByOwnTick`.
 */
export function schedule(at: () => Pick<Here, 'stage' | 'subject'>) {
  let scene: SceneRef;
  let since: Date;
  let daily: string;

  return {
    isHurried: () =>
      test('a file waits for the sweep, whose schedule is shortened', async () => {
        const { stage, subject } = at();
        scene = await subject.stack.putSilently(subject.key('swept'), sceneOf(subject.unique('swept'), 2));
        since = new Date();
        daily = (await stage.sweepRule()).schedule;
        assert.match(daily, /^cron/);
        await reschedule(stage, 'rate(1 minute)');
        assert.deepEqual(await subject.stack.ledgerRows(scene), []);
      }),

    sweeps: () =>
      describe('the sweep by its schedule', () => {
        test('is started by the rule, and ends', async () => {
          const { stage, subject } = at();
          const execution = await startedBySchedule(stage, since);
          await reschedule(stage, daily);
          assert.equal((await subject.stack.ended(execution)).status, 'SUCCEEDED');
          assert.equal((await stage.sweepRule()).schedule, daily);
        });

        test('takes up the file that waited', async () => {
          const { subject } = at();
          assert.partialDeepStrictEqual(await subject.settled(scene), { state: 'DONE', attempt: 1, chips: 2 });
        });
      }),
  };
}

/** Gives the rule another schedule, and leaves the rest as it is. */
async function reschedule({ events, sweepRule }: Stage, ScheduleExpression: string): Promise<void> {
  const { name: Rule } = await sweepRule();
  const { Description, State } = await events.send(new DescribeRuleCommand({ Name: Rule }));
  const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule }));
  await events.send(new PutRuleCommand({ Name: Rule, Description, State, ScheduleExpression }));
  await events.send(new PutTargetsCommand({ Rule, Targets })); // needless in an account: see `schedulesByOwnTick`
}

/** The first execution that a schedule's event has started. */
async function startedBySchedule({ stepFunctions, output }: Stage, since: Date): Promise<string> {
  const stateMachineArn = output('StateMachineArn');
  for (const end = Date.now() + TICK_SECONDS * 1000; Date.now() < end; await setTimeout(1000)) {
    for await (const { executions = [] } of paginateListExecutions({ client: stepFunctions }, { stateMachineArn })) {
      for (const { executionArn, startDate } of executions) {
        if (startDate! < since) continue;
        const { input } = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
        const event = JSON.parse(input!);
        // A sweep that a test starts has no id: no event has started it.
        if (event['detail-type'] === 'Scheduled Event' && event.id !== undefined) return executionArn!;
      }
    }
  }
  throw new Error(`No schedule has started a sweep within ${TICK_SECONDS} seconds.`);
}
