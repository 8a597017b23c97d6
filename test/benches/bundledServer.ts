import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeReadUrl } from '../../aws/readUrl.ts';
import { modelsIn } from '../../cli/laptop/serve.ts';
import { readNoImage } from '../../core/doors/online/inboxImage.ts';
import type { PredictionServer, PredictionServerOptions } from '../../server/predictionServer.ts';
import { startPredictionServer } from '../../server/predictionServer.ts';
import { temporaryFolder } from '../swath.ts';

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

/** A server of packages, each the files of version 1.0.0 of a model by their names. */
export async function startServerOf(
  packages: Readonly<Record<string, Readonly<Record<string, string | Uint8Array>>>>,
  options: Partial<PredictionServerOptions> = {},
): Promise<PredictionServer> {
  const folder = temporaryFolder();
  for (const [name, files] of Object.entries(packages)) {
    mkdirSync(join(folder, name, '1.0.0'), { recursive: true });
    for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, name, '1.0.0', file), content);
  }
  return startBundledServer({ ...(await modelsIn(folder)), ...options });
}
