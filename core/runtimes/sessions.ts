import type { ModelRef } from '../messages.ts';
import { keepPromise, type Models } from '../models/models.ts';
import { readOnnxFile } from '../models/readPackage.ts';
import { openSession } from './runtimes.ts';

/** Caches one session per model version in a container; after a failed load, the next call retries. */
export function makeSessions(models: Pick<Models, 'load' | 'fileOf'>, threads: number) {
  return keepPromise(async (ref: ModelRef) => {
    const model = await models.load(ref);
    return openSession(model, await readOnnxFile(models.fileOf(ref), model), threads);
  });
}
