import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { retryStep } from '../../functions/retry/retryStep.ts';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { MODEL as model, newScene } from '../../test/benches/ledgerRows.ts';
import { startTestTables } from '../../test/benches/tables.ts';
import { type ModelRef, type SceneRef, sceneInput, UNASSIGNED } from '../base/messages.ts';
import { logTo } from '../base/step.ts';
import type { Ledger } from './contract.ts';
import { makeLedger } from './ledger.ts';
import type { LedgerRow } from './ledgerRow.ts';
import { makeRetry, NotRetryable, type RetryPorts } from './retry.ts';
import type { State } from './states.ts';

/** One more attempt, on a real ledger; executions are a list. */

const ledger = makeLedger(await startTestTables(), LEDGER_TABLE);
const now = new Date('2026-03-01T10:00:00Z');

describe('a failed run', () => {
  test('is started again with its own model version, under the name of its next attempt', async () => {
    const { retry, started } = makeBench();
    const { run, scene } = await newRun('FAILED');
    assert.deepEqual(await retry(run), { run, execution: `arn:${run}-2` });
    assert.deepEqual(started, [[`${run}-2`, sceneInput(scene, model)]]);
  });

  test('whose attempts are used up is granted one more, which its execution can then claim', async () => {
    const { retry } = makeBench();
    const { run, scene } = await newRun('FAILED', { attemptLimit: 1 });
    const { execution } = await retry(run);
    const { held, row } = await claim({ scene, execution });
    assert.deepEqual([held, row.attempt, row.attemptLimit], [true, 2, 2]);
  });

  test('with attempts left is granted no further one', async () => {
    const { retry } = makeBench();
    const { run } = await newRun('FAILED', { attemptLimit: 5 });
    await retry(run);
    assert.equal((await ledger.byRun(run))?.attemptLimit, 5);
  });
});

describe('a retry is refused', () => {
  for (const [state, says] of [
    ['DONE', /is DONE: there is nothing to try again\.$/],
    ['EMPTY', /is EMPTY: there is nothing to try again\.$/],
    ['INVALID', /is INVALID: the file can never be processed\. Send a corrected one/],
    ['DUPLICATE', /is DUPLICATE: the same bytes count as run feed\.$/],
    ['CLAIMED', /is CLAIMED: it is still running\.$/],
    ['PREDICTED', /is PREDICTED: it is still running\.$/],
  ] as const) {
    test(`for a run that is ${state}`, async () => {
      const { retry, started } = makeBench();
      const { run } = await newRun(state, { duplicateOf: 'feed' });
      await assert.rejects(retry(run), (error) => error instanceof NotRetryable && says.test(error.message));
      assert.deepEqual(started, []);
    });
  }

  test('for an unknown run', async () => {
    await assert.rejects(makeBench().retry('0'.repeat(32)), /NotRetryable: The ledger knows no run "0{32}"\.$/);
  });

  test('for a run that another execution has claimed since it was read', async () => {
    const { run, scene } = await newRun('FAILED');
    const late = async (id: string) => {
      const seen = await ledger.byRun(id);
      await claim({ scene, execution: 'quicker' });
      return seen;
    };
    const { retry, started } = makeBench({ ledger: { ...ledger, byRun: late } });
    await assert.rejects(retry(run), new RegExp(`NotRetryable: Run ${run} is already in progress`));
    assert.deepEqual(started, []);
    assert.equal((await ledger.byRun(run))?.execution, 'quicker');
  });

  test('for an attempt that was started before', async () => {
    const { retry } = makeBench({ executions: { start: async () => 'known', arnOf: (name) => name } });
    const { run } = await newRun('FAILED');
    await assert.rejects(retry(run), new RegExp(`NotRetryable: Attempt 2 of run ${run} was started before\\.`));
  });
});

describe('a file that failed because there was no model', () => {
  test('is started without a model, so that it takes the version that is promoted by then', async () => {
    const { retry, started } = makeBench();
    const { run, scene } = await newRun('FAILED', { model: UNASSIGNED });
    await retry(run);
    assert.deepEqual(started, [[`${run}-2`, sceneInput(scene)]]);
  });

  test('is not retried if the file has a run by now', async () => {
    const { retry, started } = makeBench();
    const { run, scene } = await newRun('FAILED', { model: UNASSIGNED });
    const own = (await claim({ scene, execution: 'own' })).row;
    await assert.rejects(retry(run), new RegExp(`NotRetryable: .* now has a run with a model version: ${own.run}\\.$`));
    assert.deepEqual([await ledger.ofScene(scene), started], [[own], []]);
  });
});

test('an error of the ledger is thrown as it is, not as NotRetryable', async () => {
  const trouble = Object.assign(new Error('Slow down.'), { name: 'ThrottlingException' });
  const grantAttempt: Ledger['grantAttempt'] = () => Promise.reject(trouble);
  const { retry } = makeBench({ ledger: { ...ledger, grantAttempt } });
  const { run } = await newRun('FAILED');
  await assert.rejects(retry(run), trouble);
});

describe('the function on the dashboard', () => {
  const invocation = { remainingSeconds: () => 30, signal: new AbortController().signal };
  const lines: Record<string, unknown>[] = [];
  before(() => logTo((line) => lines.push(JSON.parse(line))));

  test('answers in HTML that the run is tried again, and logs the execution', async () => {
    const { step } = makeBench();
    const { run } = await newRun('FAILED');
    assert.match(await step({ run }, invocation), new RegExp(`^<p>Run ${run} is tried again\\. .*</p>$`));
    assert.partialDeepStrictEqual(lines.at(-1), { event: 'retry.done', run, execution: `arn:${run}-2` });
  });

  test('responds with the reason if the run is not retried', async () => {
    const { step } = makeBench();
    const { run } = await newRun('DUPLICATE', { duplicateOf: '<b>' });
    const answer = await step({ run }, invocation);
    assert.match(
      answer,
      /^<p><strong>It is not tried again\.<\/strong> Run \w+ is DUPLICATE: .* run &lt;b&gt;\.<\/p>$/,
    );
    assert.match(String(lines.at(-1)?.['refused']), /is DUPLICATE/);
  });

  for (const message of [{}, { run: 'a' }, { run: `${'a'.repeat(32)}"` }, null])
    test(`rejects the message ${JSON.stringify(message)}`, async () => {
      await assert.rejects(makeBench().step(message, invocation), { name: 'InvalidMessage' });
    });
});

type Attributes = { model?: ModelRef; attemptLimit?: number; duplicateOf?: string };

function claim({
  scene,
  execution,
  model: of = model,
  attemptLimit = 3,
}: Attributes & { scene: SceneRef; execution: string }) {
  return ledger.claim({ scene, model: of, execution, now, leaseSeconds: 60, attemptLimit });
}

/** A run that its first execution brought into a state. */
async function newRun(state: State, { duplicateOf, ...attributes }: Attributes = {}): Promise<LedgerRow> {
  const scene = newScene();
  const { row } = await claim({ scene, execution: 'first', ...attributes });
  return ledger.advance(row, state, now, { ...(duplicateOf !== undefined && { duplicateOf }) });
}

function makeBench(others: Partial<RetryPorts> = {}) {
  const started: [name: string, input: unknown][] = [];
  const executions: RetryPorts['executions'] = {
    start: async (name, input) => {
      started.push([name, input]);
      return 'started';
    },
    arnOf: (name) => `arn:${name}`,
  };
  const ports = { ledger, executions, now: () => now, ...others };
  return { retry: makeRetry(ports), step: retryStep(ports), started };
}
