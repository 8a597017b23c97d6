import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ObjectNotFound } from '../../core/base/errors.ts';
import {
  type BatchRef,
  type DiscoverResult,
  executionName,
  type ModelRef,
  runId,
  type SceneRef,
} from '../../core/base/messages.ts';
import type { ListedScene, ListScenes } from '../../core/base/objectStore.ts';
import { addResults, leftOut } from '../../core/batches/batchResult.ts';
import { makeManifest, readLines } from '../../core/batches/manifest.ts';
import { toBeTried } from '../../core/ledger/ledgerItem.ts';
import { rowIn } from '../../test/benches/ledgerRows.ts';
import { liveOf, servingOf } from '../../test/benches/serving.ts';
import { before, LATER, makeBench, namesOf, newScene, now, promoted, ref } from '../../test/benches/sweep.ts';
import { JOB_SECONDS } from '../infer/container/job.ts';

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
  const lines = rounds.flat().flatMap(({ manifest, offset, length }) => {
    const found = bench.results.objects.get(manifest)?.bytes;
    return found === undefined ? [] : readLines(found.subarray(offset, offset + length));
  });
  return { rounds, lines, keys: lines.map(({ key }) => key).sort(), page };
}

const sooner = new Date(now.getTime() - 60_000);
type Failed = {
  attempt?: number;
  attemptLimit?: number;
  at?: Date;
  execution?: string;
  folder?: string;
  lastModified?: string;
};
const OLD = '2026-01-01T12:00:00.000Z';

async function failed(bench: Bench, name: string, more: Failed = {}): Promise<ListedScene> {
  const { folder = 'bulk/', ...row } = more;
  const scene = { ...bulk(folder), etag: 'e'.repeat(32), ...(row.lastModified && { lastModified: row.lastModified }) };
  bench.inbox.push(scene);
  await failAgain(bench, scene, name, row);
  return scene;
}

/** In a batch, as its attempt so and so. */
async function failAgain(bench: Bench, scene: SceneRef, name: string, more: Failed = {}): Promise<void> {
  const { attempt = 1, attemptLimit = 3, at = sooner, execution = 'arn:sweep' } = more;
  const { bucket, key, versionId } = scene;
  const own = { bucket, key, versionId };
  const error = { name, message: '', step: 'Batch', attempt, at: at.toISOString() };
  const seen = await bench.ledger.get(own, ref);
  const about = { at: at.toISOString(), execution, attempt, attemptLimit, error };
  const row = endOf('FAILED', own, ref, { ...about, ...toBeTried({ attempt, attemptLimit }) });
  assert.equal(await bench.ledger.end(row, seen), true);
}

/** As a batch has brought it there. */
function endOf(
  state: 'DONE' | 'EMPTY' | 'FAILED',
  scene: SceneRef,
  model: ModelRef,
  more: Parameters<typeof rowIn>[1],
) {
  const about = { run: runId(scene, model), scene, model, execution: 'arn:sweep', day: DAY };
  return { ...rowIn(state, { ...about, ...more }), batch: 'b'.repeat(32) };
}

/** A run that waits for that of a scene, as its duplicate. */
async function waitingDuplicateOf(bench: Bench, owner: SceneRef): Promise<string> {
  const duplicate = await bench.claim();
  await bench.ledger.advance(duplicate, 'DUPLICATE', sooner, { duplicateOf: runId(owner, ref) });
  await bench.ledger.addWaitingDuplicate(runId(owner, ref), { id: duplicate.run, scene: duplicate.scene });
  return duplicate.run;
}

describe('bulk files', () => {
  test('are handed on in batches with a stored manifest, and start no execution by themselves', async () => {
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

  test('do not include companion files, in any kind of sweep', async () => {
    const bench = await makeBench();
    const folders = ['bulk/', 'bulk/n/'].map((key) => ({ ...bulk(), key, size: 0 })); // as the S3 console makes them
    const companions = ['mixer.json', 'a.TXT'].map((name) => ({ ...bulk(), key: `bulk/n/${name}` }));
    const files = [bulk('bulk/n/'), { ...bulk(), key: 'bulk/n/with bytes/' }];
    bench.inbox.push(...folders, ...companions, ...files);
    for (const asked of [{}, { isFull: true }, { marker: 'bulk/n/_DONE' }])
      assert.deepEqual((await sweepOf(bench, asked)).keys, files.map(({ key }) => key).sort());
  });

  test('that a batch has brought to their end by another model version are not', async () => {
    const bench = await makeBench();
    const scene = bulk();
    bench.inbox.push(scene);
    await bench.ledger.end(endOf('DONE', scene, ref, { at: before.toISOString() }), undefined);
    assert.deepEqual((await sweepOf(bench)).keys, []);
  });

  const hours = (count: number) => new Date(now.getTime() + count * 3_600_000).toISOString();
  for (const { what, etag, oldest, days = 7 } of [
    { what: 'that came whole are looked for a day before the last sweep', etag: 'a'.repeat(32), oldest: -24 },
    { what: 'that came whole, as far where no upload takes longer', etag: 'a'.repeat(32), oldest: -24, days: 1 },
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
      assert.deepEqual((await sweepOf(bench, {}, { sweepLookBackDays: days })).keys, [edge.key]);
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
    for (const scene of files)
      await bench.ledger.end(endOf('EMPTY', scene, promoted, { at: now.toISOString() }), undefined);
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
    const opened = await bench.ledger.openBatch(batch!, 'arn:other', () => now, 300);
    assert.deepEqual((await sweepOf(bench)).keys, [second.key]);
    await bench.ledger.releaseBatch(opened!, now);
    const again = await sweepOf(bench);
    assert.deepEqual(again.rounds[0], [batch]);
    assert.deepEqual(again.keys, [first.key, second.key].sort());
  });

  test('that arrived together are left to their open batch, which a sweep hands on once its lease is over', async () => {
    const bench = await makeBench();
    const { bucket, key, versionId, ...about } = { ...bulk('north/'), size: 10, etag: 'e' };
    const other = bulk('north/');
    bench.inbox.push({ bucket, key, versionId, ...about }, other);
    const line = { bucket, key, versionId, size: 10, etag: 'e' };
    const manifest = makeManifest([{ line, day: DAY, model: promoted }], { filesPerBatch: 1, bytesPerBatch: 1 });
    bench.results.put(manifest.key, manifest.bytes);
    const [batch] = manifest.batches;
    const opened = await bench.ledger.openBatch(batch!, 'arn:collected', () => now, 300);
    assert.deepEqual((await sweepOf(bench)).rounds, []);
    assert.deepEqual(namesOf(bench.started), [executionName(runId(other, promoted), 1)]);
    await bench.ledger.releaseBatch(opened!, now);
    assert.deepEqual((await sweepOf(bench)).rounds, [[batch]]);
    await bench.ledger.closeBatch((await bench.ledger.findBatch(batch!.id))!);
    await sweepOf(bench);
    assert.ok(
      bench.started.some(([name]) => name === executionName(runId(line, promoted), 1)),
      'it was closed without an end',
    );
  });

  test('of a batch whose lease was renewed while a worker slept, on its way to list it, are left to it', async () => {
    const bench = await makeBench();
    const file = bulk();
    bench.inbox.push(file);
    const { rounds } = await sweepOf(bench);
    const hours = (count: number) => new Date(now.getTime() + count * 3_600_000);
    await bench.ledger.openBatch(rounds[0]![0]!, 'arn:other', () => hours(5), 300);
    let time = now;
    const openBatches = () => {
      time = hours(5);
      return bench.ledger.openBatches();
    };
    const again = await sweepOf(bench, {}, { now: () => time, ledger: { ...bench.ledger, openBatches } });
    assert.deepEqual(again.rounds, []);
  });

  test('of a batch that was opened while the clock was a month ahead are handed on as it is, and can be taken', async () => {
    const bench = await makeBench();
    bench.inbox.push(bulk());
    const [batch] = (await sweepOf(bench)).rounds[0]!;
    await bench.ledger.openBatch(batch!, 'arn:other', () => new Date(now.getTime() + 30 * 86_400_000), 300);
    assert.deepEqual((await sweepOf(bench)).rounds[0], [batch]);
    assert.equal((await bench.ledger.openBatch(batch!, 'arn:sweep', () => now, 300))?.attempt, 2);
  });

  const JOB_LEASE = [() => before, JOB_SECONDS, true] as const;
  for (const [what, hold] of [
    [
      'that is announced',
      (bench: Bench, batch: BatchRef) => bench.ledger.announceBatch(batch, 'arn:first', before, 300),
    ],
    ['whose job waits', (bench: Bench, batch: BatchRef) => bench.ledger.openBatch(batch, 'arn:first', ...JOB_LEASE)],
    [
      'whose container is started again, longer than a lease after it died,',
      async (bench: Bench, batch: BatchRef) => {
        await bench.ledger.openBatch(batch, 'arn:first', ...JOB_LEASE);
        await bench.ledger.openBatch(batch, 'arn:first', () => before, 300);
      },
    ],
  ] as const)
    test(`of a batch ${what} are left to it while its execution runs, and handed on once that has ended`, async () => {
      const bench = await makeBench({ first: { status: 'RUNNING' } });
      bench.inbox.push(bulk());
      const [batch] = (await sweepOf(bench)).rounds[0]!;
      await hold(bench, batch!);
      const stored = bench.results.objects.size;
      assert.deepEqual((await sweepOf(bench)).rounds, []);
      assert.equal(bench.results.objects.size, stored, 'there is no manifest of no files');
      bench.executions.set('first', { status: 'FAILED' });
      for (let sweep = 0; sweep < 2; sweep += 1) assert.deepEqual((await sweepOf(bench)).rounds, [[batch]]);
      assert.ok(await bench.ledger.openBatch(batch!, 'arn:second', () => now, JOB_SECONDS, true));
    });

  for (const hadJob of [false, true])
    test(`of a batch that a sweep has left open${hadJob ? ', after its job,' : ''} are handed on after its lease, though the sweep runs on`, async () => {
      const bench = await makeBench({ first: { status: 'RUNNING' } });
      bench.inbox.push(bulk());
      const [batch] = (await sweepOf(bench)).rounds[0]!;
      if (hadJob) await bench.ledger.openBatch(batch!, 'arn:first', ...JOB_LEASE);
      await bench.ledger.openBatch(batch!, 'arn:first', () => before, 300, false);
      assert.deepEqual((await sweepOf(bench)).rounds, [[batch]]);
    });

  test('of a batch that somebody has taken while a sweep looked at its execution are left to it', async () => {
    const bench = await makeBench();
    bench.inbox.push(bulk());
    const [batch] = (await sweepOf(bench)).rounds[0]!;
    await bench.ledger.openBatch(batch!, 'arn:first', ...JOB_LEASE);
    const describe = async () => {
      await bench.ledger.openBatch(batch!, 'arn:first', () => now, 300);
      return { status: 'UNKNOWN' as const };
    };
    assert.deepEqual((await sweepOf(bench, {}, { executions: { describe } })).rounds, []);
  });

  test('of batches whose workers are lost are handed on five hundred batches at a time', async () => {
    const bench = await makeBench();
    const batch = { manifest: 'gone', offset: 0, length: 9, files: 1, day: DAY, model: ref };
    const open = Array.from({ length: 502 }, (_, i) => ({
      batch: { ...batch, id: String(i).padStart(32, '0') },
      execution: 'e',
      attempt: 1,
      executions: 1,
      lease: new Date(now.getTime() - (i === 0 ? 0 : 1)).toISOString(),
      openedAt: now.toISOString(),
      hasJob: true,
    }));
    let [underWay, most] = [0, 0];
    const gone: typeof bench.ledger.openBatches = async () => open;
    const readPiece = async () => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      throw new ObjectNotFound('gone');
    };
    let asked = 0;
    const describe = async () => {
      asked += 1;
      return { status: 'UNKNOWN' as const };
    };
    const ledger = { ...bench.ledger, openBatches: gone, loseBatch: async () => {} };
    const { rounds } = await sweepOf(bench, {}, { ledger, readPiece, executions: { describe } });
    assert.deepEqual(
      rounds.map((batches) => [batches.length, batches[0]?.id]),
      [
        [500, open[1]!.batch.id],
        [1, open[501]!.batch.id],
      ],
      'but that whose lease ends only now',
    );
    assert.equal(asked, 2, 'once a page about an execution');
    assert.equal(most, 20);
    const ill = { ledger: { ...bench.ledger, openBatches: gone }, readPiece: () => Promise.reject(new Error('slow')) };
    await assert.rejects(sweepOf(bench, {}, ill), /slow/);
  });

  test('too large for a batch have an execution of their own', async () => {
    const bench = await makeBench();
    const [large, largest] = [
      { ...bulk(), size: 1001 },
      { ...bulk(), size: 1000 },
    ];
    bench.inbox.push(large, largest);
    const { keys, page } = await sweepOf(bench);
    assert.deepEqual([keys, page.started], [[largest.key], 1]);
    assert.deepEqual(namesOf(bench.started), [`${runId(large, promoted)}-1`]);
  });

  test('too large for a batch, whose executions were lost, have that written down', async () => {
    const bench = await makeBench();
    const large = { ...bulk(), size: 1001 };
    bench.inbox.push(large);
    bench.executions.set(`${runId(large, promoted)}-1`, { status: 'FAILED' });
    const { page } = await sweepOf(bench);
    assert.deepEqual([page.started, page.settled], [1, 1]);
  });

  test('whose listing has only names count for the day of the sweep, however far it looks back', async () => {
    const bench = await makeBench();
    await bench.ledger.raiseWatermark(now);
    const scene = newScene('bulk/');
    bench.inbox.push(scene);
    const { rounds, lines } = await sweepOf(bench);
    assert.deepEqual([rounds[0]?.[0]?.day, lines], ['2026-03-02', [{ ...scene, etag: null, size: null }]]);
    const begunBefore = JSON.stringify({ phase: 'bulk', cursor: null });
    assert.equal(
      (await bench.discover(begunBefore)).batches[0]?.day,
      '2026-03-02',
      'as the release before has begun it',
    );
  });

  for (const [what, models, size, days] of [
    ['large files', 1, 900, 1],
    ['large files of three models', 3, 900, 1],
    ['a file of each day', 1, 1, 1300],
  ] as const)
    test(`are handed on five hundred batches at a time, each once, from pages of a thousand: ${what}`, async () => {
      const bench = await makeBench();
      const arrived = (i: number) => new Date(Date.parse(OLD) - (i % days) * 86_400_000).toISOString();
      bench.inbox.push(...Array.from({ length: 1300 }, (_, i) => ({ ...bulk(), size, lastModified: arrived(i) })));
      const ledger = { ...bench.ledger, knownOf: async () => new Set<string>(), ofScene: async () => [] };
      const several = Array.from({ length: models }, (_, i) => ({ model: { ...promoted, name: `model-${i}` } }));
      const listScenes: ListScenes = async (cursor) => ({
        scenes: cursor === null ? bench.inbox.slice(0, 1000) : bench.inbox.slice(1000),
        cursor: cursor === null ? 'behind' : null,
      });
      const ports = { ledger, listScenes, models: { serving: liveOf(...several) } };
      const { rounds, keys, page } = await sweepOf(bench, { isFull: true }, ports);
      const files = 1300 * models;
      assert.partialDeepStrictEqual(page.bulk, { files, done: files, batches: rounds.flat().length });
      const lengths = rounds.map(({ length }) => length);
      assert.ok(Math.max(...lengths) < 500 + models, `${lengths}`);
      assert.equal(lengths.length, Math.ceil(files / 500));
      assert.deepEqual(keys, bench.inbox.flatMap(({ key }) => several.map(() => key)).sort());
    });

  test('that are new, though dated before the last sweep, are all handed on, though a laptop says once that they are new', async () => {
    const bench = await makeBench();
    await bench.ledger.raiseWatermark(now);
    bench.inbox.push(...Array.from({ length: 700 }, () => ({ ...bulk(), lastModified: OLD })));
    let isFirst = true;
    const listScenes: ListScenes = async (_, { except } = {}) => {
      if (except !== undefined) return { scenes: [], cursor: null };
      const scenes = isFirst ? bench.inbox.map((scene) => ({ ...scene, isNew: true as const })) : bench.inbox;
      isFirst = false;
      return { scenes, cursor: null };
    };
    const { rounds, keys } = await sweepOf(bench, {}, { filesPerBatch: 1, listScenes });
    assert.deepEqual(
      rounds.map(({ length }) => length),
      [500, 200],
    );
    assert.equal(new Set(keys).size, 700);
  });

  test('are handed on as far as there is time to list them', async () => {
    const bench = await makeBench();
    bench.inbox.push(...Array.from({ length: 120 }, () => bulk()));
    const { rounds } = await sweepOf(bench, { remainingSeconds: 60 });
    assert.deepEqual(
      rounds.map(([batch]) => batch?.files),
      [50, 50, 20],
    );
  });

  test('are looked up a bounded number at a time: four hundreds, and five of each', async () => {
    const bench = await makeBench();
    const scenes = Array.from({ length: 1000 }, () => bulk());
    const [asked, most] = [[] as number[], { known: 0, single: 0 }];
    const underWay = { known: 0, single: 0 };
    const watched = async <Answer>(what: 'known' | 'single', answer: () => Promise<Answer>): Promise<Answer> => {
      most[what] = Math.max(most[what], ++underWay[what]);
      return answer().finally(() => underWay[what]--);
    };
    const pause = () => new Promise((resolve) => setImmediate(resolve));
    const ledger: Partial<typeof bench.ledger> = {
      knownOf: (some) => {
        asked.push(some.length);
        return watched('known', async () => {
          await pause();
          return new Set();
        });
      },
      ofScene: () => watched('single', async () => pause().then(() => [])),
    };
    const listScenes = async () => ({ scenes, cursor: null });
    const page = await bench.discover(
      JSON.stringify({ phase: 'bulk', cursor: null }),
      { ledger: { ...bench.ledger, ...ledger }, listScenes },
      {},
    );
    assert.deepEqual(asked, new Array(10).fill(100));
    assert.equal(page.batches.length, 10, 'of a thousand bytes each');
    assert.deepEqual(most, { known: 4, single: 20 });
  });

  test('come in a batch of each live model that takes them, but those that it has', async () => {
    const bench = await makeBench();
    const beside = { name: 'beside', version: '1.0.0' };
    const serving = liveOf({ model: promoted }, { model: beside, accepts: ['bulk/south/*'] });
    const ports = { models: { serving } };
    const [south, north] = [bulk('bulk/south/'), bulk('bulk/north/')];
    bench.inbox.push(south, north);
    const { rounds, keys } = await sweepOf(bench, {}, ports);
    assert.deepEqual(
      rounds.flat().map(({ model, files }) => [model.name, files]),
      [
        [promoted.name, 2],
        ['beside', 1],
      ].toSorted(),
    );
    assert.deepEqual(keys, [north.key, south.key, south.key].toSorted());
    // One of the two batches has ended, and the other is open.
    for (const { bucket, key, versionId } of [south, north])
      await bench.claim({ scene: { bucket, key, versionId }, state: 'DONE', model: promoted });
    const left = await sweepOf(bench, {}, ports);
    assert.deepEqual(
      left.rounds.flat().map(({ model, files }) => [model.name, files]),
      [['beside', 1]],
    );
    const open = left.rounds.flat()[0]!;
    await bench.ledger.openBatch(open, 'arn:sweep', () => now, 60);
    assert.deepEqual((await sweepOf(bench, {}, ports)).keys, []);
  });

  test('wait for a model, and the next sweep looks as far back', async () => {
    const bench = await makeBench();
    bench.inbox.push(bulk());
    assert.deepEqual((await sweepOf(bench, {}, { models: { serving: servingOf() } })).keys, []);
    assert.equal(await bench.ledger.sweptUntil(LATER), null);
    assert.equal((await sweepOf(bench)).keys.length, 1);
  });

  test('of a batch that could not even be settled are looked for as far back by the next sweep', async () => {
    const bench = await makeBench();
    const page = await bench.discover(
      JSON.stringify({ phase: 'end', cursor: null, began: now.toISOString() }),
      {},
      { done: [{ ...leftOut(0), unsettled: 1 }] },
    );
    assert.deepEqual([page.cursor, page.bulkFailedShare], [null, 1]);
    assert.match(page.bulkCause, /1 batches are left to the next sweep/);
    assert.equal(await bench.ledger.sweptUntil(LATER), null);
  });
});

describe('a bulk file that failed in a batch', () => {
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

  for (const seconds of [JOB_SECONDS, 300])
    test(`is not tried in a second batch while the first one is open for ${seconds} seconds and waits, however it is found`, async () => {
      const bench = await makeBench({ first: { status: 'RUNNING' } });
      await failed(bench, 'Error');
      const [batch] = (await sweepOf(bench)).rounds.flat();
      await bench.ledger.openBatch(batch!, 'arn:first', () => now, seconds, seconds === JOB_SECONDS);
      const other = await failed(bench, 'Error');
      for (const isFull of [false, true])
        assert.deepEqual([...new Set((await sweepOf(bench, { isFull })).keys)], [other.key]);
      // Another live model lacks both files, and the index of states shows no failure yet.
      const beside = { name: 'beside', version: '1.0.0' };
      const models = { serving: liveOf({ model: ref }, { model: beside, accepts: ['bulk/*'] }) };
      const failures = async () => ({ rows: [], cursor: null });
      const { rounds } = await sweepOf(bench, {}, { models, ledger: { ...bench.ledger, failures } });
      const filesOf = ({ model, files }: BatchRef) => [model.name, files];
      assert.deepEqual(rounds.flat().map(filesOf).toSorted(), [
        [ref.name, 1],
        ['beside', 2],
      ]);
    });

  test('has its last attempt alone, as another file of the batch may be why', async () => {
    const bench = await makeBench();
    const scene = await failed(bench, 'Runtime.ExitError', { attempt: 2 });
    assert.deepEqual((await sweepOf(bench)).keys, []);
    assert.deepEqual(namesOf(bench.started), [`${runId(scene, ref)}-3`]);
  });

  test('is tried alone from then on, where executions have died of its batch', async () => {
    const bench = await makeBench();
    const scene = await failed(bench, 'BatchGivenUp');
    assert.deepEqual((await sweepOf(bench)).keys, []);
    assert.deepEqual(namesOf(bench.started), [`${runId(scene, ref)}-2`]);
  });

  test('is tried alone at once, where executions have died of its batch and the index of states does not say so yet', async () => {
    const bench = await makeBench();
    const scene = await failed(bench, 'BatchGivenUp', { execution: 'sweep' });
    const failures: typeof bench.ledger.failures = async () => ({ rows: [], cursor: undefined });
    await sweepOf(bench, {}, { ledger: { ...bench.ledger, failures } });
    assert.deepEqual(namesOf(bench.started), [`${runId(scene, ref)}-2`]);
  });

  test('is found by its failure where its listing is too old, as it is known from its row', async () => {
    const bench = await makeBench();
    await bench.ledger.raiseWatermark(now);
    const { bucket, key, versionId } = await failed(bench, 'Runtime.ExitError', { lastModified: OLD });
    const none = { models: { serving: servingOf() } };
    const { rounds, lines } = await sweepOf(bench, {}, none);
    assert.deepEqual(lines, [{ bucket, key, versionId, etag: null, size: null }]);
    assert.deepEqual([rounds[0]?.[0]?.day, rounds[0]?.[0]?.model], [DAY, ref], 'which needs no promoted one');
  });

  test('is handed on once, even if its page shows it several times', async () => {
    const bench = await makeBench();
    await bench.ledger.raiseWatermark(now);
    const files = [1, 2, 3].map((second) => ({ lastModified: OLD, at: new Date(sooner.getTime() + 1000 * second) }));
    for (const file of files) await failed(bench, 'Runtime.ExitError', file);
    const { rounds } = await sweepOf(bench);
    assert.deepEqual(
      rounds.map((batches) => batches.map((batch) => batch.files)),
      [[3]],
    );
  });

  test('has its duplicates tried in its place, few of them at once, and the others once it has failed for good', async () => {
    for (const [attempt, started] of [
      [1, 3],
      [3, 5],
    ] as const) {
      const bench = await makeBench();
      await bench.ledger.raiseWatermark(now);
      const owner = await failed(bench, 'Runtime.ExitError', { attempt, lastModified: OLD });
      for (let i = 0; i < 5; i += 1) await waitingDuplicateOf(bench, owner);
      let asked = 0;
      const waitingDuplicatesOf: typeof bench.ledger.waitingDuplicatesOf = (run) => {
        asked += 1;
        return bench.ledger.waitingDuplicatesOf(run);
      };
      const { page } = await sweepOf(bench, {}, { ledger: { ...bench.ledger, waitingDuplicatesOf } });
      assert.deepEqual([page.started, bench.started.length, asked], [started, started, 1]);
    }
  });

  test('has the duplicates retried beside files that are too large, and all of them are counted', async () => {
    const bench = await makeBench();
    const owner = await failed(bench, 'Runtime.ExitError', { lastModified: OLD });
    await bench.ledger.raiseWatermark(now);
    const duplicate = await waitingDuplicateOf(bench, owner);
    const large = { ...bulk(), size: 1001 };
    bench.inbox.push(large);
    for (const run of [`${duplicate}-2`, `${runId(large, promoted)}-1`])
      bench.executions.set(run, { status: 'FAILED' });
    const { page } = await sweepOf(bench);
    assert.deepEqual([page.started, page.settled], [2, 2]);
  });

  for (const { what, name, alone } of [
    { what: 'is not tried once more by the same sweep', name: 'Runtime.ExitError', alone: false },
    { what: 'is tried alone at once where executions have died of its batch', name: 'BatchGivenUp', alone: true },
  ])
    test(`and fails in the next one ${what}, and has its duplicates tried`, async () => {
      const bench = await makeBench();
      await bench.ledger.raiseWatermark(now);
      const scene = await failed(bench, 'Runtime.ExitError', { attemptLimit: 9, lastModified: OLD });
      let milliseconds = 0;
      const ports = { now: () => new Date(now.getTime() + milliseconds++) };
      let page = await bench.discover(null, ports);
      while (page.batches.length === 0) page = await bench.discover(page.cursor, ports);
      const began = JSON.parse(page.cursor!).at;
      await failAgain(bench, scene, name, { attempt: 2, attemptLimit: 9, at: new Date(began) });
      const duplicate = await waitingDuplicateOf(bench, scene);
      let rounds = 0;
      for (; page.cursor !== null; rounds += page.batches.length) page = await bench.discover(page.cursor, ports);
      assert.equal(rounds, 0);
      assert.deepEqual(
        namesOf(bench.started).sort(),
        [`${duplicate}-2`, ...(alone ? [`${runId(scene, ref)}-3`] : [])].sort(),
      );
      assert.equal(page.started, alone ? 2 : 1);
    });

  test('twenty of which are looked at at once', async () => {
    const bench = await makeBench();
    for (let i = 0; i < 30; i += 1) await failed(bench, 'Runtime.ExitError', { lastModified: OLD });
    await bench.ledger.raiseWatermark(now);
    let [underWay, most] = [0, 0];
    const waitingDuplicatesOf: typeof bench.ledger.waitingDuplicatesOf = async function* () {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
    };
    await sweepOf(bench, {}, { ledger: { ...bench.ledger, waitingDuplicatesOf } });
    assert.equal(most, 20);
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

  test('leaves no watermark, asks for no run by the hundred, and waits for a model', async () => {
    const bench = await makeBench();
    bench.inbox.push(bulk('bulk/a/'));
    const knownOf = () => assert.fail('most of them are new');
    const asked = { marker: 'bulk/a/_DONE' };
    const ports = { ledger: { ...bench.ledger, knownOf } };
    const blind = await sweepOf(bench, asked, { ...ports, models: { serving: servingOf() } });
    assert.deepEqual(blind.keys, []);
    assert.equal((await sweepOf(bench, asked, ports)).keys.length, 1);
    assert.equal(await bench.ledger.sweptUntil(LATER), null);
  });

  test('has what failed in its folder tried again, its duplicates at once, and nothing that failed elsewhere', async () => {
    const bench = await makeBench();
    const [scene, other] = [await failed(bench, 'E', { folder: 'bulk/a/' }), newScene('bulk/a/')];
    await failed(bench, 'E', { folder: 'bulk/b/' });
    await failAgain(bench, other, 'E');
    bench.inbox.push(other); // of whose coming nothing is said
    const duplicate = await waitingDuplicateOf(bench, scene);
    const { lines } = await sweepOf(bench, { marker: 'bulk/a/_DONE' });
    const { bucket, key, versionId, etag } = scene;
    const wanted = [
      { bucket, key, versionId, etag, size: null },
      { ...other, etag: null, size: null },
    ];
    assert.deepEqual(new Set(lines), new Set(wanted));
    assert.deepEqual(namesOf(bench.started).sort(), [`${duplicate}-2`]);
  });
});
