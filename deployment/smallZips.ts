import { createRequire } from 'node:module';

type Archiver = { create: (format: string, options?: object) => unknown };

/**
 * Has serverless-esbuild compress its zips as zlib does by default. Its archiver's default is the fastest way there is, which
 * makes infer's library 2 MB larger to upload, and to fetch at each cold start; and it has no setting for it.
 */
export function makeZipsSmall(): void {
  const ofPlugin = createRequire(createRequire(import.meta.url).resolve('serverless-esbuild'));
  const archiver = ofPlugin('archiver') as Archiver;
  const { create } = archiver;
  archiver.create = (format, options) => create(format, { ...options, zlib: { level: LEVEL } });
}

/** Beyond it a zip takes twice as long and gets half a percent smaller. */
const LEVEL = 6;
