import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addResults, leftOut } from '../../core/batches/batchResult.ts';
import { readLines } from '../../core/batches/manifest.ts';
import { toBeTried } from '../../core/ledger/ledgerItem.ts';
import type { BatchRef, DiscoverResult, ModelRef, SceneRef } from '../../core/messages.ts';
import { runId } from '../../core/run.ts';
import { LATER, makeBench, newScene, now, promoted, ref } from '../../test/benches/sweep.ts';

type Bench = Awaited<ReturnType<typeof makeBench>>;

const DAY = '2026-03-01';
const bulk = (folder = 'bulk/') => ({ ...newScene(folder), lastModified: `${DAY}T12:00:00.000Z`, size: 10, etag: 'e' });

/** All pages of a sweep, what it hands on in each, and what the files of its batches are. */
async function sweepOf(bench: Bench, asked: Parameters<Bench['discover']>[2] = {}, ports = {}) {
  const rounds: BatchRef[][] = [];
  let page: DiscoverResult = await bench.discover(null, ports, asked);
  for (;;) {
    if (page.batches.length > 0) rounds.push(page.batches);
    if (page.cursor === null) break;
    const done = page.batches.map(({ files }) => ({ ...leftOut(files), done: files, leftOut: 0 }));
    page = await bench.discover(page.cursor, ports, { ...asked, done });
  }
  const keys = rounds.flat().flatMap(({ manifest, offset, length }) => {
    const lines = bench.results.objects.get(manifest)!.bytes.subarray(offset, offset + length);
    return readLines(lines).map(({ key }) => key);
  });
  return { rounds, keys: keys.sort(), page };
}

describe('bulk files', () => {
  test('are handed on in batches of a manifest, which is there by then, and start nothing by themselves', async () => {
    const bench = await makeBench();
    const files = Array.from({ length: 120 }, () => bulk());
    bench.inbox.push(...files, newScene());
    const { rounds, keys, page } = await sweepOf(bench, {}, { filesPerBatch: 50 });
    assert.deepEqual(
      rounds.map((batches) => batches.map((batch) => [batch.files, batch.day, batch.model])),
      [[50, 50, 20].map((count) => [count, DAY, promoted])],
    );
    assert.deepEqual(keys, files.map(({ key }) => key).sort());
    assert.equal(bench.started.length, 1, 'the one that is no bulk file');
    assert.deepEqual(page.bulk, { ...addResults([]), files: 120, done: 120, batches: 3 });
  });

  test('that a run knows, of whichever model version, are not', async () => {
    const bench = await makeBench();
    const [known, other] = [bulk(), bulk()];
    bench.inbox.push(known, other);
    const request = { scene: known, model: ref, execution: 'arn:first', now, leaseSeconds: 60, attemptLimit: 3 };
    await bench.ledger.advance((await bench.ledger.claim(request)).row, 'DONE', now);
    assert.deepEqual((await sweepOf(bench)).keys, [other.key]);
  });

  test('are not what the S3 console makes a folder of, however it is swept', async () => {
    const bench = await makeBench();
    const folders = ['bulk/', 'bulk/n/'].map((key) => ({ ...bulk(), key, size: 0 }));
    const file = bulk('bulk/n/');
    bench.inbox.push(...folders, file, { ...bulk(), key: 'bulk/n/with bytes/' });
    for (const asked of [{}, { isFull: true }, { marker: 'bulk/n/_DONE' }])
      assert.deepEqual((await sweepOf(bench, asked)).keys, [file.key, 'bulk/n/with bytes/'].sort());
  });

  const hours = (count: number) => new Date(now.getTime() + count * 3_600_000).toISOString();
  for (const { what, etag, oldest } of [
    { what: 'that came whole are looked for a day before the last sweep', etag: 'a'.repeat(32), oldest: -24 },
    { what: 'that came in parts, as far back as an upload may take', etag: `${'a'.repeat(32)}-2`, oldest: -7 * 24 },
    { what: 'of whose coming nothing is said, as far back', etag: undefined, oldest: -7 * 24 },
    { what: 'whose tag is no digest, as far back', etag: 'W/a', oldest: -7 * 24 },
  ])
    test(what, async () => {
      const bench = await makeBench();
      await bench.ledger.raiseWatermark(now);
      const dated = (hour: number) => {
        const { etag: _, ...scene } = bulk();
        return { ...scene, lastModified: hours(hour), ...(etag !== undefined && { etag }) };
      };
      const [old, edge] = [dated(oldest - 0.1), dated(oldest)];
      bench.inbox.push(old, edge);
      assert.deepEqual((await sweepOf(bench)).keys, [edge.key]);
      await bench.ledger.raiseWatermark(now);
      const marked = await sweepOf(bench, { marker: 'bulk/_DONE' });
      assert.ok(marked.keys.includes(old.key), 'a marker has its folder swept whatever the age of its files');
    });

  test('that the promoted version knows are asked for a hundred at once, and none of them one by one', async () => {
    const bench = await makeBench();
    const files = Array.from({ length: 130 }, () => bulk());
    const other = bulk();
    bench.inbox.push(...files, other);
    const first = await sweepOf(bench);
    assert.equal(first.keys.length, 131);
    const rowOf = (scene: SceneRef) => ({
      ...{ run: runId(scene, promoted), scene, model: promoted, state: 'EMPTY' as const, changed: now.toISOString() },
      ...{ claimedAt: now.toISOString(), execution: 'arn:sweep', attempt: 1, attemptLimit: 3 },
      ...{ day: DAY, batch: 'b'.repeat(32) },
    });
    for (const scene of files) await bench.ledger.end(rowOf(scene), undefined);
    const [asked, looked]: [number[], string[]] = [[], []];
    const { keys } = await sweepOf(
      bench,
      { isFull: true },
      {
        ledger: {
          ...bench.ledger,
          knownOf: (scenes: SceneRef[], model: ModelRef) => {
            asked.push(scenes.length);
            return bench.ledger.knownOf(scenes, model);
          },
          ofScene: (scene: SceneRef) => {
            looked.push(scene.key);
            return bench.ledger.ofScene(scene);
          },
        },
      },
    );
    assert.deepEqual(keys, [other.key]);
    assert.deepEqual(looked, [other.key]);
    assert.deepEqual(asked, [50, 50, 31], 'the pages of this inbox have fifty');
  });

  test('that an open batch has are left to it; and a batch whose lease is over is handed on as it is', async () => {
    const bench = await makeBench();
    const [first, second] = [bulk(), bulk()];
    bench.inbox.push(first);
    const { rounds } = await sweepOf(bench);
    const [batch] = rounds[0]!;
    bench.inbox.push(second);
    const opened = await bench.ledger.openBatch(batch!, 'arn:other', now, 300);
    assert.deepEqual((await sweepOf(bench)).keys, [second.key]);
    await bench.ledger.releaseBatch(opened!, now);
    const again = await sweepOf(bench);
    assert.deepEqual(again.rounds[0], [batch]);
    assert.deepEqual(again.keys, [first.key, second.key].sort());
  });

  test('of a batch that was opened while the clock was a month ahead are handed on as it is, and can be taken', async () => {
    const bench = await makeBench();
    bench.inbox.push(bulk());
    const [batch] = (await sweepOf(bench)).rounds[0]!;
    await bench.ledger.openBatch(batch!, 'arn:other', new Date(now.getTime() + 30 * 86_400_000), 300);
    assert.deepEqual((await sweepOf(bench)).rounds[0], [batch]);
    assert.equal((await bench.ledger.openBatch(batch!, 'arn:sweep', now, 300))?.attempt, 2);
  });

  test('too large for a batch have an execution of their own', async () => {
    const bench = await makeBench();
    const large = { ...bulk(), size: 1001 };
    bench.inbox.push(large, bulk());
    assert.equal((await sweepOf(bench)).keys.length, 1);
    assert.deepEqual(
      bench.started.map(([name]) => name),
      [`${runId(large, promoted)}-1`],
    );
  });

  test('wait for a model, and the next sweep looks as far back', async () => {
    const bench = await makeBench();
    bench.inbox.push(bulk());
    assert.deepEqual((await sweepOf(bench, {}, { models: { promotedOrNone: async () => null } })).keys, []);
    assert.equal(await bench.ledger.sweptUntil(LATER), null);
    assert.equal((await sweepOf(bench)).keys.length, 1);
  });

  test('of a batch that could not even be settled are looked for as far back by the next sweep', async () => {
    const bench = await makeBench();
    const page = await bench.discover(
      JSON.stringify({ phase: 'end', cursor: null, began: now.toISOString() }),
      {},
      {
        done: [{ ...leftOut(0), unsettled: 1 }],
      },
    );
    assert.deepEqual([page.cursor, page.bulkFailedShare], [null, 1]);
    assert.match(page.bulkCause, /1 batches are left to the next sweep/);
    assert.equal(await bench.ledger.sweptUntil(LATER), null);
  });
});

describe('a bulk file that failed in a batch', () => {
  const sooner = new Date(now.getTime() - 60_000);
  type Failed = { attempt?: number; at?: Date; execution?: string };
  async function failed(bench: Bench, name: string, more: Failed = {}): Promise<SceneRef> {
    const { attempt = 1, at = sooner, execution = 'arn:sweep' } = more;
    const scene = bulk();
    bench.inbox.push(scene);
    const error = { name, message: '', step: 'Batch', attempt, at: at.toISOString() };
    const row = { run: runId(scene, ref), scene, model: ref, state: 'FAILED', changed: at.toISOString() } as const;
    await bench.ledger.end(
      {
        ...{ ...row, claimedAt: at.toISOString(), execution, attempt, attemptLimit: 3 },
        ...{ day: DAY, batch: 'b'.repeat(32), error, ...toBeTried({ attempt, attemptLimit: 3 }) },
      },
      undefined,
    );
    return scene;
  }

  test('is tried in another batch, by the model version that it was tried with', async () => {
    const bench = await makeBench();
    const scene = await failed(bench, 'Runtime.ExitError');
    const { rounds, keys } = await sweepOf(bench);
    assert.deepEqual(new Set(keys), new Set([scene.key]));
    assert.deepEqual(rounds[0]?.[0]?.model, ref);
    assert.deepEqual(bench.started, []);
  });

  for (const { what, days } of [
    { what: 'before all that the sweep looks at', days: -60 },
    { what: 'when the clock was ahead', days: 30 },
  ])
    test(`${what} is tried in another batch as well, and once by a sweep`, async () => {
      const bench = await makeBench();
      await bench.ledger.raiseWatermark(now);
      const at = new Date(now.getTime() + days * 86_400_000);
      const scene = await failed(bench, 'Runtime.ExitError', { at });
      bench.inbox.splice(0); // its own row says that it waits
      assert.deepEqual((await sweepOf(bench)).keys, [scene.key]);
      const again = await failed(bench, 'Runtime.ExitError', { at, execution: 'sweep' });
      bench.inbox.splice(0);
      assert.ok(!(await sweepOf(bench)).keys.includes(again.key), 'it failed in a batch of this sweep');
    });

  test('has its last attempt alone, as another file of the batch may be why', async () => {
    const bench = await makeBench();
    const scene = await failed(bench, 'Runtime.ExitError', { attempt: 2 });
    assert.deepEqual((await sweepOf(bench)).keys, []);
    assert.deepEqual(
      bench.started.map(([name]) => name),
      [`${runId(scene, ref)}-3`],
    );
  });

  test('is tried alone from then on, where executions have died of its batch', async () => {
    const bench = await makeBench();
    const scene = await failed(bench, 'BatchGivenUp');
    assert.deepEqual((await sweepOf(bench)).keys, []);
    assert.deepEqual(
      bench.started.map(([name]) => name),
      [`${runId(scene, ref)}-2`],
    );
  });

  test('has its duplicates tried in its place', async () => {
    const bench = await makeBench();
    const owner = await failed(bench, 'Runtime.ExitError');
    const heir = await bench.claim();
    await bench.ledger.advance(heir, 'DUPLICATE', sooner, { duplicateOf: runId(owner, ref) });
    const digest = 'd'.repeat(64);
    const first = {
      id: runId(owner, ref),
      scene: owner,
      model: ref,
      attempt: 1,
      execution: 'arn:sweep',
      digest,
      day: DAY,
    };
    await bench.ledger.claimContent(first);
    const waiting = { ...first, id: heir.run, scene: heir.scene, execution: heir.execution };
    await bench.ledger.claimContent(waiting); // says that it waits
    await sweepOf(bench);
    assert.ok(bench.started.some(([name]) => name === `${heir.run}-2`));
  });
});

describe('a marker', () => {
  test('has its folder swept, whatever its age, and nothing else', async () => {
    const bench = await makeBench();
    await bench.ledger.raiseWatermark(now);
    const old = { ...bulk('bulk/a/'), lastModified: '2020-01-01T00:00:00.000Z' };
    const marker = { ...newScene(), key: 'bulk/a/_DONE' };
    bench.inbox.push(old, marker, bulk('bulk/b/'), newScene());
    const { keys, rounds, page } = await sweepOf(bench, { marker: marker.key });
    assert.deepEqual(keys, [old.key]);
    assert.equal(rounds[0]?.[0]?.day, '2020-01-01');
    assert.equal(page.folder, 'bulk/a/');
    assert.deepEqual(bench.started, []);
    assert.equal((await bench.ledger.sweptUntil(LATER))?.getTime(), now.getTime());
  });
});
