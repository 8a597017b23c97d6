import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Metafile } from 'esbuild';
import * as z from 'zod';

const packageSchema = z.object({ dependencies: z.record(z.string(), z.string()) });
const packageJson = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
const { dependencies } = packageSchema.parse(JSON.parse(packageJson));

/** What a bundle holds something of: files of the project, and packages that package.json names; what those bring along is theirs. */
export type Modules = { files: string[]; packages: string[] };

/** Reads it from esbuild's account of a handler's files. */
export function modulesOf({ outputs }: Metafile): Modules {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  const files: string[] = [];
  const packages = new Set<string>();
  for (const [path, { bytesInOutput }] of inputs) {
    const inPackage = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
    if (bytesInOutput === 0 || path.includes(':')) continue; // with a colon, it is a bundling plugin's
    if (inPackage === undefined) files.push(path);
    else if (inPackage in dependencies) packages.add(inPackage);
  }
  return { files, packages: [...packages] };
}

/** Returns the files of a handler that Node reads before its first line runs, by their names. */
export function readAtStart({ outputs }: Metafile): string[] {
  const [entry = ''] = Object.keys(outputs).filter((path) => outputs[path]!.entryPoint?.endsWith('/handler.ts'));
  const read = new Set([entry]);
  for (const path of read)
    for (const { path: imported, kind } of outputs[path]?.imports ?? [])
      if (kind === 'import-statement' && imported in outputs) read.add(imported);
  return [...read].map((path) => basename(path));
}
