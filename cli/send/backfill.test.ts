import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ExecutionStatus } from '../../core/base/executions.ts';
import { CANARY_FOLDER } from '../../core/base/keys.ts';
import { runId, type SceneRef, sceneInput } from '../../core/base/messages.ts';
import type { ListedScene } from '../../core/base/objectStore.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { servingOf } from '../../test/benches/serving.ts';
import { startTestTables } from '../../test/benches/tablesInMemory.ts';
import { type Backfill, type BackfilledService, backfillInto, type Tally, told } from './backfill.ts';

/** What a backfill starts, on a real ledger; the inbox and the executions are lists. */

const model = { name: 'baseline', version: '2.0.0' };
const older = { name: 'baseline', version: '1.0.0' };
const now = new Date('2026-03-02T10:00:00Z');
const ledger = makeLedger(await startTestTables(), LEDGER_TABLE);

async function makeBench({ inboxPrefix = '', ended = 0 } = {}) {
  const bucket = `inbox-${crypto.randomUUID().slice(0, 8)}`;
  const inbox: ListedScene[] = [];
  const executions = new Map<string, ExecutionStatus>();
  const started: [name: string, input: unknown][] = [];
  const stopping = new AbortController();
  const seen = { atOnce: 0, most: 0, mostRunning: 0, looks: 0 };
  const running = () => [...executions.values()].filter(({ status }) => status === 'RUNNING').length;

  const service: BackfilledService = {
    inboxPrefix,
    bulkPrefix: 'bulk/',
    ledger,
    now: () => now,
    parameters: { attemptLimit: 3 },
    models: { serving: servingOf(model) },
    executions: {
      start: async (name, input) => {
        seen.atOnce += 1;
        seen.most = Math.max(seen.most, seen.atOnce);
        await new Promise((resolve) => setImmediate(resolve));
        seen.atOnce -= 1;
        if (executions.has(name)) return 'known';
        executions.set(name, { status: 'RUNNING' });
        started.push([name, input]);
        seen.mostRunning = Math.max(seen.mostRunning, running());
        return 'started';
      },
      describe: async (execution) => executions.get(execution.replace('arn:', '')) ?? { status: 'UNKNOWN' },
      arnOf: (name) => `arn:${name}`,
    },
    onTheirWay: async () => {
      seen.looks += 1;
      return running();
    },
    listScenes: (prefix) => async (cursor) => {
      const all = inbox.filter(({ key }) => key.startsWith(prefix));
      const first = Number(cursor ?? 0);
      return { scenes: all.slice(first, first + 10), cursor: first + 10 < all.length ? String(first + 10) : null };
    },
  };

  const backfill = async (asked: Partial<Backfill> = {}, more: Partial<BackfilledService> = {}) => {
    const tally: Tally = { looked: 0, started: 0, known: 0, leftOut: 0, taken: 0 };
    const names: string[] = [];
    const { isComplete } = await backfillInto(
      { ...service, ...more },
      { prefix: '', limit: Number.POSITIVE_INFINITY, atOnce: 1000, dryRun: false, ...asked },
      tally,
      {
        stopped: stopping.signal,
        onStart: (key) => names.push(key),
        wait: async () => {
          await new Promise((resolve) => setImmediate(resolve)); // what is under way goes on meanwhile
          const oldest = [...executions].filter(([, { status }]) => status === 'RUNNING').slice(0, ended);
          for (const [name] of oldest) executions.set(name, { status: 'SUCCEEDED' });
          if (ended === 0) throw new Error('nothing ever ends');
        },
      },
    );
    return { tally, names, isComplete };
  };

  const add = (count: number, folder = '', day = '2026-03-01'): SceneRef[] => {
    const scenes = Array.from({ length: count }, (_, i) => {
      const key = `${folder}${String(inbox.length + i).padStart(4, '0')}`;
      return { bucket, key, versionId: 'v1', lastModified: `${day}T12:00:00.000Z` };
    });
    inbox.push(...scenes);
    return scenes;
  };

  const claim = (scene: SceneRef, of = model) =>
    ledger.claim({ scene, model: of, execution: 'arn:first', now, leaseSeconds: 60, attemptLimit: 3 });

  return { backfill, add, claim, started, executions, stopping, seen, running };
}

describe('backfill', () => {
  test('starts what no run of any model version knows, as the sweep does, on whichever page', async () => {
    const { backfill, add, claim, started } = await makeBench();
    const scenes = add(25);
    await claim(scenes[3]!);
    await claim(scenes[17]!, older);
    const { tally, names, isComplete } = await backfill();
    assert.deepEqual(tally, { looked: 25, started: 23, known: 2, leftOut: 0, taken: 0 });
    assert.ok(isComplete);
    const expected = scenes.filter((_, i) => i !== 3 && i !== 17);
    assert.deepEqual(
      new Map(started),
      new Map(expected.map((scene) => [`${runId(scene, model)}-1`, sceneInput(scene, model)])),
    );
    assert.deepEqual(names.sort(), expected.map(({ key }) => key).sort());
  });

  test('run twice, starts nothing twice, whether the first ones have begun or not', async () => {
    const { backfill, add, claim, started } = await makeBench();
    const scenes = add(12);
    await backfill();
    for (const scene of scenes.slice(0, 5)) await claim(scene);
    const { tally } = await backfill();
    assert.deepEqual([tally.started, tally.known, tally.taken, started.length], [0, 5, 7, 12]);
  });

  test('takes up a file whose execution ended without a word, as its next attempt', async () => {
    const { backfill, add, executions, started } = await makeBench();
    const [scene] = add(1);
    const run = runId(scene!, model);
    executions.set(`${run}-1`, { status: 'FAILED', error: 'States.Timeout' });
    assert.equal((await backfill()).tally.started, 1);
    assert.deepEqual(
      started.map(([name]) => name),
      [`${run}-2`],
    );
    const row = await ledger.get(scene!, model);
    assert.deepEqual([row?.state, row?.attempt, row?.error?.name], ['FAILED', 1, 'ExecutionLost']);
  });

  test('leaves out files from before a time, and those in the reserved folder', async () => {
    const { backfill, add } = await makeBench();
    add(3, 'a/', '2026-02-27');
    add(4, 'a/', '2026-02-28');
    add(6, CANARY_FOLDER, '2026-02-28');
    const asked = { since: new Date('2026-02-28T12:00:00Z') };
    assert.deepEqual((await backfill(asked)).tally, { looked: 13, started: 4, known: 0, leftOut: 9, taken: 0 });
  });

  test('leaves out folders that the S3 console has made, and none with bytes', async () => {
    const { backfill, add, started } = await makeBench();
    const [folder, scene] = add(2);
    Object.assign(folder!, { key: 'north/', size: 0 });
    Object.assign(scene!, { key: 'south/', size: 3 });
    assert.deepEqual((await backfill({})).tally, { looked: 2, started: 1, known: 0, leftOut: 1, taken: 0 });
    assert.deepEqual(
      started.map(([name]) => name),
      [`${runId(scene!, model)}-1`],
    );
  });

  test('looks below a prefix only, which is within the inbox', async () => {
    const { backfill, add } = await makeBench({ inboxPrefix: 'scenes/' });
    add(2, 'scenes/north/');
    add(3, 'scenes/south/');
    add(4, 'elsewhere/');
    add(5, `scenes/${CANARY_FOLDER}`);
    assert.equal((await backfill({ prefix: 'scenes/north', dryRun: true })).tally.looked, 2);
    assert.equal((await backfill({ prefix: '', dryRun: true })).tally.started, 5);
    assert.equal((await backfill({ prefix: 'sc', dryRun: true })).tally.started, 5);
    await assert.rejects(backfill({ prefix: 'elsewhere/' }), {
      name: 'WrongUse',
      message: '--prefix: found "elsewhere/", allowed is what begins with "scenes/", as the inbox does.',
    });
  });

  test('--dry-run starts nothing', async () => {
    const { backfill, add, started } = await makeBench();
    const scenes = add(12);
    const { tally, names } = await backfill({ dryRun: true });
    assert.deepEqual([tally.started, started], [12, []]);
    assert.deepEqual(names.sort(), scenes.map(({ key }) => key).sort());
  });

  for (const dryRun of [false, true])
    test(`--limit ${dryRun ? 'with --dry-run ' : ''}starts so many and no more, and the next time as many again`, async () => {
      const { backfill, add, claim, started } = await makeBench();
      const scenes = add(30);
      for (const scene of scenes.slice(0, 4)) await claim(scene);
      const { tally, isComplete } = await backfill({ limit: 13, dryRun });
      assert.deepEqual([tally.started, started.length, isComplete], [13, dryRun ? 0 : 13, false]);
      assert.ok(tally.looked < 30);
      if (!dryRun) assert.equal((await backfill({ limit: 13 })).tally.started, 13);
    });

  test('asks for a few things at once, and has no more on their way than it may', async () => {
    const { backfill, add, executions, seen } = await makeBench({ ended: 2 });
    add(100);
    const { tally } = await backfill({ atOnce: 5 });
    assert.deepEqual([tally.started, executions.size], [100, 100]);
    assert.equal(seen.mostRunning, 5);
    assert.ok(seen.most > 1 && seen.most <= 5, `${seen.most} starts at once`);
  });

  test('starts eight at once at most, however much room there is', async () => {
    const { backfill, add, seen } = await makeBench();
    add(60);
    await backfill();
    assert.ok(seen.most > 1 && seen.most <= 8, `${seen.most} starts at once`);
    assert.equal(seen.looks, 1, 'a look at how many are on their way is for as many as there is room');
  });

  test('ends when it is stopped; started executions go on, and the next backfill does the rest', async () => {
    const { backfill, add, stopping, started } = await makeBench();
    add(40);
    const onTheirWay = async () => {
      if (started.length > 0) stopping.abort();
      return 990; // room for ten more
    };
    const { tally, isComplete } = await backfill({ atOnce: 1000 }, { onTheirWay });
    assert.equal(isComplete, false);
    assert.deepEqual(tally.started, started.length);
    assert.ok(started.length >= 10 && started.length < 40, `${started.length} were started`);
  });

  test('that meets an error reports it once no execution is being started', async () => {
    const { backfill, add, seen } = await makeBench();
    add(20);
    let nth = 0;
    const ofScene = async (scene: SceneRef) => {
      nth += 1;
      if (nth === 5) throw new Error('no table');
      return ledger.ofScene(scene);
    };
    await assert.rejects(backfill({}, { ledger: { ...ledger, ofScene } }), { message: 'no table' });
    assert.equal(seen.atOnce, 0);
  });

  test('needs a promoted model version', async () => {
    const { backfill, add, started } = await makeBench();
    add(1);
    const models = { serving: servingOf() };
    await assert.rejects(backfill({}, { models }), { message: 'No version is promoted.' });
    assert.deepEqual(started, []);
  });
});

test('the summary says where to see what becomes of them, as a command about the same stage', () => {
  const tally = { looked: 3, started: 2, known: 1, leftOut: 0, taken: 0 };
  const where = { stage: 'dev', region: 'eu-west-1', profile: 'work' };
  assert.equal(
    told({ tally, dryRun: false, names: [], isComplete: true, where }),
    '3 files looked at: 2 started, 1 have a run. See how they end: npx swath runs --stage dev --region eu-west-1 --profile work',
  );
});
