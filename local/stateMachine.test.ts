import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sweepInput } from '../functions/shared/messages.ts';
import { startStateMachine } from './stateMachine.ts';

const DAY_MILLISECONDS = 86_400_000;

test("a sweep looks at the days before its own time, which is the stack's and not the machine's", async () => {
  const before = new Map<string, unknown>();
  const answers: Record<string, unknown> = {
    discover: { cursor: null, started: 0, settled: 0 },
    drift: { judged: [] },
    report: { reports: [], leftOut: [] },
  };
  const now = () => new Date(Date.now() - 15 * DAY_MILLISECONDS);
  const machine = startStateMachine(
    async (name, message) => {
      before.set(name, Object(message)['before']);
      return answers[name];
    },
    { concurrency: 1, now },
  );
  await machine.executions.start('sweep', sweepInput);
  assert.equal((await machine.ended(machine.executions.arnOf('sweep'))).status, 'SUCCEEDED');
  for (const name of ['drift', 'report']) {
    const late = now().getTime() - Date.parse(String(before.get(name)));
    assert.ok(Math.abs(late) < 60_000, `${name} was asked before ${before.get(name)}`);
  }
});
