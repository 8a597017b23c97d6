import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ExecutionStatus } from '../../core/base/executions.ts';
import { UNASSIGNED } from '../../core/base/messages.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { State } from '../../core/ledger/states.ts';
import { rowIn } from '../../test/benches/ledgerRows.ts';
import { type Followed, followRun, NoRun } from './follow.ts';

const scene = { bucket: 'inbox', key: 'a', versionId: '1' };
const model = { name: 'baseline', version: '1.0.0' };
const MINUTE = 60_000;

/** What the ledger says of the scene from when on, in milliseconds; and each execution, likewise. */
type Story = { rows?: Record<number, LedgerRow[]>; executions?: Record<string, Record<number, ExecutionStatus>> };

/** Follows a run through a story whose time goes by when somebody waits. */
function follow({ rows = {}, executions = {} }: Story, what: Parameters<typeof followRun>[2] = {}) {
  let time = 0;
  let looks = 0;
  const at = <Value>(story: Record<number, Value>) =>
    Object.entries(story).findLast(([from]) => Number(from) <= time)?.[1];
  const service: Followed = {
    ledger: {
      ofScene: async () => {
        looks += 1;
        return at(rows) ?? [];
      },
    },
    executions: { describe: async (name) => at(executions[name] ?? {}) ?? { status: 'UNKNOWN' } },
  };
  const ports = {
    now: () => time,
    wait: async (milliseconds: number) => {
      assert.ok(milliseconds > 0);
      time += milliseconds;
      assert.ok(time < 60 * MINUTE, 'it goes on for ever');
    },
  };
  return { ended: followRun(service, scene, what, ports), time: () => time, looks: () => looks };
}

const row = (state: State, more: Partial<LedgerRow> = {}): LedgerRow =>
  rowIn(state, { scene, model, execution: 'first', ...more });

const RUNNING: ExecutionStatus = { status: 'RUNNING' };
const OVER: ExecutionStatus = { status: 'FAILED', error: 'NotSettled' };

describe('a run is followed', () => {
  test('from before its event to its end', async () => {
    const done = row('DONE');
    const { ended, time, looks } = follow({
      rows: { 70000: [row('CLAIMED')], 80000: [row('PREDICTED')], 90000: [done] },
      executions: { first: { 0: RUNNING } },
    });
    assert.equal(await ended, done);
    assert.ok(time() >= 90_000 && time() < 92_000);
    assert.ok(looks() < 120, `the ledger was asked ${looks()} times`);
  });

  test('of the version that is meant, among those of others', async () => {
    const other = row('DONE', { model: { ...model, version: '0.9.0' }, changed: '2026-03-02T10:00:00.000Z' });
    const { ended } = follow(
      { rows: { 0: [other], 5000: [other, row('EMPTY')] }, executions: { mine: { 0: RUNNING } } },
      { model, execution: 'first' },
    );
    assert.equal((await ended).state, 'EMPTY');
  });

  test('of any version of the model that is meant, whichever was live, past other models and shadows', async () => {
    const others = [
      row('DONE', { model: { ...model, name: 'beside' }, changed: '2026-03-02T10:00:00.000Z' }),
      row('DONE', { model: { ...model, version: '1.1.0' }, shadow: true, changed: '2026-03-02T11:00:00.000Z' }),
    ];
    const { ended } = follow(
      { rows: { 0: others, 3000: [...others, row('PREPARED')], 5000: [...others, row('EMPTY')] } },
      { model: { name: model.name } },
    );
    assert.equal((await ended).state, 'EMPTY');
  });

  test('that no model has, as none was live when the event came', async () => {
    const { ended } = follow({ rows: { 0: [row('FAILED', { model: UNASSIGNED })] } }, { model: { name: model.name } });
    assert.deepEqual((await ended).model, UNASSIGNED);
  });

  test('past the end that it had come to before its new attempt', async () => {
    const anew = { execution: 'second', attempt: 2 };
    const { ended } = follow(
      {
        rows: { 0: [row('FAILED')], 3000: [row('CLAIMED', anew)], 6000: [row('DONE', anew)] },
        executions: { second: { 0: RUNNING } },
      },
      { model, execution: 'second' },
    );
    assert.equal((await ended).attempt, 2);
  });

  test('although another execution than the one that was started has it', async () => {
    const { ended } = follow(
      {
        rows: { 0: [row('CLAIMED')], 4000: [row('DONE')] },
        executions: { first: { 0: RUNNING }, mine: { 0: RUNNING, 100: { status: 'SUCCEEDED' } } },
      },
      { model, execution: 'mine' },
    );
    assert.equal((await ended).execution, 'first');
  });
});

describe('nothing comes', () => {
  test('of an event that is not delivered within five minutes', async () => {
    const { ended, time } = follow({});
    await assert.rejects(ended, new NoRun('no run of it has begun within 5 minutes: no event came of it.'));
    assert.ok(time() >= 5 * MINUTE && time() < 5.1 * MINUTE);
  });

  test('of an execution that ended without a row', async () => {
    const { ended, time } = follow({ executions: { mine: { 0: OVER } } }, { model, execution: 'mine' });
    await assert.rejects(ended, {
      name: 'NoRun',
      message: /^its execution has ended without recording a result in the ledger\.$/,
    });
    assert.ok(time() < 15_000);
  });

  test('of one that died in the middle', async () => {
    const { ended } = follow({ rows: { 0: [row('PREPARED')] }, executions: { first: { 0: RUNNING, 30000: OVER } } });
    await assert.rejects(ended, { name: 'NoRun', message: /where run feed is PREPARED\.$/ });
  });

  test('but its last word counts, where the execution ends between two looks', async () => {
    const { ended } = follow({
      rows: { 0: [row('PREDICTED')], 10000: [row('DONE')] },
      executions: { first: { 0: RUNNING, 9990: { status: 'SUCCEEDED' } } },
    });
    assert.equal((await ended).state, 'DONE');
  });
});
