import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin, stop } from 'esbuild';
import { keptFor } from '../core/base/concurrency/keptFor.ts';
import { insteadOf } from '../core/base/errors.ts';

export type Page = { script: string; style: string };

const PAGE = fileURLToPath(new URL('page', import.meta.url));

/** Plot includes all of d3's colour schemes and map projections, a tenth of the page's size. No chart of ours uses them. */
const withoutUnused: Plugin = {
  name: 'without what no chart uses',
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]d3-(scale-chromatic|geo)[\\/]dist[\\/]/ }, async ({ path }) => {
      const names = Object.keys(await import(pathToFileURL(path).href));
      const nothing = path.includes('d3-geo') ? '() => {}' : 'undefined'; // Plot calls a projection as it is loaded
      return { contents: `export const ${names.map((name) => `${name} = ${nothing}`).join(', ')};` };
    }),
};

/** Bundles `main.tsx` and `page.css` of a folder in memory, once in a process. Throws with file, line and column of errors. */
export const bundlePage = (folder = PAGE): Promise<Page> => bundleOnce(folder);

const bundleOnce = keptFor(Number.POSITIVE_INFINITY, async (folder: string): Promise<Page> => {
  const building = build({
    absWorkingDir: folder,
    entryPoints: { script: 'main.tsx', style: 'page.css' },
    bundle: true,
    minify: true,
    write: false,
    outdir: folder, // nothing is written there
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    plugins: [withoutUnused],
    logLevel: 'silent',
  });
  const { outputFiles } = await building.catch(unbundled).finally(stop); // frees the memory of esbuild's process, which is not needed again
  const text = (name: string) => outputFiles.find(({ path }) => path.endsWith(name))?.text ?? '';
  return { script: text('script.js'), style: text('style.css') };
});

const unbundled = insteadOf(Error, (cause) => {
  return new Error(`The console's page cannot be bundled. ${cause.message.replaceAll('\n', ' ')}`, { cause });
});
