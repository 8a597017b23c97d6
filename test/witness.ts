import { randomUUID } from 'node:crypto';
import {
  DeleteRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { makeQueue } from './queue.ts';
import type { Stage } from './stage.ts';

const TARGET = 'witness';

/**
 * Sees the events of a pattern go by on the default bus: a rule of a test's own with a queue behind it. Whoever must know
 * that an event has come, though nothing was to happen, waits for it here.
 */
export async function makeWitness({ name, account, events }: Stage, pattern: string) {
  const Name = `swath-${name}-witness-${randomUUID().slice(0, 8)}`;
  const queue = await makeQueue(Name, 'events', account);
  await events.send(new PutRuleCommand({ Name, EventPattern: pattern }));
  await events.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: TARGET, Arn: queue.arn }] }));
  return {
    saw: queue.saw,
    close: async (): Promise<void> => {
      await events.send(new RemoveTargetsCommand({ Rule: Name, Ids: [TARGET] }));
      await events.send(new DeleteRuleCommand({ Name }));
      await queue.close();
    },
  };
}
