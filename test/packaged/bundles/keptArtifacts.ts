import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY_MILLISECONDS } from '../../../core/base/time/days.ts';
import type { writeArtifacts as Make } from '../../../deployment/artifacts.ts';

/** Bundles of many deployments and tests: to make those of all functions takes most of what a package takes. */
const KEPT = join(tmpdir(), 'swath-tests-artifacts');

/**
 * The folder where the artifacts of these sources are kept, under a name that is made of all their bytes. Those of other sources go after a day.
 *
 * @param service a copy of all that artifacts are made of, but for the packages
 * @param lockfile names the packages
 */
export function folderOfArtifacts(service: string, lockfile: string): string {
  const hash = createHash('sha256').update(readFileSync(lockfile));
  const files = globSync('**', { cwd: service, withFileTypes: true, exclude: ['node_modules'] })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.toSorted()) {
    const bytes = readFileSync(file);
    hash.update(`${file.slice(service.length)}\n${bytes.length}\n`).update(bytes);
  }
  const folder = join(KEPT, hash.digest('hex').slice(0, 32));
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(KEPT)) {
    const other = join(KEPT, name);
    const age = Date.now() - (statSync(other, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (other !== folder && age > DAY_MILLISECONDS) rmSync(other, { recursive: true, force: true });
  }
  return folder;
}

/** Takes the place of `writeArtifacts` in a copy of the service: what was made of the same sources before is taken from `folder`. */
export function keepArtifacts(folder: string, make: typeof Make): typeof Make {
  return async (sources, names) => {
    const { service, serviceDir } = sources;
    const artifact = (name: string) => join(serviceDir, '.serverless', `${name}.zip`);
    const kept = (name: string) => join(folder, `${name}.zip`);
    const missing = names.filter((name) => !existsSync(kept(name)));
    await make(sources, missing);
    for (const name of missing) {
      const aside = `${kept(name)}.${process.pid}`;
      copyFileSync(artifact(name), aside);
      renameSync(aside, kept(name)); // last: what is there is whole, and so is its metafile
    }
    for (const name of names) {
      if (!missing.includes(name)) copyFileSync(kept(name), artifact(name));
      service.functions[name]!.package = { artifact: artifact(name) };
    }
  };
}
