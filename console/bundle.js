import { fileURLToPath } from 'node:url';
import { build, stop } from 'esbuild';

const PAGE = fileURLToPath(new URL('page', import.meta.url));
const bundled = new Map();
/**
 * Bundles the page's sources, `main.tsx` and `page.css` of a folder, in memory: there is no build step to forget, and
 * nothing built lies about. It takes a moment, once in a process.
 *
 * @throws Error with file, line and column of what is wrong in the sources
 */
export function bundlePage(folder = PAGE) {
  const found = bundled.get(folder);
  if (found !== undefined) return found;
  const page = bundle(folder);
  bundled.set(folder, page);
  page.catch(() => bundled.delete(folder));
  return page;
}
async function bundle(folder) {
  try {
    const { outputFiles } = await build({
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
      logLevel: 'silent',
    });
    const text = (name) => outputFiles.find(({ path }) => path.endsWith(name))?.text ?? '';
    return { script: text('script.js'), style: text('style.css') };
  } catch (error) {
    const { errors = [] } = error;
    if (errors.length === 0) throw error;
    throw new Error(`The console's page cannot be bundled. ${errors.map(sentence).join(' ')}`, { cause: error });
  } finally {
    await stop(); // else its process would keep the memory of a bundle that is not made again
  }
}
function sentence({ text, location }) {
  return location === null ? `${text}.` : `${location.file}:${location.line}:${location.column + 1}: ${text}.`;
}
