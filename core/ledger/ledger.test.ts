import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { storedCounts } from '../../test/benches/summaries.ts';
import { startTestTables } from '../../test/benches/tables.ts';
import { through } from '../../test/benches/through.ts';
import { ClaimLost } from '../base/errors.ts';
import { runId, type SceneRef } from '../base/messages.ts';
import { namedIn } from '../tasks/registry.ts';
import type { ClaimRequest } from './contract.ts';
import { makeLedger } from './ledger.ts';
import { storedDrift } from './ledgerItem.ts';
import { hasFailedForGood } from './ledgerRow.ts';
import { RUNNING, SETTLED, STATES } from './states.ts';

/** Who may work at a run, and how far it has come: on real tables, with a clock of the test's own. */

const tables = await startTestTables();
const ledger = makeLedger(tables, LEDGER_TABLE);

const model = { name: 'baseline', version: '1.0.0' };
const fixed = { day: '2026-02-28', chipsPerPart: 512 };
const error = { name: 'Error', message: 'it broke', step: 'Infer', attempt: 1, at: '2026-03-01T10:00:09.000Z' };

describe('a claim', () => {
  test('of a new run writes all that is known of it', async () => {
    const scene = newScene();
    const { held, row } = await claim(scene);
    assert.equal(held, true);
    const now = '2026-03-01T10:00:00.000Z';
    const times = { changed: now, claimedAt: now, lease: '2026-03-01T10:01:00.000Z' };
    const attempt = { execution: 'first', attempt: 1, attemptLimit: 3 };
    assert.deepEqual(row, { run: runId(scene, model), scene, model, state: 'CLAIMED', ...times, ...attempt, ...fixed });
    assert.deepEqual(await ledger.get(scene, model), row);
  });

  test('of a run that another execution holds is refused, and changes nothing', async () => {
    const scene = newScene();
    const { row } = await claim(scene);
    assert.deepEqual(await claim(scene, { execution: 'second', now: at('10:00:30') }), { held: false, row });
    assert.deepEqual(await ledger.get(scene, model), row);
  });

  test('by twenty executions at once is granted to one', async () => {
    const scene = newScene();
    const claims = await Promise.all(Array.from({ length: 20 }, (_, i) => claim(scene, { execution: `${i}` })));
    const [winner, ...others] = claims.filter(({ held }) => held);
    assert.equal(others.length, 0);
    assert.deepEqual(await ledger.get(scene, model), winner?.row);
  });

  for (const state of RUNNING)
    test(`by the execution that holds the run already, ${state}, only renews its lease`, async () => {
      const scene = newScene();
      const { row } = await claim(scene);
      const before = await ledger.advance(row, state, at('10:00:10'));
      const again = await claim(scene, { now: at('10:00:30') });
      assert.deepEqual(again, { held: true, row: { ...before, lease: '2026-03-01T10:01:30.000Z' } });
    });

  for (const [when, held] of [
    ['10:01:00.000', false],
    ['10:01:00.001', true],
  ] as const)
    test(`at ${when} of a lease until 10:01:00 is ${held ? 'let in' : 'refused'}`, async () => {
      const scene = newScene();
      await claim(scene);
      const second = await claim(scene, { execution: 'second', now: at(when) });
      assert.equal(second.held, held);
      assert.equal(second.row.attempt, held ? 2 : 1);
      assert.equal(second.row.execution, held ? 'second' : 'first');
    });

  test('after an expired lease is refused if no attempt is left', async () => {
    const scene = newScene();
    await claim(scene, { attemptLimit: 1 });
    assert.equal((await claim(scene, { execution: 'second', now: at('11:00:00') })).held, false);
  });

  test('of a failed run starts its next attempt, without the results of the attempt before', async () => {
    const scene = newScene();
    const first = await claim(scene);
    const prepared = { size: 9, digest: 'd', chips: 2, blank: 1, parts: 1, preparedAt: error.at };
    const predicted = { ...storedCounts([1], { probabilitySum: 1 }), bands: 'b' };
    const judged = { drift: null, duplicateOf: 'r' };
    const found = { ...prepared, ...predicted, ...judged, milliseconds: { preprocess: 1 } };
    const row = await ledger.advance(first.row, 'PREDICTED', at('10:00:05'), found);
    assert.deepEqual({ ...row, ...found }, row);
    await ledger.fail(row, 'FAILED', error, at('10:00:09'));
    const second = await claim(scene, { execution: 'second' });
    const { failures, ...begun } = second.row;
    assert.deepEqual(begun, { ...first.row, execution: 'second', attempt: 2 });
    assert.equal(failures?.length, 1, 'but that it has failed');
  });

  test('of a failed run is refused once the attempts of its first claim are used up', async () => {
    const scene = newScene();
    const first = await claim(scene, { attemptLimit: 2 });
    await ledger.fail(first.row, 'FAILED', error, at('10:00:09'));
    const second = await claim(scene, { execution: 'second', attemptLimit: 9 });
    assert.equal(second.held, true);
    const failed = await ledger.fail(second.row, 'FAILED', error, at('10:00:20'));
    assert.deepEqual(await claim(scene, { execution: 'third', attemptLimit: 9 }), { held: false, row: failed });
  });

  for (const state of SETTLED.filter((one) => one !== 'FAILED'))
    test(`of a run that is ${state} is refused, however late`, async () => {
      const scene = newScene();
      const settled = await ledger.advance((await claim(scene)).row, state, at('10:00:05'));
      const late = await claim(scene, { execution: 'second', now: at('23:00:00') });
      assert.deepEqual(late, { held: false, row: settled });
      assert.equal((await claim(scene, { now: at('23:00:00') })).held, false, 'not even by the same execution');
    });

  for (const [what, left] of [
    ['that it was a duplicate once', { heir: true }],
    ['the name of a file that had changed', { error: { ...error, name: 'SceneFileChanged' } }],
  ] as const)
    test(`of a run that is done is refused, whatever its row still contains: ${what}`, async () => {
      const scene = newScene();
      const { row } = await claim(scene);
      const done = await ledger.advance(row, 'DONE', at('10:00:05'), left);
      assert.deepEqual(await claim(scene, { execution: 'second' }), { held: false, row: done });
    });

  test('of a run whose row disappears in the meantime fails with ClaimLost', async () => {
    const scene = newScene();
    await claim(scene);
    const vanishing = through(tables, async ({ command, answer }) => (command === 'Get' ? {} : answer()));
    const request = { scene, model, execution: 'second', now: at('10:00:01'), leaseSeconds: 60, attemptLimit: 3 };
    const message = `The run ${runId(scene, model)} vanished from the ledger while it was being claimed.`;
    await assert.rejects(makeLedger(vanishing, LEDGER_TABLE).claim(request), { name: 'ClaimLost', message });
  });

  test('fixes day and chips per part once: a retry after midnight writes the same keys', async () => {
    const scene = newScene();
    const { row } = await claim(scene);
    await ledger.fail(row, 'FAILED', error, at('10:00:09'));
    const retry = await claim(scene, { execution: 'second', fixed: { day: '2026-03-02', chipsPerPart: 8 } });
    assert.deepEqual([retry.row.day, retry.row.chipsPerPart], [fixed.day, fixed.chipsPerPart]);
  });

  test('without a day leaves the day to the next claim', async () => {
    const scene = newScene();
    const request = { scene, model, execution: 'first', now: at('10:00:00'), leaseSeconds: 0, attemptLimit: 3 };
    const { row } = await ledger.claim(request);
    assert.deepEqual([row.day, row.chipsPerPart], [undefined, undefined]);
    const next = await claim(scene, { execution: 'second', now: at('10:00:01') });
    assert.deepEqual([next.row.day, next.row.chipsPerPart], [fixed.day, fixed.chipsPerPart]);
  });
});

describe('a held run', () => {
  for (const from of STATES)
    test(`that is ${from} moves only forward`, async () => {
      for (const to of STATES) {
        const { row } = await claim(newScene());
        await ledger.advance(row, from, at('10:00:01'));
        const isRunningOn =
          RUNNING.some((state) => state === from) &&
          STATES.indexOf(to) >= STATES.indexOf(from) &&
          (to !== 'DUPLICATE' || from === 'CLAIMED'); // what is prepared owns its bytes
        const step = ledger.advance(row, to, at('10:00:02'), { chips: 7 });
        if (!isRunningOn && to !== from) await assert.rejects(step, ClaimLost);
        else assert.deepEqual(pick(await step), { state: to, changed: '2026-03-01T10:00:02.000Z', chips: 7 });
      }
    });

  test('is not moved by a step that has been repeated in the meantime', async () => {
    const { row } = await claim(newScene());
    const seen = await ledger.advance(row, 'PREDICTED', at('10:00:01'));
    const repeated = await ledger.advance(row, 'PREDICTED', at('10:00:05'));
    await assert.rejects(ledger.advance(row, 'DONE', at('10:00:02'), {}, seen), ClaimLost);
    assert.equal((await ledger.advance(row, 'DONE', at('10:00:06'), {}, repeated)).state, 'DONE');
  });

  test('has no lease once it is settled', async () => {
    const { row } = await claim(newScene());
    assert.ok(row.lease);
    assert.equal((await ledger.advance(row, 'DONE', at('10:00:01'))).lease, undefined);
  });

  test('that was taken over cannot be written by its former holder', async () => {
    const scene = newScene();
    const { row: late } = await claim(scene);
    const { row: now } = await claim(scene, { execution: 'second', now: at('10:02:00') });
    const message = `Attempt 1 no longer holds the run ${late.run}; another execution has it.`;
    const lost = { name: 'ClaimLost', message };
    await assert.rejects(ledger.advance(late, 'DONE', at('10:02:01')), lost);
    await assert.rejects(ledger.renew(late, at('10:02:01'), 60), lost);
    await assert.rejects(ledger.fail(late, 'FAILED', error, at('10:02:01')), lost);
    await assert.rejects(ledger.advance({ ...late, attempt: 2 }, 'DONE', at('10:02:01')), ClaimLost);
    await assert.rejects(ledger.advance({ ...late, execution: 'second' }, 'DONE', at('10:02:01')), ClaimLost);
    assert.deepEqual(await ledger.get(scene, model), now);
  });

  test('keeps its lease alive', async () => {
    const { row } = await claim(newScene());
    assert.equal((await ledger.renew(row, at('10:00:50'), 60)).lease, '2026-03-01T10:01:50.000Z');
  });

  test('keeps the order of its classes, and numbers that are too small for a table', async () => {
    const { row } = await claim(newScene());
    const counted = storedCounts([0, 1, 2], { names: ['zebra', 'antelope', 'lion'] });
    const chiSquare = { statistic: null, degreesOfFreedom: 2, pValue: 1e-300 };
    const scores = { jensenShannon: 0.8325546111576977, chiSquare, psi: 12.5, noiseFloor: 0.04 };
    const drift = { ...scores, n: 3, verdict: 'drift' } as const;
    const done = await ledger.advance(row, 'DONE', at('10:00:01'), { ...counted, drift: storedDrift(drift) });
    assert.deepEqual([done.summary, done.drift], [counted.summary, drift]);
    assert.deepEqual(
      namedIn(done),
      ['zebra', 'antelope', 'lion'].map((name, count) => ({ name, count })),
    );
    const other = await claim(newScene());
    assert.equal((await ledger.advance(other.row, 'DONE', at('10:00:01'), { drift: storedDrift(null) })).drift, null);
  });
});

describe('a duplicate', () => {
  test('can be claimed again by one execution after its owner failed, with as many attempts left as before', async () => {
    const scene = newScene();
    const { row } = await claim(scene);
    const duplicate = await ledger.advance(row, 'DUPLICATE', at('10:00:01'), { duplicateOf: 'r' });
    assert.equal((await claim(scene, { execution: 'second' })).held, false);
    const heir = await ledger.letTakeOver(duplicate);
    await ledger.letTakeOver(heir);
    const attemptLimit = duplicate.attemptLimit + 1;
    assert.deepEqual(await ledger.get(scene, model), { ...duplicate, heir: true, attemptLimit });
    const next = await claim(scene, { execution: 'second' });
    assert.deepEqual([next.held, next.row.heir, next.row.attempt], [true, undefined, 2]);
    assert.equal((await claim(scene, { execution: 'third' })).held, false);
    await assert.rejects(ledger.letTakeOver(duplicate), ClaimLost);
  });
});

describe('a failure', () => {
  for (const state of ['FAILED', 'INVALID'] as const)
    test(`as ${state} is kept, with the time that it took`, async () => {
      const { row } = await claim(newScene());
      const prepared = await ledger.advance(row, 'PREPARED', at('10:00:03'), { milliseconds: { preprocess: 3000 } });
      const failed = await ledger.fail(prepared, state, error, at('10:00:09'));
      const { lease } = failed;
      assert.deepEqual([failed.state, failed.error, lease], [state, { ...error, execution: 'first' }, undefined]);
      assert.deepEqual(failed.milliseconds, { preprocess: 3000, total: 9000 });
      assert.deepEqual(await ledger.fail(prepared, state, error, at('10:00:09')), failed, 'and may be written again');
    });

  test('has taken no time, and not less, where the clock was set back meanwhile', async () => {
    const { row } = await claim(newScene());
    const failed = await ledger.fail(row, 'FAILED', error, new Date(Date.parse(row.claimedAt) - 60_000));
    assert.equal(failed.milliseconds?.total, 0);
  });

  for (const { name, attempts, title } of [
    { name: 'Error', attempts: 3, title: 'costs an attempt' },
    { name: 'Interrupted', attempts: Number.POSITIVE_INFINITY, title: 'costs none' },
  ])
    test(`called ${name} ${title}`, async () => {
      const scene = newScene();
      for (let attempt = 1; attempt <= 6; attempt += 1) {
        const { held, row } = await claim(scene, { execution: `${attempt}` });
        assert.equal(held, attempt <= attempts, `attempt ${attempt}`);
        if (!held) break;
        await ledger.fail(row, 'FAILED', { ...error, name }, at('10:00:09'));
      }
    });

  describe('of a missing file', () => {
    const notFound = { ...error, name: 'ObjectNotFound', step: 'Preprocess' };
    const changed = { ...error, name: 'SceneFileChanged' };

    /** A run whose attempts are used up. */
    async function usedUp(failure: typeof error) {
      const scene = newScene();
      for (let attempt = 1; attempt <= 4; attempt += 1) {
        const now = at('10:00:00');
        const request = { scene, model, execution: `${attempt}`, now, leaseSeconds: 0, attemptLimit: 3 };
        const { held, row } = await ledger.claim(request); // by one who has not opened it
        if (!held) return row;
        await ledger.fail(row, 'FAILED', failure, at('10:00:09'));
      }
      return assert.fail('its attempts have no end');
    }

    for (const { failure, attempts } of [
      { failure: notFound, attempts: 3 },
      { failure: changed, attempts: 1 },
    ])
      test(`called ${failure.name} uses up ${attempts}; an execution that has opened the file can still claim it`, async () => {
        const failed = await usedUp(failure);
        assert.deepEqual([failed.state, failed.attempt, failed.attemptLimit], ['FAILED', attempts, attempts]);
        const { held, row } = await claim(failed.scene, { execution: 'its event' });
        assert.equal(held, true);
        assert.deepEqual([row.attempt, row.attemptLimit, row.error], [attempts + 1, attempts + 3, undefined]);
        assert.deepEqual([row.state, row.execution, row.day], ['CLAIMED', 'its event', fixed.day]);
        const stopped = await ledger.fail(row, 'FAILED', { ...error, name: 'Interrupted' }, at('10:00:20'));
        assert.deepEqual([stopped.attempt, stopped.attemptLimit], [attempts + 1, attempts + 4], 'which costs none');
      });

    test('can be claimed by one of twenty executions that have opened it', async () => {
      const { scene, attempt } = await usedUp(notFound);
      const claims = await Promise.all(Array.from({ length: 20 }, (_, i) => claim(scene, { execution: `by ${i}` })));
      const [winner, ...others] = claims.filter(({ held }) => held);
      assert.equal(others.length, 0);
      assert.deepEqual([winner?.row.attempt, await ledger.get(scene, model)], [attempt + 1, winner?.row]);
    });

    for (const { what, failure } of [
      { what: 'a prepared part or the model', failure: { ...notFound, step: 'Infer' } },
      { what: 'nothing', failure: { ...error, step: 'Preprocess' } },
    ])
      test(`was not the cause where ${what} was missing: the run cannot be claimed again`, async () => {
        const failed = await usedUp(failure);
        assert.deepEqual(await claim(failed.scene, { execution: 'its event' }), { held: false, row: failed });
      });
  });

  test('keeps the errors of earlier attempts, also after the run is done', async () => {
    const scene = newScene();
    for (let attempt = 1; attempt <= 12; attempt += 1) {
      const { row } = await claim(scene, { execution: `${attempt}`, attemptLimit: 20 });
      const message = `${attempt} ${'x'.repeat(2000)}`;
      const failed = await ledger.fail(row, 'FAILED', { ...error, message }, at('10:00:09'));
      assert.deepEqual([failed.error?.message, failed.error?.execution], [message, `${attempt}`]);
    }
    const { row } = await claim(scene, { execution: 'last' });
    const { failures = [], error: last } = await ledger.advance(row, 'DONE', at('10:00:10'));
    assert.equal(last, undefined);
    assert.equal(failures.map(({ attempt }) => attempt).join(), '3,4,5,6,7,8,9,10,11,12');
    assert.ok(failures.every(({ attempt, execution }) => execution === `${attempt}`));
    assert.ok(failures.every(({ message }) => message.length === 1000));
  });

  test('is shortened without half a surrogate pair at its end, which a table would refuse', async () => {
    const { row } = await claim(newScene());
    const long = { ...error, message: `${'x'.repeat(999)}😀` };
    const { failures = [] } = await ledger.fail(row, 'FAILED', long, at('10:00:09'));
    assert.equal(failures.map(({ message }) => message).join(), `${'x'.repeat(999)}\ufffd`);
  });

  test('is final if no attempt is left', () => {
    const good = (state: (typeof STATES)[number], attempt: number) =>
      hasFailedForGood({ state, attempt, attemptLimit: 3 } as Parameters<typeof hasFailedForGood>[0]);
    assert.deepEqual([good('FAILED', 2), good('FAILED', 3), good('FAILED', 4)], [false, true, true]);
    assert.deepEqual([good('DONE', 3), good('CLAIMED', 3)], [false, false]);
  });

  test('with no attempt left gets exactly one more when it is granted', async () => {
    const scene = newScene();
    const { row } = await claim(scene, { attemptLimit: 1 });
    const failed = await ledger.fail(row, 'FAILED', error, at('10:00:09'));
    await ledger.grantAttempt(failed, at('10:00:10'));
    const { attemptLimit } = await ledger.grantAttempt(failed, at('10:00:10'));
    assert.equal(attemptLimit, 2, 'one, however often it is asked for');
    const second = await claim(scene, { execution: 'second' });
    assert.equal(second.held, true);
    await assert.rejects(ledger.grantAttempt(failed, at('10:00:10')), ClaimLost);
    await assert.rejects(ledger.grantAttempt(second.row, at('10:00:10')), ClaimLost);
  });

  test('with attempts left gets none, or only the missing ones', async () => {
    const { row } = await claim(newScene());
    const failed = await ledger.fail(row, 'FAILED', error, at('10:00:09'));
    assert.equal((await ledger.grantAttempt(failed, at('10:00:10'))).attemptLimit, 3);
    assert.equal((await ledger.grantAttempt(failed, at('10:00:10'), 3)).attemptLimit, 4);
  });
});

function claim(scene: SceneRef, more: Partial<ClaimRequest> = {}) {
  const request = { scene, model, execution: 'first', now: at('10:00:00'), leaseSeconds: 60, attemptLimit: 3, fixed };
  return ledger.claim({ ...request, ...more });
}

function newScene(): SceneRef {
  return { bucket: 'inbox', key: `north/${crypto.randomUUID()}`, versionId: 'v1' };
}

function at(time: string): Date {
  return new Date(`2026-03-01T${time}Z`);
}

function pick({ state, changed, chips }: { state: string; changed: string; chips?: number | undefined }) {
  return { state, changed, chips };
}
