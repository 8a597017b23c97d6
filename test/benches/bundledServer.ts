import { fileURLToPath } from 'node:url';
import { makeReadUrl } from '../../aws/readUrl.ts';
import { modelsIn } from '../../cli/service/servedModels.ts';
import { readNoImage } from '../../core/doors/online/inboxImage.ts';
import {
  type PredictionServer,
  type PredictionServerOptions,
  startPredictionServer,
} from '../../server/predictionServer.ts';

export const MODELS = fileURLToPath(new URL('../../models', import.meta.url));

/** A server of the project's own models on a free port, which reads no image from elsewhere unless told. */
export async function startBundledServer(options: Partial<PredictionServerOptions> = {}): Promise<PredictionServer> {
  return startPredictionServer({
    ...(await modelsIn(MODELS)),
    host: '127.0.0.1',
    ports: [0],
    threads: 1,
    maxBatch: 32,
    maxImageBytes: 1e7,
    readUrl: makeReadUrl({ hosts: [] }),
    readFile: readNoImage,
    ...options,
  });
}
