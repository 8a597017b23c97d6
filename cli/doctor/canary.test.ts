import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ExecutionStatus } from '../../core/base/executions.ts';
import { isCanary } from '../../core/base/keys.ts';
import type { SceneRef } from '../../core/base/messages.ts';
import { type Canary, wiring } from './canary.ts';
import { wrong } from './check.ts';

type Course = {
  /** The execution begins after so many seconds, if ever, and ends so many later. */
  begins?: number;
  lasts?: number;
  ends?: ExecutionStatus;
  more?: Partial<Canary>;
  /** How many other executions run or wait, on a laptop or a stage. */
  others?: number;
  stage?: string;
  /** Somebody interrupts after so many seconds. */
  interrupted?: number;
};

/** Sends a canary on a clock of its own, to a stack where its event takes the course that is given. */
async function send({ begins = Infinity, lasts = 0, ends = { status: 'SUCCEEDED' }, ...course }: Course) {
  let seconds = 0;
  const lying = new Map<string, SceneRef>();
  const ever: SceneRef[] = [];
  const canary: Canary = {
    inboxPrefix: 'scenes/',
    patienceMilliseconds: 120_000,
    lookEveryMilliseconds: 1000,
    obstacle: async () => null,
    put: async (key) => {
      const scene = { bucket: 'inbox', key, versionId: 'v1' };
      lying.set(key, scene);
      ever.push(scene);
      return scene;
    },
    findExecution: async ({ key }) => (lying.has(key) && seconds >= begins ? 'arn:execution' : undefined),
    remove: async ({ key }) => void lying.delete(key),
    ...course.more,
  };
  const finding = await wiring
    .look({
      canary: async () => canary,
      clock: () => Date.parse('2026-03-01T10:00:00Z') + seconds * 1000,
      wait: async (milliseconds) => {
        seconds += milliseconds / 1000;
        if (seconds >= (course.interrupted ?? Infinity)) throw new Error('interrupted');
      },
      service: async () => ({
        stage: course.stage ?? 'local',
        onTheirWay: async () => (course.others ?? 0) + (seconds >= begins ? 1 : 0),
        executions: {
          start: () => Promise.reject(new Error('a canary is started by its event alone')),
          describe: async () => (seconds >= begins + lasts ? ends : { status: 'RUNNING' }),
          arnOf: (name) => name,
        },
      }),
    })
    .catch((error: Error) => error);
  return { finding, lying: [...lying.keys()], sent: ever, seconds };
}

describe('a canary', () => {
  test('whose event starts its execution, which ends before anything is done, is well, and says how long it took', async () => {
    const { finding, lying, sent } = await send({ begins: 3, lasts: 2 });
    assert.partialDeepStrictEqual(finding, { status: 'fine', seconds: 5 });
    assert.deepEqual([lying, sent.length], [[], 1]);
    assert.ok(isCanary(sent[0]!.key, 'scenes/'), sent[0]!.key);
  });

  for (const [what, course, found, after] of [
    ['whose event never comes', {}, /^the event of .* started no execution within 120 s$/, 120],
    [
      'whose execution does not end',
      { begins: 1, lasts: 1e6 },
      /^the canary's execution arn:execution still runs after 120 s$/,
      120,
    ],
    [
      'whose execution fails',
      { begins: 1, ends: { status: 'FAILED', error: 'States.Runtime', cause: 'no path' } },
      /ended as FAILED: States\.Runtime: no path$/,
      1,
    ],
  ] as const)
    test(`${what} says so, and is taken away`, async () => {
      const { finding, lying, seconds } = await send(course);
      assert.ok(!(finding instanceof Error));
      assert.deepEqual([finding.status, seconds], ['wrong', after]);
      assert.match(finding.found, found);
      assert.ok(finding.todo);
      assert.deepEqual(lying, []);
    });

  for (const [what, course, status] of [
    ['that waits for its turn among others', { begins: 1, lasts: 1e6, others: 1500 }, 'notice'],
    ['that waits so on a stage', { begins: 1, lasts: 1e6, others: 1500, stage: 'dev' }, 'notice'],
    ['whose file waits so on a laptop', { others: 1500 }, 'notice'],
    ['whose event never comes on a stage, which others do not delay', { others: 1500, stage: 'dev' }, 'wrong'],
  ] as const)
    test(`${what} is ${status === 'wrong' ? 'still a fault' : 'no fault: the stack is busy'}`, async () => {
      const { finding, lying } = await send(course);
      assert.ok(!(finding instanceof Error));
      assert.equal(finding.status, status);
      const busy = 'the canary still waits after 120 s, as 1,500 other executions are waiting or in progress';
      assert.equal(finding.found === busy, status === 'notice');
      assert.deepEqual(lying, []);
    });

  test('is not sent where something is in its way', async () => {
    const { finding, sent } = await send({ more: { obstacle: async () => wrong('nobody watches') } });
    assert.partialDeepStrictEqual(finding, { status: 'wrong', found: 'nobody watches' });
    assert.deepEqual(sent, []);
  });

  test('is taken away when somebody interrupts', async () => {
    const { finding, lying, sent } = await send({ interrupted: 4 });
    assert.match(String(finding), /interrupted/);
    assert.deepEqual([lying, sent.length], [[], 1]);
  });

  test('that cannot be taken away is named', async () => {
    const remove = () => Promise.reject(new Error('not allowed'));
    const { finding, sent } = await send({ begins: 0, more: { remove } });
    assert.equal(String(finding), `Error: The canary ${sent[0]!.key} could not be removed: not allowed`);
    const { finding: other } = await send({ interrupted: 1, more: { remove } });
    assert.match(String(other), /interrupted/, 'what went wrong before is more telling');
  });
});
