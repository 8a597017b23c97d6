import { renameSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Metafile, Plugin } from 'esbuild';

/** For esbuild: has it write what each function's bundle is made of into a folder. */
export function metafilesTo(folder: string): Plugin {
  return {
    name: 'metafiles',
    setup({ initialOptions, onEnd }) {
      initialOptions.metafile = true;
      onEnd(({ metafile }) => {
        const [handler = ''] = Object.keys(metafile!.inputs).filter((path) => path.endsWith('/handler.ts'));
        const path = pathOf(folder, basename(dirname(handler)));
        writeFileSync(`${path}.${process.pid}`, JSON.stringify(metafile));
        renameSync(`${path}.${process.pid}`, path); // another process may read the same
      });
    },
  };
}

/** What the bundle of a function is made of. */
export async function readMetafile(folder: string, name: string): Promise<Metafile> {
  return JSON.parse(await readFile(pathOf(folder, name), 'utf8'));
}

function pathOf(folder: string, name: string): string {
  return join(folder, `${name}.metafile.json`);
}
