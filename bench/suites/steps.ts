import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { mean } from 'simple-statistics';
import { SCENE_LIMITS } from '../../core/base/limits.ts';
import { makeMetricsTable } from '../../core/drift/metricsTable.ts';
import { decoding } from '../../core/inference/predict.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import { isBlank } from '../../core/measures/blanks/blanks.ts';
import { preparedBands } from '../../core/package/bands.ts';
import { makeChipReader } from '../../core/scenes/formats/tfrecord/chip.ts';
import { makeRecordCutter } from '../../core/scenes/formats/tfrecord/tfrecord.ts';
import { makePartBuilder } from '../../core/scenes/partBuilder.ts';
import { decodePart } from '../../core/scenes/preparedPart.ts';
import { makeDrift } from '../../functions/drift/drift.ts';
import { makeShadow } from '../../functions/infer/shadow.ts';
import { makePreprocess } from '../../functions/preprocess/preprocess.ts';
import { openSceneIn } from '../../local/buckets/sceneFiles.ts';
import { openModel } from '../../local/stack/openModel.ts';
import { connectLocalTables } from '../../local/tables/tableClients.ts';
import { LEDGER_TABLE, METRICS_TABLE, startTables } from '../../local/tables/tables.ts';
import { makeTestResults } from '../../test/benches/results.ts';
import { noShadow, noTrial, servingOf } from '../../test/benches/serving.ts';
import { writeSummaries } from '../../test/benches/summaries.ts';
import { makeBare } from '../bare.ts';
import { model, PACKAGE } from '../bundledModel.ts';
import { type Figure, type Goal, measured } from '../figure.ts';
import { freePreprocess, INVOCATION, MODEL, sceneOf, sha256 } from '../memoryPorts.ts';
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
    const chips = isQuick ? 128 : 2048;
    const name = 'scene';
    const path = join(folder, name);
    tell('writing a scene file');
    const bytes = writeSceneFile(path, chips, 1);
    const bare = await makeBare();
    const prepared = await makePrepared();
    const { scores, batchSize } = await openModel(model, readFileSync(join(PACKAGE, model.artifact.file)));
    const drift = await makeDriftBench(folder);
    const shadow = makeShadowBench(chips);
    const scene = sceneOf(name, readFileSync(path));
    const openScene = openSceneIn(folder);
    const preprocess = makePreprocess(freePreprocess(folder));
    const bareRounds: Taken[] = [];
    const megabytes = bytes / 1e6;

    const found = await interleaved(
      rounds,
      {
        read: perSecond(megabytes, () => plainRead(path)),
        sha256: perSecond(megabytes, () => digestAlone(bytes)),
        crc32c: perSecond(megabytes, () => checksumAlone(bytes)),
        crc32: perSecond(megabytes, () => checksumAlone(bytes, crc32)),
        records: perSecond(megabytes, async () => readAll((await openScene(scene)).chunks, chips)),
        preprocess: perSecond(megabytes / 1000, (round) =>
          preprocess({ scene: { scene }, execution: `round ${round}` }, INVOCATION, {}),
        ),
        copying: perSecond(chips, makeCopying(chips)),
        preparing: perSecond(chips, () => prepare(chips)),
        bare: async () => {
          bareRounds.push(await bare(chips));
          return processorRate(bareRounds.at(-1)!);
        },
        inference: perSecond(prepared.chips, async () => {
          for (let first = 0; first < prepared.chips; first += batchSize)
            await scores(prepared, first, Math.min(batchSize, prepared.chips - first));
        }),
        shadow: () => timed(shadow),
        parquet: perSecond(chips * 4, () => parquetAlone(chips * 4)),
        drift: drift.judgeOne,
        requests: drift.bareRequests,
      },
      (round) => tell(`round ${round} of ${rounds}`),
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
    const figure = (
      id: keyof typeof found,
      unit: string,
      name: string,
      beside: Record<string, number[]> = {},
      goal?: Goal,
    ): Figure =>
      measured({
        ...{ name, unit, values: found[id] },
        beside: Object.entries(beside).map(([name, values]) => ({ name, values })),
        goal,
      });
    const { read, sha256, crc32c, bare: bareOnnxruntime } = found;
    const ofPreprocess = found.preprocess.map((gigabytesPerSecond) => megabytes / gigabytesPerSecond); // milliseconds
    const besideBare = { 'bare onnxruntime': bareOnnxruntime };
    return [
      figure('read', 'MB/s', 'a plain read of the file, into one buffer'),
      figure('sha256', 'MB/s', 'SHA-256 alone'),
      figure('crc32c', 'MB/s', 'CRC-32C alone', { "zlib's CRC-32, in native code": found.crc32 }),
      figure('records', 'MB/s', 'reading TFRecord, both checksums compared', {
        ...{ 'a plain read': read, 'CRC-32C alone': crc32c, 'SHA-256 alone': sha256 },
      }),
      figure(
        ...(['preprocess', 'GB/s'] as const),
        'preprocess: read, both CRCs, content digest, blank test, bands, parts',
        { 'read, SHA-256 and CRC-32C one after the other': oneAfterTheOther },
        { of: 'value', atLeast: 1 },
      ),
      figure('preparing', 'chips/s', 'preparing: a record to its place in a part', {
        ...{ "a copy of its bands' bytes": found.copying, ...besideBare },
      }),
      figure('inference', 'chips/s', 'inference: a part to probabilities', besideBare),
      figure('parquet', 'chips/s', 'predictions counted and written as Parquet', besideBare),
      figure(
        ...(['shadow', 'ms'] as const),
        `a shadow of ${chips} chips, but for its model: parts read, predictions decoded, counted and written`,
        { 'preprocess of the same chips': ofPreprocess },
        { of: 'ratio', atMost: 0.15 },
      ),
      figure('drift', 'ms', 'drift of a run of one part, with real tables', {
        'as many bare requests to the tables': found.requests,
      }),
    ];
  },
};

/** A contestant: so much of something, by the second of processor time that the work takes. */
function perSecond(amount: number, work: (round: number) => unknown) {
  return async (round: number) => (amount * 1000) / (await timed(() => work(round)));
}

/** Milliseconds of processor time, of all threads of this process. */
async function timed(work: () => unknown): Promise<number> {
  const take = startTaking();
  await work();
  return take(1).cpuMilliseconds;
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
    if (isBlank(chip, model)) throw new Error('a blank chip among those that are not');
    builder.add(chip);
    if (builder.isFull()) builder.take();
  }
  if (builder.chips() > 0) builder.take();
}

/** Copies the bytes of the bands of so many chips, which is the least that preparing them can be. */
function makeCopying(chips: number): () => void {
  const buffers = preparedBands(model).map(({ bytesPerChip: size }) => ({
    ...{ size, from: new Uint8Array(size * 64), to: new Uint8Array(size * 64) },
  }));
  return () => {
    for (let i = 0; i < chips; i += 1)
      for (const { size, from, to } of buffers)
        to.set(from.subarray((i % 64) * size, ((i % 64) + 1) * size), ((63 - i) & 63) * size);
  };
}

/** A part as infer reads it. */
async function makePrepared() {
  for (let i = 0; i < 512; i += 1) builder.add(readChip(RECORDS[i % RECORDS.length]!));
  return decodePart(builder.take().slice());
}

/** A shadow's work on so many prepared chips, by a model that takes no time. */
function makeShadowBench(chips: number): () => Promise<void> {
  const perPart = Math.min(512, chips);
  for (let i = 0; i < perPart; i += 1) builder.add(readChip(RECORDS[i % RECORDS.length]!));
  const bytes = builder.take().slice();
  const outputs = Float32Array.from({ length: model.batchSize * 4 }, (_, i) => (i % 4 === 0 ? 0.7 : 0.1));
  const shadow = makeShadow({
    ledger: { endShadow: async () => {}, rowsOf: async () => new Map(), messageOwner: async () => undefined },
    models: { load: async () => model },
    ...{ openScene: openSceneIn(''), readPiece: async () => new Uint8Array() }, // of batches
    ...{ resultsBucket: 'results', chipsPerPart: 512, sceneLimits: SCENE_LIMITS },
    readResult: async () => bytes,
    writeResult: async () => {},
    classifier: async () => decoding(model, async (_part, _first, count) => outputs.subarray(0, count * 4)),
    now: () => new Date(),
  });
  const parts = chips / perPart;
  const scene = sceneOf('shadowed');
  const day = '2026-03-01';
  const live = { id: sha256(scene.key).slice(0, 32), scene, model: MODEL, attempt: 1, execution: 'bench', day };
  const run = { ...live, digest: sha256(scene.key) };
  const call = { shadow: { model: MODEL, run, parts, chips, blank: 0 }, progress: { left: parts }, execution: 'bench' };
  return async () => void (await shadow(call, INVOCATION, {}));
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
  const { readResult, writeResult } = makeTestResults().ports;
  const drift = makeDrift({
    ledger,
    metrics: makeMetricsTable(tables, METRICS_TABLE),
    models: { load: async () => model, isTrial: noTrial, shadow: noShadow, serving: servingOf(MODEL) },
    publish: async () => {},
    readResult,
    writeResult,
    hrefOf: ({ key }) => key,
    requestDays: 90,
    readPiece: async () => new Uint8Array(), // no batch has brought files into these days
    now: () => new Date(),
    ...{ threshold: 0.25, minimum: 1, driftWindow: 300, blankShareLimit: 0.5, accuracyLimit: 0 },
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
        const parts = await writeSummaries(writeResult, run, [
          { part: 0, counts, missing: 0, probabilitySum: chips / 2 },
        ]);
        requests = 0;
        milliseconds.push(await timed(() => drift({ run, parts }, INVOCATION, {})));
        ofOne = requests;
      }
      return mean(milliseconds);
    },
    bareRequests: async () => {
      const milliseconds = await timed(async () => {
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
