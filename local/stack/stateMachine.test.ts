import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MaskAwaited } from '../../core/base/errors.ts';
import { sceneInput, sweepInput } from '../../core/base/messages.ts';
import { startStateMachine } from './stateMachine.ts';

const DAY_MILLISECONDS = 86_400_000;

test("a sweep looks at the days before its own time, which is the stack's and not the machine's", async () => {
  const before = new Map<string, unknown>();
  const answers: Record<string, unknown> = {
    discover: { cursor: null, started: 0, settled: 0 },
    drift: { judged: [] },
    report: { reports: [], leftOut: [], revised: [] },
  };
  const now = () => new Date(Date.now() - 15 * DAY_MILLISECONDS);
  const machine = startStateMachine(
    async (name, message) => {
      before.set(name, Object(message)['before']);
      return answers[name];
    },
    { runJob: async () => {}, concurrency: 1, now },
  );
  await machine.executions.start('sweep', sweepInput);
  assert.equal((await machine.ended(machine.executions.arnOf('sweep'))).status, 'SUCCEEDED');
  for (const name of ['drift', 'report']) {
    const late = now().getTime() - Date.parse(String(before.get(name)));
    assert.ok(Math.abs(late) < 60_000, `${name} was asked before ${before.get(name)}`);
  }
});

test('each of many waiting executions is known until it has ended, and its waiters are notified', async () => {
  const machine = startStateMachine(async () => ({ status: 'settled' }), {
    runJob: async () => {},
    concurrency: 2,
    remembered: 3,
    now: () => new Date(),
  });
  const { executions } = machine;
  const names = Array.from({ length: 12 }, (_, i) => `scene-${i}`);
  const input = sceneInput({ bucket: 'inbox', key: 'a', versionId: '1' });
  for (const name of names) assert.equal(await executions.start(name, input), 'started');
  for (const name of names) {
    assert.equal((await executions.describe(executions.arnOf(name))).status, 'RUNNING');
    assert.equal(await executions.start(name, input), 'known');
  }
  const ends = await Promise.all(names.map((name) => machine.ended(executions.arnOf(name))));
  assert.deepEqual(new Set(ends.map(({ status }) => status)), new Set(['SUCCEEDED']));
  const known = await Promise.all(names.map((name) => executions.describe(executions.arnOf(name))));
  assert.equal(known.filter(({ status }) => status !== 'UNKNOWN').length, 3);
});

test('executions that wait for the maps of others, which began later, take no turns of theirs', async () => {
  const [waiting, mask] = [['a', 'b', 'c'], 'of the mask'];
  let isDone = false;
  const { executions, ended } = startStateMachine(
    async (_, message) => {
      const isMask = String(Object(message).execution).endsWith(mask);
      if (!isMask && !isDone) throw new MaskAwaited('Not yet.');
      isDone = true;
      return { status: 'settled' };
    },
    { runJob: async () => {}, concurrency: 2, now: () => new Date() },
  );
  const input = sceneInput({ bucket: 'inbox', key: 'a', versionId: '1' });
  const all = [...waiting, mask];
  for (const name of all) await executions.start(name, input);
  const ends = await Promise.all(all.map((name) => ended(executions.arnOf(name))));
  assert.deepEqual(new Set(ends.map(({ status }) => status)), new Set(['SUCCEEDED']));
});
