import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { makeMetricsTable } from '../../core/drift/metricsTable.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import { SCENE_LIMITS } from '../../core/limits.ts';
import { isBlank, preparedBands } from '../../core/models/bands.ts';
import { openSession } from '../../core/runtimes/runtimes.ts';
import { makeChipReader } from '../../core/scenes/formats/tfrecord/chip.ts';
import { makeRecordCutter } from '../../core/scenes/formats/tfrecord/tfrecord.ts';
import { makePartBuilder } from '../../core/scenes/partBuilder.ts';
import { decodePart } from '../../core/scenes/preparedPart.ts';
import { makeDrift } from '../../functions/drift/drift.ts';
import { makePreprocess } from '../../functions/preprocess/preprocess.ts';
import { openSceneIn } from '../../local/sceneFiles.ts';
import { connectLocalTables } from '../../local/tableClients.ts';
import { LEDGER_TABLE, METRICS_TABLE, startTables } from '../../local/tables.ts';
import { makeBare } from '../bare.ts';
import { model } from '../bundledModel.ts';
import { measured } from '../figure.ts';
import { freePreprocess, INVOCATION, MODEL, readPackageFile, sceneOf, sha256 } from '../memoryPorts.ts';
import { interleaved } from '../rounds.ts';
import { FRAMES, writeSceneFile } from '../sceneFiles.ts';
import type { Suite } from '../suite.ts';
import { processorRate, sharedCore, startTaking, type Taken } from '../taken.ts';
import { checksumAlone, digestAlone, parquetAlone, plainRead, RECORDS } from '../unavoidable.ts';

/** Each step of the pipeline by itself, warm, beside what it could be at best. */
export const steps: Suite = {
  title: 'Steps: one core, warm, by processor time',
  onOneCore: true,
  run: async ({ isQuick, folder, tell, note }) => {
    const rounds = isQuick ? 3 : 9;
    const chips = isQuick ? 512 : 2048;
    const name = 'scene';
    const path = join(folder, name);
    tell('writing a scene file');
    const bytes = writeSceneFile(path, chips, 1);
    const bare = await makeBare();
    const prepared = await makePrepared();
    const session = await openSession(model, await readPackageFile(model.onnxFile), 1);
    const drift = await makeDriftBench(folder);
    const scene = sceneOf(name, readFileSync(path));
    const openScene = openSceneIn(folder);
    const preprocess = makePreprocess(freePreprocess(folder));
    const buffers = bandBuffers();
    const bareRounds: Taken[] = [];

    const found = await interleaved(
      rounds,
      {
        read: () =>
          megabytes(
            bytes,
            timed(() => plainRead(path)),
          ),
        sha256: () =>
          megabytes(
            bytes,
            timed(() => digestAlone(bytes)),
          ),
        crc32c: () =>
          megabytes(
            bytes,
            timed(() => checksumAlone(bytes)),
          ),
        crc32: () =>
          megabytes(
            bytes,
            timed(() => zlibChecksum(bytes)),
          ),
        records: async () =>
          megabytes(bytes, await timedAsync(async () => readAll((await openScene(scene)).chunks, chips))),
        preprocess: async (round) => {
          const input = { scene: { scene }, execution: `round ${round}` };
          return megabytes(bytes, await timedAsync(() => preprocess(input, INVOCATION, {}))) / 1000;
        },
        copying: () =>
          perSecond(
            chips,
            timed(() => copyBands(chips, buffers)),
          ),
        preparing: () =>
          perSecond(
            chips,
            timed(() => prepare(chips)),
          ),
        bare: async () => {
          bareRounds.push(await bare(chips));
          return processorRate(bareRounds.at(-1)!);
        },
        inference: async () =>
          perSecond(
            prepared.chips,
            await timedAsync(async () => {
              for (let first = 0; first < prepared.chips; first += session.batchSize)
                await session.run(prepared, first, Math.min(session.batchSize, prepared.chips - first));
            }),
          ),
        parquet: () =>
          perSecond(
            chips * 4,
            timed(() => parquetAlone(chips * 4)),
          ),
        drift: drift.judgeOne,
        requests: drift.bareRequests,
      },
      { tell: (round) => tell(`round ${round} of ${rounds}`) },
    );
    await drift.close();
    const oneAfterTheOther = found.read.map(
      (read, round) => 0.001 / (1 / read + 1 / found.sha256[round]! + 1 / found.crc32c[round]!),
    );
    const shared = sharedCore(bareRounds);
    if (shared !== undefined) note(shared);
    note(
      `By processor time, which what else runs on the machine disturbs least. The scene file has ${chips} real chips, ${(bytes / 1e6).toFixed(0)} MB, and lies in the system's cache; a record is ${Math.round(FRAMES[0]!.length / 1000)} KB.`,
    );
    return [
      measured({
        ...{ id: 'read', name: 'a plain read of the file, into one buffer', unit: 'MB/s', better: 'more' },
        values: found.read,
      }),
      measured({
        ...{ id: 'sha256', name: 'SHA-256 alone', unit: 'MB/s', better: 'more', values: found.sha256 },
      }),
      measured({
        ...{ id: 'crc32c', name: 'CRC-32C alone', unit: 'MB/s', better: 'more', values: found.crc32c },
        beside: [{ name: "zlib's CRC-32, in native code", values: found.crc32 }],
      }),
      measured({
        ...{ id: 'records', name: 'reading TFRecord, both checksums compared', unit: 'MB/s', better: 'more' },
        values: found.records,
        beside: [
          { name: 'a plain read', values: found.read },
          { name: 'CRC-32C alone', values: found.crc32c },
          { name: 'SHA-256 alone', values: found.sha256 },
        ],
      }),
      measured({
        id: 'preprocess',
        name: 'preprocess: read, both CRCs, content digest, blank test, bands, parts',
        ...{ unit: 'GB/s', better: 'more', values: found.preprocess },
        beside: [{ name: 'read, SHA-256 and CRC-32C one after the other', values: oneAfterTheOther }],
        goal: { of: 'value', atLeast: 1 },
      }),
      measured({
        ...{ id: 'preparing', name: 'preparing: a record to its place in a part', unit: 'chips/s', better: 'more' },
        values: found.preparing,
        beside: [
          { name: "a copy of its bands' bytes", values: found.copying },
          { name: 'bare onnxruntime', values: found.bare },
        ],
      }),
      measured({
        ...{ id: 'inference', name: 'inference: a part to probabilities', unit: 'chips/s', better: 'more' },
        values: found.inference,
        beside: [{ name: 'bare onnxruntime', values: found.bare }],
      }),
      measured({
        ...{ id: 'parquet', name: 'predictions counted and written as Parquet', unit: 'chips/s', better: 'more' },
        values: found.parquet,
        beside: [{ name: 'bare onnxruntime', values: found.bare }],
      }),
      measured({
        ...{ id: 'drift', name: 'drift of a run of one part, with real tables', unit: 'ms', better: 'less' },
        values: found.drift,
        beside: [{ name: 'as many bare requests to the tables', values: found.requests }],
      }),
    ];
  },
};

function megabytes(bytes: number, milliseconds: number): number {
  return bytes / 1000 / milliseconds;
}

function perSecond(count: number, milliseconds: number): number {
  return (count * 1000) / milliseconds;
}

/** Milliseconds of processor time, of all threads of this process. */
function timed(work: () => void): number {
  const take = startTaking();
  work();
  return take(1).cpuMilliseconds;
}

async function timedAsync(work: () => Promise<unknown>): Promise<number> {
  const take = startTaking();
  await work();
  return take(1).cpuMilliseconds;
}

function zlibChecksum(bytes: number): void {
  for (let done = 0, i = 0; done < bytes; i += 1) {
    const frame = FRAMES[i % FRAMES.length]!;
    crc32(frame);
    done += frame.length;
  }
}

/** As preprocess cuts a file into records. */
async function readAll(chunks: AsyncIterable<Uint8Array>, chips: number): Promise<void> {
  const cutter = makeRecordCutter('the file', SCENE_LIMITS.maxRecordBytes);
  let records = 0;
  for await (const chunk of chunks) for (const _ of cutter.cut(chunk)) records += 1;
  cutter.end();
  if (records !== chips) throw new Error(`read ${records} records of ${chips}`);
}

const readChip = makeChipReader(model);
const builder = makePartBuilder(model, 512);

/** What preprocess does with each record once it is read. */
function prepare(chips: number): void {
  for (let i = 0; i < chips; i += 1) {
    const record = RECORDS[i % RECORDS.length]!;
    const chip = readChip(record);
    if (isBlank(chip.planes, model.blankMax)) throw new Error('a blank chip among those that are not');
    builder.add(chip);
    if (builder.isFull()) builder.take();
  }
  if (builder.chips() > 0) builder.take();
}

function bandBuffers(): { from: Uint8Array; to: Uint8Array }[] {
  return preparedBands(model).map(({ bytesPerChip }) => ({
    from: new Uint8Array(bytesPerChip * 64),
    to: new Uint8Array(bytesPerChip * 64),
  }));
}

function copyBands(chips: number, buffers: { from: Uint8Array; to: Uint8Array }[]): void {
  for (let i = 0; i < chips; i += 1)
    for (const { from, to } of buffers) {
      const size = from.length / 64;
      to.set(from.subarray((i % 64) * size, ((i % 64) + 1) * size), ((63 - i) & 63) * size);
    }
}

/** A part as infer reads it. */
async function makePrepared() {
  for (let i = 0; i < 512; i += 1) {
    const record = RECORDS[i % RECORDS.length]!;
    builder.add(readChip(record));
  }
  return decodePart(builder.take().slice());
}

/** Drift on real tables, a run after the other; and requests by themselves. */
async function makeDriftBench(folder: string) {
  const { endpoint, close } = await startTables(join(folder, 'tables'));
  const tables = connectLocalTables(endpoint);
  let requests = 0;
  tables.middlewareStack.add(
    (next) => (args) => {
      requests += 1;
      return next(args);
    },
    { step: 'initialize' },
  );
  const ledger = makeLedger(tables, LEDGER_TABLE);
  const drift = makeDrift({
    ledger,
    metrics: makeMetricsTable(tables, METRICS_TABLE),
    models: { load: async () => model, promotedOrNone: async () => MODEL },
    publish: async () => {},
    readPiece: async () => new Uint8Array(), // no batch has brought files into these days
    now: () => new Date(),
    ...{ threshold: 0.25, minimum: 1, driftWindow: 300, blankShareLimit: 0.5 },
    executions: { start: async () => 'started' },
  });
  const chips = 81;
  const runs = 8;
  let ofOne = 0;
  return {
    judgeOne: async (round: number) => {
      const milliseconds: number[] = [];
      for (let i = 0; i < runs; i += 1) {
        const scene = sceneOf(`${round}-${i}`);
        const execution = scene.key;
        const day = new Date().toISOString().slice(0, 10);
        const claim = { scene, model: MODEL, execution, now: new Date(), leaseSeconds: 300, attemptLimit: 3 };
        const { row } = await ledger.claim({ ...claim, fixed: { day, chipsPerPart: 512 } });
        const digest = sha256(scene.key);
        const run = { id: row.run, scene, model: MODEL, attempt: row.attempt, execution, digest, day };
        await ledger.advance(run, 'PREPARED', new Date(), { size: 1, digest, chips, blank: 0, parts: 1 });
        const counts = model.classes.map((_, i) => (i === 0 ? chips : 0));
        const part = { part: 0, counts, missing: 0, probabilitySum: chips / 2, milliseconds: 1 };
        requests = 0;
        milliseconds.push(await timedAsync(() => drift({ run, parts: [part] }, INVOCATION, {})));
        ofOne = requests;
      }
      return mean(milliseconds);
    },
    bareRequests: async () => {
      const milliseconds = await timedAsync(async () => {
        for (let i = 0; i < runs * Math.max(1, ofOne); i += 1)
          await tables.get({ TableName: LEDGER_TABLE, Key: { scene: 'none', model: 'none' } });
      });
      return milliseconds / runs;
    },
    close: async () => {
      tables.destroy();
      await close();
    },
  };
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
