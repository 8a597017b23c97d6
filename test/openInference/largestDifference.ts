import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ordinaryChips } from '../../cli/models/ordinaryChips.ts';
import { onnx } from '../../core/inference/onnx/session.ts';
import { openModel } from '../../core/inference/predict.ts';
import type { Runtime } from '../../core/inference/runtime.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';

export const MODELS = fileURLToPath(new URL('../../models/', import.meta.url));

/** Opens a bundled model here, and where an `endpoint.json` says. */
export async function openBoth(folder: string, endpoint: object, runtime: Runtime) {
  const read = async (file: string) => readFileSync(`${MODELS}${folder}/${file}`);
  const model = await readModelPackage(read);
  const elsewhere = { ...model, artifact: { file: 'endpoint.json', format: 'open-inference' } };
  const file = async () => Buffer.from(JSON.stringify(endpoint));
  const runtimes = [onnx, runtime];
  const here = await openModel(model, () => read('model.onnx'), { runtimes, threads: 1 });
  return { model, here, there: await openModel(elsewhere, file, { runtimes, threads: 1 }) };
}

/** Returns the largest difference of any number that is predicted for so many chips, here and there. */
export async function largestDifference({ model, here, there }: Awaited<ReturnType<typeof openBoth>>, many: number) {
  const chips = ordinaryChips(model, many);
  let largest = 0;
  for (let first = 0; first < many; first += model.batchSize) {
    const count = Math.min(model.batchSize, many - first);
    const [found, expected] = [await there.scores(chips, first, count), await here.scores(chips, first, count)];
    for (const [i, value] of found.entries()) largest = Math.max(largest, Math.abs(value - expected[i]!));
  }
  return largest;
}
