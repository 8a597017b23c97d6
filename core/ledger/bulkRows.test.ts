import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { MODEL as model, newScene } from '../../test/benches/ledgerRows.ts';
import { startTestTables } from '../../test/benches/tables.ts';
import { type Asked, through } from '../../test/benches/through.ts';
import { modelId, type SceneRef, sceneId } from '../base/messages.ts';
import { makeLedger } from './ledger.ts';

/** Rows of many runs at once, and ends that are written in the place of what was seen. */

const tables = await startTestTables();
const ledger = makeLedger(tables, LEDGER_TABLE);
const now = new Date('2026-03-01T10:00:00.000Z');
const failure = { name: 'Error', message: 'x', step: 'Batch' };

type Get = { Keys: { scene: string }[]; ConsistentRead?: boolean; ProjectionExpression?: string };
const getOf = ({ input }: Asked): Get => input.RequestItems[LEDGER_TABLE];

describe('rows of many scenes', () => {
  test('are read in pages of a hundred, at most four pages in parallel, and returned where they exist', async () => {
    const scenes = Array.from({ length: 1050 }, newScene);
    const known = [scenes[0]!, scenes[99]!, scenes[100]!, scenes[1049]!];
    const wanted = await Promise.all(known.map((scene) => claim(scene)));
    const pages: number[] = [];
    let [underWay, most] = [0, 0];
    const watched = through(tables, async (asked) => {
      pages.push(getOf(asked).Keys.length);
      most = Math.max(most, ++underWay);
      return asked.answer().finally(() => underWay--);
    });
    const found = await makeLedger(watched, LEDGER_TABLE).rowsOf(scenes, model);
    assert.deepEqual(found, new Map(wanted.map((row) => [sceneId(row.scene), row])));
    assert.deepEqual([pages, most], [[...new Array(10).fill(100), 50], 4]);
  });

  test('of exact hundreds need no empty request', async () => {
    let requests = 0;
    const watched = through(tables, async ({ answer }) => {
      requests += 1;
      return answer();
    });
    await makeLedger(watched, LEDGER_TABLE).rowsOf(Array.from({ length: 200 }, newScene), model);
    assert.equal(requests, 2);
  });

  test('of which the table processes none are requested again, less and less often', async () => {
    let requests = 0;
    const until = Date.now() + 400;
    const busy = through(tables, async (asked) => {
      requests += 1;
      const { Keys } = getOf(asked);
      return Date.now() < until ? { UnprocessedKeys: { [LEDGER_TABLE]: { Keys } } } : asked.answer();
    });
    await makeLedger(busy, LEDGER_TABLE).rowsOf([newScene()], model);
    assert.ok(requests > 1 && requests < 20, `${requests} requests`);
  });

  test('that the table left unprocessed are requested again', async () => {
    const scenes = [newScene(), newScene(), newScene()];
    const rows = await Promise.all(scenes.map((scene) => claim(scene)));
    let requests = 0;
    const busy = through(tables, async (asked) => {
      const { Keys } = getOf(asked);
      requests += 1;
      if (requests === 1) return { UnprocessedKeys: { [LEDGER_TABLE]: { Keys } } };
      const one = { Keys: Keys.slice(0, 1), ConsistentRead: true };
      const answered = await tables.batchGet({ RequestItems: { [LEDGER_TABLE]: one } });
      const left = Keys.slice(1);
      return { ...answered, UnprocessedKeys: left.length === 0 ? {} : { [LEDGER_TABLE]: { Keys: left } } };
    });
    const found = await makeLedger(busy, LEDGER_TABLE).rowsOf(scenes, model);
    assert.deepEqual([found.size, requests], [3, 4]);
    assert.deepEqual([...found.values()], rows);
  });
});

describe('rows that are read with eventual consistency', () => {
  const asked: Get[] = [];
  const { rowsAt, knownOf } = makeLedger(
    through(tables, (one) => {
      asked.push(getOf(one));
      return one.answer();
    }),
    LEDGER_TABLE,
  );

  test('are returned in the order of their keys, where they exist', async () => {
    const scenes = [newScene(), newScene(), newScene()];
    const [first, , third] = [await claim(scenes[0]!), undefined, await claim(scenes[2]!)];
    asked.length = 0;
    const keys = scenes.toReversed().map((scene) => ({ scene: sceneId(scene), model: modelId(model) }));
    assert.deepEqual(await rowsAt(keys), [third, first]);
    assert.deepEqual(
      asked.map(({ ConsistentRead }) => ConsistentRead),
      [false],
    );
  });

  test('show which scenes are known: those whose run is in progress or ended without a failure', async () => {
    const [running, done, failed, unknown] = [newScene(), newScene(), newScene(), newScene()];
    await claim(running);
    await ledger.advance(await claim(done), 'DONE', now);
    await ledger.fail(await claim(failed), 'FAILED', failure, now);
    asked.length = 0;
    const known = await knownOf([running, done, failed, unknown], model);
    assert.deepEqual(known, new Set([sceneId(running), sceneId(done)]));
    const [request] = asked;
    assert.deepEqual([request?.ConsistentRead, request?.ProjectionExpression], [false, 'scene, #state']);
  });
});

describe('the end of a run in a batch', () => {
  test('is written as the row if there was none', async () => {
    const ended = await endOf(newScene(), 1);
    assert.equal(await ledger.end(ended, undefined), true);
    assert.deepEqual(await ledger.get(ended.scene, model), ended);
    assert.deepEqual((await ledger.byRun(ended.run))?.changed, now.toISOString());
  });

  test('is not written if a row has been created in the meantime', async () => {
    const row = await claim(newScene());
    assert.equal(await ledger.end(await endOf(row.scene, 1), undefined), false);
    assert.deepEqual(await ledger.get(row.scene, model), row);
  });

  test('replaces the failure that was read before', async () => {
    const seen = await ledger.fail(await claim(newScene()), 'FAILED', failure, now);
    assert.equal(await ledger.end(await endOf(seen.scene, 2), seen), true);
    assert.equal((await ledger.get(seen.scene, model))?.state, 'DONE');
  });

  for (const { what, meanwhile } of [
    { what: 'another attempt is in progress', meanwhile: (scene: SceneRef) => claim(scene, 'second') },
    {
      what: 'another attempt has failed',
      meanwhile: async (scene: SceneRef) => ledger.fail(await claim(scene, 'second'), 'FAILED', failure, now),
    },
    {
      what: 'the same attempt has ended as DONE after all',
      meanwhile: async (scene: SceneRef) => {
        await tables.put({ TableName: LEDGER_TABLE, Item: { ...(await itemOf(scene)), state: 'DONE' } });
      },
    },
  ])
    test(`is not written where ${what}`, async () => {
      const seen = await ledger.fail(await claim(newScene()), 'FAILED', failure, now);
      await meanwhile(seen.scene);
      const row = await ledger.get(seen.scene, model);
      assert.equal(await ledger.end(await endOf(seen.scene, 2), seen), false);
      assert.deepEqual(await ledger.get(seen.scene, model), row);
    });
});

async function endOf(scene: SceneRef, attempt: number) {
  const { run } = await claim(newScene());
  const times = { changed: now.toISOString(), claimedAt: now.toISOString() };
  const ended = { state: 'DONE' as const, batch: 'ab'.repeat(16), execution: 'sweep', attempt, attemptLimit: 3 };
  return { run, scene, model, ...ended, ...times };
}

async function itemOf(scene: SceneRef) {
  const Key = { scene: sceneId(scene), model: modelId(model) };
  return (await tables.get({ TableName: LEDGER_TABLE, Key, ConsistentRead: true })).Item;
}

async function claim(scene: SceneRef, execution = 'first') {
  const { row } = await ledger.claim({ scene, model, execution, now, leaseSeconds: 60, attemptLimit: 3 });
  return row;
}
