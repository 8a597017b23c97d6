import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { errorNamed, InvalidModelPackage } from '../../core/base/errors.ts';
import { MAX_TRIAL_BYTES, MAX_TRIAL_SECONDS } from '../../core/base/limits.ts';
import { checkOnnxFile } from '../../core/inference/onnx/onnxFile.ts';
import { checkGraph } from '../../core/inference/onnx/readGraph.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import type { Sample } from '../../core/package/packageFile.ts';
import { tokenizerOf } from '../../core/package/text/tokenizerOf.ts';
import { toPlain } from '../../core/tasks/plainPackage.ts';
import { doNotOutlive } from '../../local/stack/doNotOutlive.ts';
import type { Outcome, Trial, Tried } from './modelTrial.ts';

const LIMITS = { maxSeconds: MAX_TRIAL_SECONDS, maxBytes: MAX_TRIAL_BYTES };
/** A model that jobs in containers run may be four times as large. */
const BATCH_LIMITS = { maxSeconds: 8 * MAX_TRIAL_SECONDS, maxBytes: 8 * MAX_TRIAL_BYTES };
const limitsOf = ({ runner }: ModelPackage) => (runner === 'batch' ? BATCH_LIMITS : LIMITS);
const TRIAL = fileURLToPath(new URL('./modelTrial.ts', import.meta.url));

/** The model took too much time or memory in its trial, or crashed the process: whether it can run is unknown. */
export class ModelTrialFailed extends errorNamed('ModelTrialFailed') {}

/** Models that passed in this process, by digest, so that publishing and promoting a version tries it once. */
const fine = new Map<string, Tried>();

/** Tries a model in a process. Throws `InvalidModelPackage`, or `ModelTrialFailed` if it takes more than allowed. */
export async function tryModel(model: ModelPackage, onnx: Uint8Array, sample: Sample | null = null): Promise<Tried> {
  const alone = createHash('sha256')
    .update(JSON.stringify(toPlain(model)))
    .update('\0')
    .update(onnx);
  const withSample = alone.copy().update(JSON.stringify(sample && [sample.input, sample.prediction]));
  const [ofModel, ofBoth] = [alone.digest('hex'), withSample.digest('hex')];
  const tried = fine.get(sample === null ? ofModel : ofBoth) ?? (await tryWithin(model, onnx, limitsOf(model), sample));
  fine.set(ofModel, tried).set(ofBoth, tried);
  return tried;
}

export async function tryWithin(
  model: ModelPackage,
  onnx: Uint8Array,
  { maxSeconds, maxBytes }: typeof LIMITS,
  sample: Sample | null = null,
): Promise<Tried> {
  const { file, format } = model.artifact;
  if (format === 'onnx') checkOnnxFile(file, onnx); // a model that refers to other files is refused first
  const vocabulary = model.text && (await tokenizerOf(model.text)).size; // a package whose tokenizer cannot be used is refused
  const child = spawn(process.execPath, [TRIAL], {
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: maxSeconds * 1000,
    killSignal: 'SIGKILL',
  });
  doNotOutlive(child);
  const ended: Promise<string> = once(child, 'close').then(([code, signal]) => signal ?? `exit code ${code}`);
  child.stdin.on('error', () => {}); // it ended before it had read everything; `ended` says how
  child.stdin.end(serialize({ model: toPlain(model), onnx, sample, vocabulary, maxBytes } satisfies Trial));
  const [answer, how] = await Promise.all([text(child.stdout), ended]);
  const [line = ''] = answer.split('\n');
  const said: Outcome | undefined = line === '' ? undefined : JSON.parse(line);
  if (said?.outcome === 'fine' && format === 'onnx') checkGraph(model, onnx); // its words; onnxruntime does not have them
  if (said?.outcome === 'fine') return said;
  if (said?.outcome === 'invalid') throw new InvalidModelPackage(said.message);
  if (said?.outcome === 'failed') throw new ModelTrialFailed(`${file}: the trial failed: ${said.message}`);
  if (said === undefined && !child.killed)
    throw new ModelTrialFailed(`${file}: the model ended the process in which it was tried (${how}).`);
  const took = said === undefined ? `more than ${maxSeconds} seconds` : `more than ${maxBytes} bytes of memory`;
  throw new ModelTrialFailed(
    `${file}: loading the model and classifying one batch took ${took}, so the trial was stopped. Make the model smaller, or its batches, with mlm:batch_size_suggestion.`,
  );
}
