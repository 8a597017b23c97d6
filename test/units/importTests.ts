import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Has every test of some folders run in this process, but for those that a script gives a process of their own: that costs
 * three times what most of these files take. Each file can be run by itself as well. What a test puts in order before each of
 * its kind therefore stands in a `describe`.
 */
export async function importTests(...folders: string[]): Promise<void> {
  const files = globSync(
    folders.map((folder) => `${folder}/**/*.test.ts`),
    { cwd: PROJECT, exclude: ownProcesses() },
  );
  // The first test waits until the last file is here: before that, the runner would take a pause between two files for the
  // end, and put away what all of them share.
  const loaded = Promise.withResolvers<void>();
  test(`the tests of ${folders.join(', ')} are here`, () => loaded.promise);
  for (const file of files.sort()) await import(new URL(`../../${file}`, import.meta.url).href);
  loaded.resolve();
}

/** The patterns of the files that a script names itself. */
function ownProcesses(): string[] {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return Object.values<string>(scripts).flatMap((script) => script.match(/[^\s']+\.test\.ts/g) ?? []);
}
