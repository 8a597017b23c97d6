import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCENE_LIMITS } from '../../core/base/limits.ts';
import { decoding } from '../../core/inference/predict.ts';
import { makeChipReader } from '../../core/scenes/formats/tfrecord/chip.ts';
import { makeRecordCutter } from '../../core/scenes/formats/tfrecord/tfrecord.ts';
import { makePartBuilder } from '../../core/scenes/partBuilder.ts';
import { decodePart } from '../../core/scenes/preparedPart.ts';
import { makeShadow } from '../../functions/infer/shadow/shadow.ts';
import { makePreprocess } from '../../functions/preprocess/preprocess.ts';
import { openSceneIn } from '../../local/buckets/sceneFiles.ts';
import { openModel } from '../../local/stack/openModel.ts';
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
        records: perSecond(megabytes, async () => readAll((await openScene(scene)).chunks, chips)),
        preprocess: perSecond(megabytes / 1000, (round) =>
          preprocess({ scene: { scene }, execution: `round ${round}` }, INVOCATION, {}),
        ),
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
      },
      (round) => tell(`round ${round} of ${rounds}`),
    );
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
    ): Figure => measured(name, unit, found[id], { beside, goal });
    const { read, sha256, crc32c, bare: bareOnnxruntime } = found;
    const ofPreprocess = found.preprocess.map((gigabytesPerSecond) => megabytes / gigabytesPerSecond); // milliseconds
    const besideBare = { 'bare onnxruntime': bareOnnxruntime };
    return [
      figure('read', 'MB/s', 'a plain read of the file, into one buffer'),
      figure('sha256', 'MB/s', 'SHA-256 alone'),
      figure('crc32c', 'MB/s', 'CRC-32C alone'),
      figure('records', 'MB/s', 'reading TFRecord, both checksums compared', {
        'a plain read': read,
        'CRC-32C alone': crc32c,
        'SHA-256 alone': sha256,
      }),
      figure(
        ...(['preprocess', 'GB/s'] as const),
        'preprocess: read, both CRCs, content digest, blank test, bands, parts',
        { 'read, SHA-256 and CRC-32C one after the other': oneAfterTheOther },
        { of: 'value', atLeast: 1 },
      ),
      figure('inference', 'chips/s', 'inference: a part to probabilities', besideBare),
      figure('parquet', 'chips/s', 'predictions counted and written as Parquet', besideBare),
      figure(
        ...(['shadow', 'ms'] as const),
        `a shadow of ${chips} chips, but for its model: parts read, predictions decoded, counted and written`,
        { 'preprocess of the same chips': ofPreprocess },
        { of: 'ratio', atMost: 0.15 },
      ),
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

/** A part as infer reads it. */
async function makePrepared() {
  for (let i = 0; i < 512; i += 1) builder.add(readChip(RECORDS[i % RECORDS.length]!));
  return decodePart(builder.take());
}

/** A shadow's work on so many prepared chips, by a model that takes no time. */
function makeShadowBench(chips: number): () => Promise<void> {
  const perPart = Math.min(512, chips);
  for (let i = 0; i < perPart; i += 1) builder.add(readChip(RECORDS[i % RECORDS.length]!));
  const bytes = builder.take();
  const outputs = Float32Array.from({ length: model.batchSize * 4 }, (_, i) => (i % 4 === 0 ? 0.7 : 0.1));
  const shadow = makeShadow({
    ledger: { endShadow: async () => {}, rowsOf: async () => new Map(), messageOwner: async () => undefined },
    models: { load: async () => model },
    openScene: openSceneIn(''),
    readPiece: async () => new Uint8Array(), // of batches
    resultsBucket: 'results',
    chipsPerPart: 512,
    sceneLimits: SCENE_LIMITS,
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
