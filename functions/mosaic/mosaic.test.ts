import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { makePlane } from '../../core/arrays/dataTypes.ts';
import { ClaimLost, DiskFull, Interrupted, ObjectNotFound, TransientTrouble } from '../../core/base/errors.ts';
import { mapKey, mapNamesKey, piecesKey } from '../../core/base/keys.ts';
import type { RunRef } from '../../core/base/messages.ts';
import type { LogFields } from '../../core/base/step.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import { encodePieces, type Piece, packPiece } from '../../core/results/maps/pieces.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { taskNamed } from '../../core/tasks/registry.ts';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { readFrom } from '../../test/benches/packages.ts';
import { makeTestResults } from '../../test/benches/results.ts';
import { startTestTables } from '../../test/benches/tablesInMemory.ts';
import { makeMemoryScratch } from '../../test/maps/memoryScratch.ts';
import { PIXEL_CLASSES, pixelsPackage } from '../../test/models/pixelsPackage.ts';
import { openBytes } from '../../test/tiff.ts';
import { type MosaicPorts, makeMosaic } from './mosaic.ts';

/** What becomes of the pieces of a scene's parts, on a real ledger. */

const ledger = makeLedger(await startTestTables(), LEDGER_TABLE);
const labelled = await readModelPackage(readFrom(pixelsPackage()));
const probable = await readModelPackage(readFrom(pixelsPackage({ probabilities: true })));
const ref = { name: 'pixels', version: '1.0.0' };
const now = new Date('2026-03-01T10:00:00Z');
const LATER = new Date('2026-03-01T11:00:00Z');
const failure = { name: 'Timeout', message: 'It took too long.', step: 'Mosaic' };

/** Of classes 0, 4 and 7 the largest byte stands for none. */
const NONE = 255;
const [WIDTH, HEIGHT] = [7, 5];
const raster = {
  width: WIDTH,
  height: HEIGHT,
  bandsBy: 'position' as const,
  crs: 'EPSG:32629',
  bounds: [500_000, 5_899_990, 500_070, 5_900_040],
  transform: [500_000, 10, 0, 5_900_040, 0, -10],
  geoKeys: { 1024: 1, 3072: 32629 },
};

/** Two rows of chips, of which the last one is in a part of its own, and one was blank. */
const PARTS: Piece[][] = [[piece(0, 0, 4, 3, 0), piece(4, 0, 3, 3, 4)], [piece(4, 3, 3, 2, 7)]];
const DRAWN = [...[0, 1, 2].flatMap(() => [0, 0, 0, 0, 4, 4, 4]), ...[3, 4].flatMap(() => [...x(NONE, 4), 7, 7, 7])];

describe('maps of the pieces of several parts', () => {
  test('have each pixel where it belongs, and none where a chip was blank', async () => {
    const run = await newRun();
    const bench = makeBench(run, PARTS);
    assert.deepEqual(await bench.mosaic(), { maps: [mapKey(run, 'predictions')] });
    const map = await openBytes(bench.read(mapKey(run, 'predictions')));
    assert.partialDeepStrictEqual(map, { width: WIDTH, height: HEIGHT, type: 'uint8' });
    assert.deepEqual(await valuesOf(map, 0), DRAWN);
    assert.deepEqual(map.transform, raster.transform);
    assert.deepEqual([map.geoKeys?.['3072'], map.bands.map(({ nodata }) => nodata)], [32629, [NONE]]);
  });

  test('have the names of their classes beside them, and say whose they are', async () => {
    const run = await newRun();
    const bench = makeBench(run, PARTS);
    await bench.mosaic();
    assert.deepEqual(bench.results.keys(), [mapKey(run, 'predictions'), mapNamesKey(run)]);
    const names = Buffer.from(bench.read(mapNamesKey(run))).toString();
    for (const name of ['water', 'bare-soil', 'trees']) assert.match(names, new RegExp(name));
    const map = Buffer.from(bench.read(mapKey(run, 'predictions'))).toString('latin1');
    for (const text of [run.id, 'pixels/1.0.0', run.scene.key]) assert.ok(map.includes(text), text);
  });

  test('are two where the package asks for probabilities, a band a class', async () => {
    const run = await newRun();
    const parts = [[{ ...piece(0, 0, WIDTH, HEIGHT, 4), planes: [4, 10, 240, 0].map((value) => plane(35, value)) }]];
    const bench = makeBench(run, parts, { model: probable });
    const keys = [mapKey(run, 'predictions'), mapKey(run, 'probabilities')];
    assert.deepEqual(await bench.mosaic(), { maps: keys });
    const [classes, probabilities] = await Promise.all(keys.map((key) => openBytes(bench.read(key))));
    assert.deepEqual(new Set(await valuesOf(classes!, 0)), new Set([4]));
    const names = probabilities!.bands.map(({ description }) => description);
    assert.equal(names.join(), PIXEL_CLASSES.map(({ name }) => name).join());
    for (const [band, value] of [10, 240, 0].entries())
      assert.deepEqual(await valuesOf(probabilities!, band), x(value, 35));
    assert.deepEqual(Object.keys(bench.log).sort(), ['key', 'predictions', 'probabilities', 'run']);
    assert.equal(bench.log['probabilities'], bench.read(keys[1]!).length);
  });

  test('are of nothing where no chip gave a piece', async () => {
    const run = await newRun();
    const bench = makeBench(run, [[]]);
    await bench.mosaic();
    assert.deepEqual(await valuesOf(await openBytes(bench.read(mapKey(run, 'predictions'))), 0), x(NONE, 35));
  });

  test('are the same bytes when the step is repeated', async () => {
    const run = await newRun();
    const bench = makeBench(run, PARTS);
    const contents = () => [...bench.results.objects].map(([key, { bytes }]) => [key, bytes]);
    await bench.mosaic();
    const first = contents();
    await bench.mosaic();
    assert.deepEqual(contents(), first);
  });
});

test('room that was taken for packed tiles is given back, whether it goes well or not', async () => {
  const run = await newRun();
  for (const ports of [{}, { readResult: () => Promise.reject(new ObjectNotFound('expired')) }]) {
    const bench = makeBench(run, PARTS, { model: probable, ...ports });
    await bench.mosaic().catch(() => {});
    assert.deepEqual([bench.scratches.made, bench.scratches.open], [2, 0]);
  }
});

test('the service stops between two parts, and no map is to be seen', async () => {
  const run = await newRun();
  const stopping = new AbortController();
  const bench = makeBench(run, PARTS, { onPart: () => stopping.abort() });
  await assert.rejects(bench.mosaic(stopping.signal), Interrupted);
  assert.deepEqual(bench.results.keys(), []);
});

for (const [what, ports, error] of [
  [
    'a disk that is full where tiles wait',
    {
      makeScratch: async () => ({
        ...makeMemoryScratch(),
        append: () => Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })),
        [Symbol.asyncDispose]: async () => {},
      }),
    },
    /no space left/,
  ],
  [
    'a disk that is full where the map belongs',
    { writeStream: () => Promise.reject(new DiskFull('No room to write it.')) },
    DiskFull,
  ],
  ['a part that is gone', { readResult: () => Promise.reject(new ObjectNotFound('expired')) }, ObjectNotFound],
  ['trouble with the model', { models: { load: () => Promise.reject(new Interrupted('busy')) } }, Interrupted],
] as const)
  test(`no map is made for ${what}`, async () => {
    const run = await newRun();
    const bench = makeBench(run, PARTS, ports);
    await assert.rejects(bench.mosaic(), error);
    assert.deepEqual(bench.results.keys(), []);
    assert.deepEqual(bench.log, { run: run.id, key: run.scene.key }, 'its log line says whose it was');
  });

for (const [what, info, ports] of [
  ['a file that is no raster', null, {}],
  ['a model that says nothing of pixels', raster, { model: { ...labelled, task: taskNamed('classification') } }],
  ['an unknown run', raster, { ledger: { ...ledger, get: async () => undefined } }],
] as const)
  test(`no map is made of ${what}, and the error says so`, async () => {
    const run = await newRun(info);
    const message = `The run ${run.id} has nothing to map: its file is no raster, or its task is not of pixels.`;
    await assert.rejects(makeBench(run, PARTS, ports).mosaic(), { message });
  });

describe('an attempt that is over', () => {
  const takeOver = async ({ scene }: RunRef) => {
    const takeover = { scene, model: ref, execution: 'second', now: LATER, leaseSeconds: 60, attemptLimit: 3 };
    assert.equal((await ledger.claim(takeover)).held, true);
  };
  const fail = async ({ scene }: RunRef) =>
    void (await ledger.fail((await ledger.get(scene, ref))!, 'FAILED', failure, now));
  const settle = async ({ scene }: RunRef) => void (await ledger.beginToFail((await ledger.get(scene, ref))!));

  test('before it begins reads nothing and writes nothing', async () => {
    const run = await newRun();
    await takeOver(run);
    const bench = makeBench(run, PARTS);
    await assert.rejects(bench.mosaic(), ClaimLost);
    assert.deepEqual([bench.parts(), bench.scratches.made, bench.results.keys()], [0, 0, []]);
  });

  for (const [how, end] of [
    ['taken over', takeOver],
    ['settled', settle],
    ['failed', fail],
  ] as const) {
    test(`since its run is ${how} while it reads writes nothing`, async () => {
      const run = await newRun();
      const bench = makeBench(run, PARTS, { onPart: (part) => (part === 0 ? end(run) : undefined) });
      await assert.rejects(bench.mosaic(), ClaimLost);
      assert.deepEqual(bench.results.keys(), []);
    });

    test(`since its run is ${how} between two maps says so`, async () => {
      const run = await newRun();
      const bench = makeBench(run, [[]], { model: probable, onWritten: () => end(run) });
      await assert.rejects(bench.mosaic(), ClaimLost);
      // In the hands of a newer attempt are all of its run's maps, which are the same.
      assert.deepEqual(bench.results.keys(), how === 'taken over' ? [mapKey(run, 'predictions')] : []);
    });
  }

  for (const [how, end] of [
    ['settled', settle],
    ['failed', fail],
  ] as const)
    test(`since its run is ${how} while it writes the last of them takes all of them away`, async () => {
      const run = await newRun();
      const onWritten = (key: string) => (key === mapNamesKey(run) ? end(run) : undefined);
      const bench = makeBench(run, [[]], { model: probable, onWritten });
      const message = `Attempt 1 of the run ${run.id} was over when it wrote its maps.`;
      await assert.rejects(bench.mosaic(), { name: 'ClaimLost', message });
      assert.deepEqual(bench.results.keys(), []);
    });

  test('since its own execution has made a newer attempt meanwhile is over, and leaves the maps to that', async () => {
    const run = await newRun();
    const { scene, execution } = run;
    const again = { scene, model: ref, execution, now: LATER, leaseSeconds: 60, attemptLimit: 3 };
    const bench = makeBench(run, [[]], {
      onWritten: async (key) => {
        if (key !== mapNamesKey(run)) return;
        await fail(run);
        assert.equal((await ledger.claim(again)).row.attempt, 2);
      },
    });
    await assert.rejects(bench.mosaic(), ClaimLost);
    assert.deepEqual(bench.results.keys(), [mapKey(run, 'predictions'), mapNamesKey(run)]);
  });

  test("takes nothing of a newer attempt's away, in a store that keeps one version of each", async () => {
    const run = await newRun();
    const newer = { ...run, attempt: 2, execution: 'second' };
    const second = makeBench(newer, PARTS);
    const late = makeBench(run, PARTS, {
      results: second.results,
      onPart: () => undefined,
      beforeWrite: async (key) => {
        if (key !== mapKey(run, 'predictions')) return;
        await takeOver(run);
        await ledger.advance(newer, 'PREPARED', LATER, { day: run.day, raster });
        await second.mosaic();
        await ledger.advance(newer, 'DONE', LATER);
      },
    });
    await assert.rejects(late.mosaic(), ClaimLost);
    assert.deepEqual(second.results.keys(), [mapKey(run, 'predictions'), mapNamesKey(run)]);
    assert.deepEqual(await valuesOf(await openBytes(second.read(mapKey(run, 'predictions'))), 0), DRAWN);
  });

  test('since the run was done by the other worker of a step that is repeated leaves its maps', async () => {
    const run = await newRun();
    const bench = makeBench(run, PARTS, {
      onWritten: async (key) => (key === mapNamesKey(run) ? void (await ledger.advance(run, 'DONE', now)) : undefined),
    });
    await bench.mosaic();
    assert.deepEqual(bench.results.keys(), [mapKey(run, 'predictions'), mapNamesKey(run)]);
  });
});

test('maps stay if it is unknown whether they are needed: another worker at the same step may have written them', async () => {
  const run = await newRun();
  const bench = makeBench(run, PARTS);
  let isWritten = false;
  const get: typeof ledger.get = (...of) =>
    isWritten ? Promise.reject(new TransientTrouble('throttled')) : ledger.get(...of);
  const late = makeBench(run, PARTS, {
    results: bench.results,
    ledger: { ...ledger, get },
    onWritten: () => {
      isWritten = true;
    },
  });
  await assert.rejects(late.mosaic(), TransientTrouble);
  assert.deepEqual(bench.results.keys(), [mapKey(run, 'predictions'), mapNamesKey(run)]);
});

test('a run that is gone when its maps were written has lost them, and its claim', async () => {
  const run = await newRun();
  let looks = 0;
  const get: typeof ledger.get = async (...of) => {
    looks += 1;
    return looks === 1 ? ledger.get(...of) : undefined;
  };
  const bench = makeBench(run, PARTS, { ledger: { ...ledger, get } });
  await assert.rejects(bench.mosaic(), ClaimLost);
  assert.deepEqual(bench.results.keys(), []);
});

test('of super-resolution, the map is as much finer as what the model returns', async () => {
  const run = await newRun();
  const output = { ...labelled.output, pixels: { ...labelled.output.pixels, upscaling: 2 } };
  const bench = makeBench(run, [[piece(0, 0, 14, 10, 4)]], { model: { ...labelled, output } });
  await bench.mosaic();
  const map = await openBytes(bench.read(mapKey(run, 'predictions')));
  assert.deepEqual([map.width, map.height, map.transform], [14, 10, [500_000, 5, 0, 5_900_040, 0, -5]]);
  assert.deepEqual(new Set(await valuesOf(map, 0)), new Set([4]));
});

test('the claim is kept while parts are read, and tiles are compressed by who is given for it', async () => {
  const run = await newRun();
  const renewed: number[] = [];
  let compressed = 0;
  const bench = makeBench(run, PARTS, {
    ledger: {
      ...ledger,
      renew: async (...of) => {
        renewed.push(bench.parts());
        return ledger.renew(...of);
      },
    },
    deflate: async (bytes) => {
      compressed += 1;
      return deflateSync(bytes);
    },
    onPart: () => undefined,
  });
  await bench.mosaic();
  assert.equal(renewed[0], 0);
  assert.ok(renewed.filter((parts) => parts > 0).length > 2, 'between two parts as well as before each write');
  assert.ok(compressed > 0);
  assert.equal((await ledger.get(run.scene, ref))?.lease, '2026-03-01T10:01:21.000Z', 'a minute from the last');
});

type Bench = Partial<MosaicPorts> & {
  model?: typeof labelled | object;
  results?: ReturnType<typeof makeTestResults>;
  /** What happens when a part is read. */
  onPart?: (part: number) => unknown;
  /** What happens when an object is about to be there, and when it is. */
  beforeWrite?: (key: string) => unknown;
  onWritten?: (key: string) => unknown;
};

/** Ports for a run whose parts gave these pieces, in memory. */
function makeBench(
  run: RunRef,
  parts: readonly (readonly Piece[])[],
  { model = labelled, results = makeTestResults(), onPart, beforeWrite, onWritten, ...ports }: Bench = {},
) {
  const scratches = { made: 0, open: 0 };
  const files = new Map(parts.map((pieces, part) => [piecesKey(run, part), encoded(pieces)]));
  let reads = 0;
  const log: LogFields = {};
  const mosaic = makeMosaic({
    ledger,
    models: { load: async () => model as typeof labelled },
    readResult: async (key) => {
      reads += 1;
      const part = [...files.keys()].indexOf(key);
      await onPart?.(part);
      return files.get(key) ?? assert.fail(`${key} was asked for`);
    },
    writeStream: async (key, { size, chunks }) => {
      await beforeWrite?.(key);
      const pieces: Uint8Array[] = [];
      for await (const chunk of chunks) pieces.push(chunk.slice());
      const bytes = Buffer.concat(pieces);
      assert.equal(bytes.length, size);
      const version = results.put(key, bytes);
      await onWritten?.(key);
      return { key, version };
    },
    removeVersion: results.ports.removeVersion,
    makeScratch: async () => {
      scratches.made += 1;
      scratches.open += 1;
      return {
        ...makeMemoryScratch(),
        [Symbol.asyncDispose]: async () => {
          scratches.open -= 1;
        },
      };
    },
    // A lease is renewed between two parts where a third of it is over.
    now: () => (reads > 0 && onPart !== undefined ? new Date(now.getTime() + 21_000) : now),
    leaseSeconds: 60,
    ...ports,
  });
  const input = { run, parts: parts.map((_, part) => ({ part })) };
  return {
    results,
    scratches,
    log,
    mosaic: (signal = new AbortController().signal) => mosaic(input, { remainingSeconds: () => 300, signal }, log),
    parts: () => reads,
    read: (key: string) => results.objects.get(key)?.bytes ?? assert.fail(`there is no ${key}`),
  };
}

/** A run of a raster whose parts are inferred, with a lease of a minute. */
async function newRun(info: typeof raster | null = raster): Promise<RunRef> {
  const scene = { bucket: 'inbox', key: `${crypto.randomUUID()}.tif`, versionId: 'v1' };
  const execution = 'first';
  const { row } = await ledger.claim({ scene, model: ref, execution, now, leaseSeconds: 60, attemptLimit: 3 });
  await ledger.advance(row, 'PREPARED', now, { day: '2026-02-28', ...(info !== null && { raster: info }) });
  return { id: row.run, scene, model: ref, attempt: 1, execution, digest: 'ab'.repeat(32), day: '2026-02-28' };
}

const encoded = (all: readonly Piece[]): Uint8Array => encodePieces(all.map(packPiece));

function piece(x: number, y: number, width: number, height: number, value: number): Piece {
  return { x, y, width, height, planes: [plane(width * height, value)] };
}

function plane(pixels: number, value: number) {
  return makePlane('uint8', pixels).fill(value);
}

async function valuesOf(map: Awaited<ReturnType<typeof openBytes>>, band: number): Promise<number[]> {
  const { width, height } = map;
  const into = makePlane('uint8', width * height);
  await map.read({ x: 0, y: 0, width, height }, [band], [into]);
  return [...into].map(Number);
}

function x(value: number, times: number): number[] {
  return new Array<number>(times).fill(value);
}
