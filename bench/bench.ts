import { spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-node';
import { publishModel, readPackageFolder } from '../cli/publishModel.ts';
import { runScene } from '../cli/scene.ts';
import { tryModel } from '../cli/tryModel.ts';
import { makeChipReader } from '../functions/preprocess/chip.ts';
import { readTfRecords, type TfRecord } from '../functions/preprocess/tfrecord.ts';
import { makeBandSelector, preparedBands } from '../functions/shared/model/bands.ts';
import { makePlane } from '../functions/shared/model/dataTypes.ts';
import type { ModelPackage } from '../functions/shared/model/package.ts';
import { makeTensor, makeTensorFiller, tensorShape } from '../functions/shared/model/tensor.ts';
import { makePromotions } from '../functions/shared/promotions.ts';
import { folderBucket } from '../local/folderBucket.ts';
import { startStack } from '../local/stack.ts';

/**
 * `npm run bench`: how fast a scene file goes through the whole pipeline, warm and on one core, beside the limit of the
 * same run: onnxruntime alone, on tensors that are ready. The rounds of the two alternate, because machines are noisy;
 * the ratio is taken round by round.
 */
const CHIPS = 1620;
const GOAL = 0.3;

const PACKAGE = fileURLToPath(new URL('../models/droughtwatch-baseline/1.0.0', import.meta.url));
const SHARD = fileURLToPath(new URL('../samples/droughtwatch/part-r-00012', import.meta.url));

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '7' } },
});
const rounds = Number(options.rounds);

if (pinToOneCore()) process.exit();

const { model } = await readPackageFolder(PACKAGE);
const records = await readRecords();
const pipeline = await startPipeline();
const bare = await makeBare(model);
await bare();
await pipeline.run(0); // the first file starts the workers and loads the model
const measured: { bare: number; pipeline: number }[] = [];
for (let round = 1; round <= rounds; round += 1) {
  measured.push({ bare: await bare(), pipeline: await pipeline.run(round) });
}
await pipeline.close();
report();

/** Runs this file again on one core, where the system has a way to; says so where it has none. */
function pinToOneCore(): boolean {
  if (process.env['SWATH_BENCH_PINNED'] !== undefined) return false;
  const env = { ...process.env, SWATH_BENCH_PINNED: 'yes' };
  const pinned = spawnSync('taskset', ['-c', '0', process.execPath, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env,
  });
  if (pinned.error === undefined) {
    process.exitCode = pinned.status ?? 1;
    return true;
  }
  console.error(`There is no taskset here: these figures are of ${availableParallelism()} cores, not of one.`);
  return false;
}

async function readRecords(): Promise<TfRecord[]> {
  const found: TfRecord[] = [];
  for await (const record of readTfRecords(SHARD, createReadStream(SHARD))) found.push(record);
  return found;
}

/** onnxruntime alone: chips a second, in full batches of the model's size, on ready tensors. */
async function makeBare(package_: ModelPackage): Promise<() => Promise<number>> {
  const session = await ort.InferenceSession.create(join(PACKAGE, package_.onnxFile), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    enableMemPattern: false,
  });
  const readChip = makeChipReader(package_);
  const select = makeBandSelector(package_);
  const fill = makeTensorFiller(package_);
  const planes = preparedBands(package_).map(({ dataType }) =>
    makePlane(dataType, package_.tensor.height * package_.tensor.width),
  );
  const tensor = makeTensor(package_, package_.batchSize);
  for (let chip = 0; chip < package_.batchSize; chip += 1) {
    select(readChip(records[chip % records.length]!).planes, planes);
    fill(planes, tensor, chip);
  }
  const feeds = {
    [session.inputNames[0]!]: new ort.Tensor(
      'float32',
      tensor as Float32Array,
      tensorShape(package_, package_.batchSize),
    ),
  };
  return async () => {
    const batches = Math.floor(CHIPS / package_.batchSize);
    const started = performance.now();
    for (let batch = 0; batch < batches; batch += 1) await session.run(feeds);
    return (batches * package_.batchSize * 1000) / (performance.now() - started);
  };
}

/** The embedded stack on a folder of its own: chips a second, from an event to the run's end. */
async function startPipeline() {
  const folder = await mkdtemp(join(tmpdir(), 'swath-bench-'));
  const stack = await startStack({ dataDir: folder, command: 'bench' });
  const models = folderBucket(stack.folder.models);
  const ref = await publishModel(models, PACKAGE);
  await makePromotions(models, ref.name, tryModel).promote(ref.version, stack.now());
  const frames = await framesOf(await readFile(SHARD));
  return {
    run: async (round: number): Promise<number> => {
      // Each round has bytes of its own, or it would be a duplicate: the records begin at another place.
      const order = Array.from({ length: CHIPS }, (_, i) => frames[(i + round) % frames.length]!);
      const path = join(folder, `round-${round}`);
      await writeFile(path, Buffer.concat(order));
      const scene = await stack.put(path, `round-${round}`);
      const started = performance.now();
      const { row } = await runScene(stack, scene, ref);
      const seconds = (performance.now() - started) / 1000;
      if (row.state !== 'DONE') throw new Error(`round ${round} ended ${row.state}: ${row.error?.message}`);
      return CHIPS / seconds;
    },
    close: async () => {
      await stack.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function framesOf(file: Uint8Array): Promise<Uint8Array[]> {
  return records.map(({ offset, length }) => file.subarray(offset, offset + length));
}

function report(): void {
  const figures = {
    machine: `${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`,
    chips: CHIPS,
    rounds,
    bareChipsPerSecond: spread(measured.map((round) => round.bare)),
    pipelineChipsPerSecond: spread(measured.map((round) => round.pipeline)),
    ratio: spread(measured.map((round) => round.pipeline / round.bare)),
    goal: GOAL,
  };
  if (options.json) {
    console.log(JSON.stringify(figures));
    return;
  }
  console.log(`${figures.machine}\n${CHIPS} chips a file, ${rounds} rounds, one core: median (least – most)\n`);
  print('bare onnxruntime, chips/s', figures.bareChipsPerSecond, 0);
  print('whole pipeline, chips/s', figures.pipelineChipsPerSecond, 0);
  print(`ratio (goal ${GOAL})`, figures.ratio, 3);
}

function print(name: string, { median, min, max }: Spread, digits: number): void {
  const figure = median.toFixed(digits).padStart(9);
  console.log(`${name.padEnd(34)}${figure}   (${min.toFixed(digits)} – ${max.toFixed(digits)})`);
}

type Spread = { median: number; min: number; max: number };

function spread(values: number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)]!, min: sorted[0]!, max: sorted.at(-1)! };
}
