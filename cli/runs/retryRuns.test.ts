import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { NoModelPromoted } from '../../core/base/errors.ts';
import type { ExecutionStatus } from '../../core/base/executions.ts';
import { type ModelRef, type SceneRef, UNASSIGNED } from '../../core/base/messages.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { State } from '../../core/ledger/states.ts';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { startTestTables } from '../../test/benches/tablesInMemory.ts';
import {
  announced,
  chooseFailed,
  chosenByName,
  type Failed,
  type RetriedService,
  type Tried,
  tryAll,
} from './retry.ts';

/** Many failed runs, on a real ledger; an execution ends as the test says, when somebody has waited for it. */

const table = await startTestTables();
const ledger = makeLedger(table, LEDGER_TABLE);
const model = { name: 'baseline', version: '1.0.0' };
const BEGUN = Date.parse('2026-03-01T10:00:00Z');
const all: Failed = { limit: Number.POSITIVE_INFINITY };
/** Each test has a minute of its own, and asks for what failed since it began. */
let minute = 0;
const at = (second = 0) => new Date(BEGUN + minute * 60_000 + second * 1000);

describe('runs that are tried again', () => {
  beforeEach(() => {
    minute += 1;
  });

  async function newRun(
    state: State,
    { name = 'Trouble', second = 0, of = model as ModelRef } = {},
  ): Promise<LedgerRow> {
    const scene = { bucket: 'inbox', key: crypto.randomUUID(), versionId: 'v1' };
    const { row } = await claim(scene, of, 'first', second);
    return end(row, state, name, second);
  }

  function claim(scene: SceneRef, of: ModelRef, execution: string, second = 0) {
    return ledger.claim({ scene, model: of, execution, now: at(second), leaseSeconds: 60, attemptLimit: 1 });
  }

  function end(row: LedgerRow, state: State, name = 'Trouble', second = 0): Promise<LedgerRow> {
    const error = { name, message: 'so it was', step: 'Infer', attempt: row.attempt, at: at(second).toISOString() };
    return state === 'FAILED' || state === 'INVALID'
      ? ledger.fail(row, state, error, at(second))
      : ledger.advance(row, state, at(second));
  }

  /** A service whose executions do what `work` says a while after they began. */
  function makeBench(work: (row: LedgerRow) => Promise<unknown>) {
    const executions = new Map<string, { status: ExecutionStatus; row: LedgerRow }>();
    const stopping = new AbortController();
    const told: Tried[] = [];
    const seen = { most: 0 };
    const worked = new Set<unknown>();
    const running = () => [...executions.values()].filter(({ status }) => status.status === 'RUNNING');
    const service: RetriedService = {
      ledger,
      now: () => at(20),
      onTheirWay: async () => running().length,
      executions: {
        start: async (name, input) => {
          if (executions.has(name)) return 'known';
          const { object, bucket } = (input as { detail: { bucket: { name: string }; object: Record<string, string> } })
            .detail;
          const scene = { bucket: bucket.name, key: object['key']!, versionId: object['version-id']! };
          const [row] = await ledger.ofScene(scene);
          executions.set(name, { status: { status: 'RUNNING' }, row: { ...row!, execution: `arn:${name}` } });
          seen.most = Math.max(seen.most, running().length);
          return 'started';
        },
        describe: async (arn) => executions.get(arn.replace('arn:', ''))?.status ?? { status: 'UNKNOWN' },
        arnOf: (name) => `arn:${name}`,
      },
    };
    const wait = async () => {
      stopping.signal.throwIfAborted();
      for (const one of running()) {
        if (worked.has(one)) continue;
        worked.add(one);
        await work(one.row);
        one.status = { status: 'SUCCEEDED' };
      }
    };
    const run = (chosen: Parameters<typeof tryAll>[1], pace: Partial<Parameters<typeof tryAll>[2]> = {}) =>
      tryAll(
        service,
        chosen,
        { atOnce: 4, follow: true, dryRun: false, ...pace },
        { wait, stopped: stopping.signal, tell: (tried) => told.push(tried) },
      );
    return { run, told, service, stopping, executions, seen };
  }

  /** The next attempt of a run, which ends so. */
  const endsAs =
    (state: State, name?: string) =>
    async ({ scene, model: of, execution }: LedgerRow) => {
      const { row, held } = await claim(scene, of, execution, 30);
      assert.ok(held);
      return end(row, state, name, 30);
    };

  const outcomes = (told: Tried[]) => told.map(({ outcome, row }) => `${outcome} ${row.state}`).sort();

  describe('the runs that are meant', () => {
    test('are those that failed since the given time, the oldest first, with their errors', async () => {
      await newRun('FAILED', { second: -3600 });
      const rows = [
        await newRun('FAILED', { second: 2 }),
        await newRun('FAILED', { second: 1, name: 'Other' }),
        await newRun('FAILED', { second: 3 }),
      ];
      await newRun('INVALID');
      const chosen = await chooseFailed(ledger, { ...all, since: at() });
      assert.equal(chosen.count, 3);
      assert.deepEqual(
        [...chosen.errors],
        [
          ['Other in Infer', 1],
          ['Trouble in Infer', 2],
        ],
      );
      const found = await listed(chosen.rows());
      assert.deepEqual(
        found.map(({ run }) => run),
        [rows[1], rows[0], rows[2]].map((row) => row!.run),
      );
    });

    test('may be those of one error, in whichever case, and the first few of them', async () => {
      for (const name of ['Slow', 'Gone', 'Slow', 'Slow']) await newRun('FAILED', { name });
      const chosen = await chooseFailed(ledger, { since: at(), error: 'slow', limit: 2 });
      assert.equal(chosen.count, 2);
      const found = await listed(chosen.rows());
      assert.deepEqual(
        found.map(({ error }) => error?.name),
        ['Slow', 'Slow'],
      );
      const none = await chooseFailed(ledger, { ...all, since: at(), error: 'Fast' });
      assert.equal(
        announced(none, { dryRun: false, since: '1h', error: 'Fast' }),
        'No run is FAILED with the error Fast since 1h. "swath runs --state FAILED" lists them.',
      );
    });

    test('are read page by page, however many there are', async () => {
      const pages: number[] = [];
      const row = await newRun('FAILED');
      const byState: typeof ledger.byState = async (_state, { limit = 0, cursor } = {}) => {
        const page = Number(cursor?.['page'] ?? 0);
        pages.push(limit);
        return {
          rows: Array.from({ length: limit }, () => row),
          cursor: page === 499 ? undefined : { page: page + 1 },
        };
      };
      const chosen = await chooseFailed({ byState }, all);
      assert.equal(chosen.count, 500 * pages[0]!);
      assert.ok(pages[0]! <= 1000);
      const [first] = await listed(take(chosen.rows(), 1));
      assert.equal(first?.run, row.run);
      assert.equal(pages.length, 501, 'a page is asked for when its rows are');
    });

    test('with many kinds of errors are summarised by the most frequent ones', async () => {
      const row = await newRun('FAILED');
      const rows = Array.from({ length: 1000 }, (_, i) => ({ ...row, error: { ...row.error!, name: `Error${i}` } }));
      const { errors } = chosenByName(rows);
      assert.ok(errors.size <= 21);
      assert.equal(
        [...errors.values()].reduce((sum, times) => sum + times, 0),
        1000,
      );
    });
  });

  describe('each is retried once', () => {
    test('and followed to its end, those of which all attempts were used up, too', async () => {
      for (let i = 0; i < 10; i += 1) await newRun('FAILED', { second: i });
      const { run, told, seen } = makeBench(endsAs('DONE'));
      await run(await chooseFailed(ledger, { ...all, since: at() }));
      assert.deepEqual(outcomes(told), Array(10).fill('ended DONE'));
      assert.ok(told.every(({ row }) => row.attempt === 2));
      assert.ok(seen.most > 1 && seen.most <= 4, `${seen.most} were on their way at once`);
    });

    test('and no more than once, though it fails again while others are tried', async () => {
      for (let i = 0; i < 10; i += 1) await newRun('FAILED', { second: i });
      const { run, told, executions } = makeBench(endsAs('FAILED', 'Again'));
      await run(await chooseFailed(ledger, { ...all, since: at() }), { atOnce: 2 });
      assert.deepEqual(outcomes(told), Array(10).fill('ended FAILED'));
      assert.ok(told.every(({ row }) => row.attempt === 2 && row.error?.name === 'Again'));
      assert.equal(executions.size, 10);
    });

    test('when there is room beside what others have on their way', async () => {
      const { run, told, service, executions } = makeBench(endsAs('DONE'));
      const others = [50, 60, 49];
      service.onTheirWay = async () => {
        assert.equal(executions.size, 0, 'nothing is started as long as there is no room');
        return others.shift() ?? assert.fail('it is asked again when the room is taken');
      };
      await run(chosenByName([await newRun('FAILED')]), { atOnce: 50 });
      assert.deepEqual([outcomes(told), others], [['ended DONE'], []]);
    });

    test('unless another process retried it meanwhile, which is reported and is no error', async () => {
      const rows = [await newRun('FAILED'), await newRun('FAILED', { second: 1 })];
      const chosen = await chooseFailed(ledger, { ...all, since: at() });
      await ledger.grantAttempt(rows[0]!, at());
      await claim(rows[0]!.scene, model, 'quicker', 2);
      const { run, told } = makeBench(endsAs('DONE'));
      await run({ rows: () => rows });
      assert.equal(chosen.count, 2);
      assert.deepEqual(outcomes(told), ['ended DONE', 'not tried FAILED']);
      assert.match(
        told.find(({ outcome }) => outcome === 'not tried')?.why ?? '',
        /is CLAIMED: it is still running\.$/,
      );
    });

    test('and one whose execution ends without a result is reported as lost', async () => {
      const row = await newRun('FAILED');
      const { run, told } = makeBench(async () => {});
      await run(chosenByName([row]));
      assert.deepEqual(outcomes(told), ['lost FAILED']);
      assert.match(told[0]!.why ?? '', /has ended without recording a result/);
    });

    test('without waiting, if --no-follow is given; or not at all, with --dry-run', async () => {
      const rows = [await newRun('FAILED'), await newRun('FAILED')];
      const bench = makeBench(endsAs('DONE'));
      await bench.run(chosenByName(rows), { dryRun: true });
      assert.deepEqual([outcomes(bench.told), bench.executions.size], [['to try FAILED', 'to try FAILED'], 0]);
      await bench.run(chosenByName(rows), { follow: false });
      assert.deepEqual(
        [outcomes(bench.told.slice(2)), bench.executions.size],
        [['started FAILED', 'started FAILED'], 2],
      );
    });

    test('and a file that failed for want of a model has a run of the one that is promoted by now', async () => {
      const row = await newRun('FAILED', { of: UNASSIGNED, name: NoModelPromoted.name });
      const { run, told } = makeBench(async ({ scene, execution }) => {
        await end((await claim(scene, model, execution, 30)).row, 'DONE', '', 30);
      });
      await run(chosenByName([row]));
      assert.deepEqual(outcomes(told), ['ended DONE']);
      assert.deepEqual(
        (await ledger.ofScene(row.scene)).map((one) => [one.model, one.state]),
        [[model, 'DONE']],
      );
    });
  });

  describe('it ends early', () => {
    test('when it is stopped: no other run is started, and started runs go on', async () => {
      for (let i = 0; i < 10; i += 1) await newRun('FAILED', { second: i });
      const { run, stopping, executions } = makeBench(async (row) => {
        stopping.abort();
        return endsAs('DONE')(row);
      });
      await assert.rejects(run(await chooseFailed(ledger, { ...all, since: at() })), { name: 'AbortError' });
      assert.ok(executions.size <= 4, `${executions.size} were started`);
      const left = await chooseFailed(ledger, { ...all, since: at() });
      assert.equal(left.count + executions.size >= 10, true, 'the others are FAILED as they were');
    });

    test('with trouble, which is thrown when nothing is under way any more', async () => {
      for (let i = 0; i < 10; i += 1) await newRun('FAILED', { second: i });
      const { run, told, service } = makeBench(endsAs('DONE'));
      let nth = 0;
      const { start } = service.executions;
      service.executions.start = async (name, input) => {
        nth += 1;
        if (nth === 3) throw new Error('no more');
        return start(name, input);
      };
      await assert.rejects(run(await chooseFailed(ledger, { ...all, since: at() }), { atOnce: 2 }), {
        message: 'no more',
      });
      assert.deepEqual(outcomes(told), Array(told.length).fill('ended DONE'));
      assert.ok(told.length >= 2 && told.length <= 3);
    });

    test('when the process that had the data folder stops, so that another one can go on', async () => {
      const { run, service } = makeBench(endsAs('DONE'));
      service.executions.start = () => Promise.reject(Object.assign(new Error('stopping'), { name: 'Interrupted' }));
      await assert.rejects(run(chosenByName([await newRun('FAILED')])), { name: 'OwnerGone' });
    });
  });
});

async function listed<Item>(items: Iterable<Item> | AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function* take<Item>(items: Iterable<Item> | AsyncIterable<Item>, count: number): AsyncGenerator<Item> {
  let taken = 0;
  for await (const item of items) {
    yield item;
    taken += 1;
    if (taken === count) return;
  }
}
