import { fromPlain, type PlainPackage } from '../../core/tasks/plainPackage.ts';
import '../../core/inference/onnx/noTelemetry.ts';
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { deserialize } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { isFloat, type Plane } from '../../core/arrays/dataTypes.ts';
import { InvalidModelPackage } from '../../core/base/errors.ts';
import type { ChipBatch } from '../../core/inference/feed.ts';
import { startOnnx } from '../../core/inference/onnx/startOnnx.ts';
import { type Inference, predictChip } from '../../core/inference/predict.ts';
import { compareSample } from '../../core/package/compareSample.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { SAMPLE_FILE, type Sample } from '../../core/package/packageFile.ts';
import type { PeakMemory } from '../../core/releases/comparison/compareRuns.ts';
import { checkOrdinaryOutputs } from '../../core/tasks/registry.ts';
import { openModel } from '../../local/stack/openModel.ts';
import { ordinaryChips } from './ordinaryChips.ts';

/** The process in which tryModel.ts tries a model: its native call cannot be interrupted, so the process is killed if need be. */

/** The input of the process, and its answer, which is one line. */
export type Trial = Tries & { model: PlainPackage; onnx: Uint8Array; maxBytes: number };
/** What a model is tried on; of texts, any of so many tokens. */
type Tries = { sample: Sample | null; vocabulary?: number | undefined };
/** The memory that a model takes, the seconds of a processor for a chip, and by how much its numbers change with the others of its batch. */
export type Tried = { memory: PeakMemory; seconds: number; apart: number };
export type Outcome =
  | ({ outcome: 'fine' } & Tried)
  | { outcome: 'invalid' | 'failed'; message: string }
  | { outcome: 'memory' };
/** The input of the watching thread: `peak` holds one number, the most bytes it has seen. */
export type Watched = { maxBytes: number; peak: SharedArrayBuffer };

/** A chip's numbers may differ between runs by this share of its largest. onnxruntime's own are equal on one thread. */
const MOST_DIFFERENT = 0.001;
/** Where a graph rounds, to classes or to the steps of a quantisation, a few may differ, by this share of the batch's largest. */
const MOST_ROUNDED = 0.05;

if (import.meta.main) {
  const { model, onnx, maxBytes, ...tries } = deserialize(await buffer(process.stdin)) as Trial;
  const peak = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
  const watch = new Worker(new URL('./modelTrialWatch.ts', import.meta.url), {
    workerData: { maxBytes, peak } satisfies Watched,
  });
  await Promise.all([once(watch, 'message'), startOnnx()]); // so that the memory of the thread and the runtime is not counted as the model's
  watch.unref();
  writeSync(1, `${JSON.stringify(await outcomeOf(fromPlain(model), onnx, tries, new Float64Array(peak)))}\n`);
  process.exit(); // exiting is faster than releasing the session's memory
}

async function outcomeOf(model: ModelPackage, onnx: Uint8Array, tries: Tries, peak: Float64Array) {
  try {
    const before = memoryNow();
    peak[0] = before.held;
    const { chips, ...tried } = await tryHere(model, onnx, tries);
    const after = memoryNow();
    // The system's peak covers the whole process. If it was reached before the model was loaded, use the thread's.
    const most = after.most > before.most ? after.most : Math.max(peak[0]!, after.held);
    return { outcome: 'fine', memory: { bytes: most - before.held, chips }, ...tried };
  } catch (error) {
    const { message } = error as Error;
    return { outcome: error instanceof InvalidModelPackage ? 'invalid' : 'failed', message };
  }
}

function memoryNow() {
  return { held: process.memoryUsage.rss(), most: process.resourceUsage().maxRSS * 1024 };
}

/** Throws where the numbers of the first or the last chip change with each call, or with the others of its batch; of a model that is quantised as it runs, by a scale of all of a batch, returns by how much. */
async function checkRepeats({ model, scores }: Inference, batch: ChipBatch, runs: readonly Plane[], onnx: Buffer) {
  const width = runs[0]!.length / batch.chips;
  const few = isFloat(model.output.dataType) ? 0 : MOST_ROUNDED * width;
  const isOfBatch = onnx.includes('DynamicQuantize');
  let apart = 0;
  for (const chip of [0, batch.chips - 1]) {
    const [together, again] = runs.map((run) => run.subarray(chip * width, (chip + 1) * width));
    const all = largestOf(runs[0]!);
    const own = Math.max(largestOf(together!), all / 100); // a number near zero has the rounding of larger ones
    const most = onnx.includes('QuantizeLinear') ? MOST_ROUNDED * all : MOST_DIFFERENT * own;
    const isOther = (value: number, i: number) => Math.abs(value - together![i]!) > most;
    const alone = await scores(batch, chip, 1);
    if (isOfBatch) apart = Math.max(apart, largestOf(Float64Array.from(alone, (value, i) => value - together![i]!)));
    for (const [how, numbers] of Object.entries({ alone: isOfBatch ? together! : alone, 'once more': again! })) {
      const at = numbers.findIndex(isOther);
      if (at < 0 || Array.from(numbers).filter(isOther).length <= few) continue;
      throw new InvalidModelPackage(
        `${model.artifact.file}: found ${numbers[at]} for a chip that is classified ${how}, and ${together![at]} for the same chip in a batch; allowed is one answer. Export the model for inference (in PyTorch: model.eval()), so that no dropout or batch normalisation is in training mode, and nothing is drawn at random.`,
      );
    }
  }
  return apart;
}

function largestOf(values: Plane): number {
  let largest = 0;
  for (const value of values) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  return largest;
}

/** Loads the model as infer does, and classifies the sample and ordinary chips; returns a batch's chips, and what `Tried` has. */
export async function tryHere(model: ModelPackage, onnx: Uint8Array, { sample, vocabulary }: Tries) {
  const inference = await openModel(model, onnx);
  const { scores, batchSize } = inference;
  const batch = ordinaryChips(model, batchSize, vocabulary);
  const isHere = model.artifact.format === 'onnx';
  const start = process.cpuUsage();
  let [batches, seconds] = [0, 0];
  let [first, again]: Plane[] = [];
  do {
    const outputs = await scores(batch, 0, batchSize).catch((cause: Error) => {
      if (['InvalidModelPackage', 'EndpointUnavailable', 'TransientTrouble'].includes(cause.name)) throw cause;
      const tokens =
        vocabulary === undefined
          ? ''
          : ` on texts of ${model.tensor.width} tokens, any of the ${vocabulary} of tokenizer.json. Does it take so many (swath:text.max_tokens), and was it trained with this tokenizer?`;
      const message = `${model.artifact.file}: onnxruntime cannot run it (${cause.message})${tokens}`;
      throw new InvalidModelPackage(message, { cause });
    });
    if (first === undefined) checkOrdinaryOutputs(model, outputs, batchSize);
    first ??= outputs;
    again = outputs;
    const { user, system } = process.cpuUsage(start);
    seconds = (user + system) / 1e6;
    batches += 1;
  } while (seconds < (batches < 2 ? 0.2 : 0.1) && isHere); // the mean of several, if it is fast
  const bytes = Buffer.from(onnx.buffer, onnx.byteOffset, onnx.byteLength);
  const apart = isHere ? await checkRepeats(inference, batch, [first, again!], bytes) : 0;
  const found = { chips: batchSize, seconds: seconds / batches / batchSize, apart };
  if (sample === null) return found;
  const difference = compareSample(await predictChip(inference, sample.chip), sample.prediction);
  if (difference !== null)
    throw new InvalidModelPackage(
      `${SAMPLE_FILE}: ${difference}. Is it from another version? "swath model sample" makes a new one.`,
    );
  return found;
}
