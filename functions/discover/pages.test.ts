import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { servingOf } from '../../test/benches/serving.ts';
import { before, LATER, makeBench, namesOf, newScene, now, promoted } from '../../test/benches/sweep.ts';
import type { DiscoverPorts } from './discover.ts';

/** How far a page of a sweep goes, and what the next one knows of it. */

const at = (phase: string, more = {}) => JSON.stringify({ phase, cursor: null, ...more });
const noFailures = (ledger: DiscoverPorts['ledger']): DiscoverPorts['ledger'] => ({
  ...ledger,
  byState: async (state, options) =>
    state === 'FAILED' ? { rows: [], cursor: undefined } : ledger.byState(state, options),
  failures: async () => ({ rows: [], cursor: undefined }),
});

describe('a page', () => {
  test('has five hundred rows of a state at most', async () => {
    const { sweep, ledger } = await makeBench();
    const asked: [string, number | undefined][] = [];
    const byState: typeof ledger.byState = (state, options) => {
      if (options?.oldestFirst === true) asked.push([state, options.limit]);
      return ledger.byState(state, options);
    };
    const failures: typeof ledger.failures = (options) => {
      asked.push(['failures', options.limit]);
      return ledger.failures(options);
    };
    await sweep({ ledger: { ...ledger, byState, failures } }, true);
    const states = ['CLAIMED', 'PREPARED', 'PREDICTED', 'failures', 'DUPLICATE', 'failures', 'DUPLICATE', 'INVALID'];
    assert.deepEqual(
      asked,
      states.map((state) => [state, 500]),
      'and those of batches, and of what counts nothing',
    );
  });

  for (const [remainingSeconds, pages] of [
    [300, 10],
    [61, 10],
    [60, 1],
  ] as const)
    test(`of the inbox has five hundred files, or as many as there is time for: with ${remainingSeconds} s, ${pages} of the listing's pages`, async () => {
      const { discover, inbox, started, ledger } = await makeBench();
      inbox.push(...Array.from({ length: 520 }, () => newScene()));
      const ports = { ledger: { ...ledger, ofScene: async () => [] } };
      const first = await discover(at('inbox'), ports, { remainingSeconds });
      assert.deepEqual([started.length, first.started], [50 * pages, 50 * pages]);
      assert.partialDeepStrictEqual(JSON.parse(first.cursor!), { phase: 'inbox', cursor: String(50 * pages) });
      let page = first;
      while (page.cursor !== null) page = await discover(page.cursor, ports);
      assert.deepEqual([page.started, new Set(namesOf(started)).size], [520, 520]);
    });

  test('of the inbox goes on where it has one file less than five hundred', async () => {
    const { discover, ledger } = await makeBench();
    const ports = { ledger: { ...ledger, ofScene: async () => [] } };
    let lists = 0;
    const listScenes: DiscoverPorts['listScenes'] = async () => {
      lists += 1;
      return { scenes: Array.from({ length: lists === 1 ? 499 : 1 }, () => newScene()), cursor: String(lists) };
    };
    assert.deepEqual([(await discover(at('inbox'), { ...ports, listScenes })).started, lists], [500, 2]);
  });

  test('of the inbox is not of bulk files, however many there are', async () => {
    const { discover, inbox } = await makeBench();
    inbox.push(...Array.from({ length: 120 }, () => newScene('bulk/')), newScene());
    let lists = 0;
    const listScenes: DiscoverPorts['listScenes'] = async (cursor, { except, prefix } = {}) => {
      if (prefix !== undefined) return { scenes: [], cursor: null };
      lists += 1;
      const rest = inbox.filter(({ key }) => except === undefined || !key.startsWith(except));
      const first = Number(cursor ?? 0);
      return { scenes: rest.slice(first, first + 50), cursor: first + 50 < rest.length ? String(first + 50) : null };
    };
    assert.deepEqual([(await discover(at('inbox'), { listScenes })).started, lists], [1, 1]);
  });

  test('continues to the next one if it hands nothing on, and there is time', async () => {
    const { discover } = await makeBench();
    assert.equal((await discover(at('lost batches'))).cursor, null);
    const next = await discover(at('lost batches'), {}, { remainingSeconds: 60 });
    assert.partialDeepStrictEqual(JSON.parse(next.cursor!), { phase: 'bulk', cursor: null });
  });

  test('reports lost runs at once, even if the index does not show them yet', async () => {
    const { discover, claim, ledger, published } = await makeBench({ first: { status: 'FAILED' } });
    await claim({ attemptLimit: 1 });
    const ports = { ledger: noFailures(ledger) };
    const { cursor } = await discover(null, ports);
    assert.deepEqual(published.splice(0), [{ metric: 'FailedRuns', value: 1, dimensions: {} }]);
    await discover(cursor, ports);
    assert.deepEqual(published, [], 'there was none');
  });
});

describe('what a page finds', () => {
  test('is started by it, where it could not be found by those after it', async () => {
    const { sweep, claim, ledger, started } = await makeBench({ first: { status: 'FAILED' } });
    const { run } = await claim();
    assert.deepEqual(await sweep({ ledger: noFailures(ledger) }), { started: 1, settled: 1 });
    assert.deepEqual(namesOf(started), [`${run}-2`]);
  });

  test('is left alone where its lease ends only now', async () => {
    const { sweep, claim } = await makeBench({ first: { status: 'FAILED' } });
    await claim({ lease: (now.getTime() - before.getTime()) / 1000 });
    assert.deepEqual(await sweep(), { started: 0, settled: 0 });
    assert.deepEqual(await sweep({ now: () => new Date(now.getTime() + 1) }), { started: 1, settled: 1 });
  });

  test('of duplicates of a run that has failed for good is a hundred at most', async () => {
    const { sweep, claim, ledger } = await makeBench();
    const owner = await claim({ attemptLimit: 1 });
    await ledger.fail(owner, 'FAILED', { name: 'Error', message: 'x', step: 'Infer' }, before);
    const duplicates = Array.from({ length: 120 }, () => newScene());
    const crowd: Partial<DiscoverPorts['ledger']> = {
      waitingDuplicatesOf: async function* () {
        yield* duplicates;
      },
      get: async (scene, model) =>
        ({ ...owner, scene, model, run: 'r', state: 'DUPLICATE', duplicateOf: owner.run }) as LedgerRow,
      letTakeOver: async (row) => row,
    };
    assert.equal((await sweep({ ledger: { ...ledger, ...crowd } })).started, 100);
  });

  test('does not include duplicates without a known owner', async () => {
    const { sweep, claim, ledger } = await makeBench();
    await claim({ state: 'DUPLICATE' });
    await ledger.advance(await claim(), 'DUPLICATE', before, { duplicateOf: '0'.repeat(32) });
    assert.deepEqual(await sweep({}, true), { started: 0, settled: 0 });
  });

  test('includes a file of unknown age however far it looks back, but not where the bucket is older than the inbox', async () => {
    const { sweep, inbox, ledger } = await makeBench();
    await ledger.raiseWatermark(now);
    inbox.push(newScene());
    assert.equal((await sweep({ inboxSince: '2026-02-01T10:00:00.000Z' })).started, 0);
    assert.equal((await sweep()).started, 1);
  });
});

describe('of a sweep of several pages', () => {
  test('no watermark is left where one of them had no model to start files with', async () => {
    const { discover, inbox, ledger } = await makeBench();
    inbox.push(newScene());
    const none = { models: { serving: servingOf() } };
    const blind = { models: { serving: servingOf(promoted) } };
    let page = await discover(null, none);
    while (page.cursor !== null) page = await discover(page.cursor, blind);
    assert.equal(await ledger.sweptUntil(LATER), null);
  });

  test('of nothing all is nought', async () => {
    const { discover } = await makeBench();
    let page = await discover(null);
    while (page.cursor !== null) page = await discover(page.cursor);
    const bulk = { files: 0, done: 0, empty: 0, duplicate: 0, invalid: 0, failed: 0, leftOut: 0, unsettled: 0 };
    assert.deepEqual(page, {
      cursor: null,
      started: 0,
      settled: 0,
      batches: [],
      bulk: { ...bulk, batches: 0 },
      folder: null,
      bulkFailedShare: 0,
      bulkCause:
        'Of 0 bulk files 0 failed and 0 are invalid; npx swath runs --state FAILED, or --state INVALID, says which and why.',
    });
  });

  test('the share of failed or invalid bulk files is published at the end', async () => {
    const { discover } = await makeBench();
    const one = { files: 10, done: 6, empty: 0, duplicate: 0, invalid: 1, failed: 3, leftOut: 0, unsettled: 0 };
    const page = await discover(at('failed bulk', { bulk: { ...one, batches: 1 } }), {}, { done: [one] });
    assert.deepEqual([page.bulkFailedShare, page.bulk.batches], [8 / 20, 2]);
    assert.match(page.bulkCause, /^Of 20 bulk files 6 failed and 2 are invalid; /);
  });
});
