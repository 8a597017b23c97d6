import '../core/runtimes/onnx/noTelemetry.ts';
import { writeSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { deserialize } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { InvalidModelPackage } from '../core/errors.ts';
import type { ModelPackage } from '../core/models/package.ts';
import { compareSample, type Sample } from '../core/models/sample.ts';
import { SAMPLE_FILE } from '../core/models/storedSample.ts';
import { answerChip } from '../core/runtimes/answerChip.ts';
import { openSession } from '../core/runtimes/runtimes.ts';
import { checkOrdinaryOutputs } from '../core/tasks/checkOutputs.ts';
import { ordinaryChips } from './ordinaryChips.ts';

/**
 * A process in which a model is tried (cli/tryModel.ts starts it, and ends it where it takes too long): onnxruntime loads it
 * and classifies one batch, in one call of native code that nothing can interrupt. Meanwhile a thread watches the memory.
 */

/** What the process is given, and what it answers, as one line. */
export type Trial = { model: ModelPackage; onnx: Uint8Array; sample: Sample | null; maxBytes: number };
export type Outcome = { outcome: 'fine' } | { outcome: 'invalid' | 'failed'; message: string } | { outcome: 'memory' };

if (import.meta.main) {
  const { model, onnx, sample, maxBytes } = deserialize(await buffer(process.stdin)) as Trial;
  new Worker(new URL('./modelTrialWatch.ts', import.meta.url), { workerData: maxBytes }).unref();
  writeSync(1, `${JSON.stringify(await outcomeOf(model, onnx, sample))}\n`);
  process.exit(); // the session's memory need not be given back one by one
}

async function outcomeOf(model: ModelPackage, onnx: Uint8Array, sample: Sample | null): Promise<Outcome> {
  try {
    await tryHere(model, onnx, sample);
    return { outcome: 'fine' };
  } catch (error) {
    const { message } = error as Error;
    return { outcome: error instanceof InvalidModelPackage ? 'invalid' : 'failed', message };
  }
}

/** Loads the model as infer would, and classifies one batch of ordinary chips, for which it should have numbers, and the sample. */
async function tryHere(model: ModelPackage, onnx: Uint8Array, sample: Sample | null): Promise<void> {
  const session = await openSession(model, onnx, 1);
  const { run, batchSize } = session;
  const outputs = await run(ordinaryChips(model, batchSize), 0, batchSize).catch((cause: Error) => {
    if (cause instanceof InvalidModelPackage) throw cause;
    throw new InvalidModelPackage(`${model.onnxFile}: onnxruntime cannot run it (${cause.message})`, { cause });
  });
  checkOrdinaryOutputs(model, outputs, batchSize);
  if (sample === null) return;
  const difference = compareSample(await answerChip(session, sample.chip), sample.prediction);
  if (difference !== null)
    throw new InvalidModelPackage(
      `${SAMPLE_FILE}: ${difference}. Is it of another version? "swath model sample" makes it anew.`,
    );
}
