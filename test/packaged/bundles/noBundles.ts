import { createRequire } from 'node:module';
import type { Plugin } from 'esbuild';

type Archiver = { create: (format: string, options?: object) => unknown };

/**
 * For a package of which the templates alone are looked at: bundles without content, and zips that nothing is compressed for.
 * What is in a bundle depends on no parameter.
 */
export function withoutBundles(): Plugin {
  const ofPlugin = createRequire(createRequire(import.meta.url).resolve('serverless-esbuild'));
  const archiver = ofPlugin('archiver') as Archiver;
  const { create } = archiver;
  archiver.create = (format) => create(format, { store: true });
  return {
    name: 'without bundles',
    setup({ onLoad }) {
      onLoad({ filter: /\/functions\/\w+\/handler\.ts$/ }, () => ({ contents: 'export const handler = 0;' }));
    },
  };
}
