import * as z from 'zod';
import type { Exception } from './allowed.ts';

const lockfileSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), license: z.string().optional(), dev: z.boolean().optional() }),
  ),
});

/** A package of the lockfile. */
export type Package = {
  /** Where npm puts it: `node_modules/a`, or `node_modules/a/node_modules/b`. */
  path: string;
  name: string;
  version: string;
  /** As its own package.json says, or else the lockfile; null where neither does. */
  licence: string | null;
};

const licenceSchema = z.union([z.string(), z.object({ type: z.string() }).transform(({ type }) => type)]);
/** What a package.json says of its licence; the older ways of saying it are still about. */
const manifestSchema = z.object({
  license: licenceSchema.optional(),
  licenses: z.tuple([licenceSchema]).optional().catch(undefined), // several are a choice, or are not: that is for people
});

/** Asks for the text of a package's own package.json; undefined where it is not installed. */
type ReadManifest = (path: string) => string | undefined;

/** Every package of a lockfile that ships in an artifact, or is used at run time, in the order of names. */
export function shippedPackages(lockfile: string, readManifest: ReadManifest): Package[] {
  return packagesOf(lockfile, readManifest, false);
}

/** Every package of a lockfile that is for development alone, in the order of names. */
export function developmentPackages(lockfile: string, readManifest: ReadManifest): Package[] {
  return packagesOf(lockfile, readManifest, true);
}

/** Those for other systems are among them, which are not installed here. */
function packagesOf(lockfile: string, readManifest: ReadManifest, areForDevelopment: boolean): Package[] {
  const { packages } = lockfileSchema.parse(JSON.parse(lockfile));
  return Object.entries(packages)
    .filter(([path, { dev = false }]) => path !== '' && dev === areForDevelopment)
    .map(([path, { version = '', license }]) => {
      const text = readManifest(path);
      const manifest = text === undefined ? undefined : manifestSchema.parse(JSON.parse(text));
      const own = manifest?.license ?? manifest?.licenses?.[0];
      return { path, name: nameOf(path), version, licence: own ?? license ?? null };
    })
    .sort((a, b) => a.name.localeCompare(b.name, 'en') || a.path.localeCompare(b.path, 'en'));
}

/** What is wrong with their licences, a sentence each; none where all is well. */
export function licenceProblems(
  packages: readonly Package[],
  allowed: ReadonlyMap<string, string>,
  exceptions: ReadonlyMap<string, Exception>,
): string[] {
  const unused = new Set(exceptions.keys());
  const problems = packages.flatMap(({ name, version, licence }) => {
    const exception = exceptions.get(name);
    if (exception !== undefined && exception.licence === licence) {
      unused.delete(name);
      return [];
    }
    if (licence !== null && allowed.has(licence)) return [];
    const found = licence === null ? 'no licence' : `the licence ${licence}`;
    return [
      `${name} ${version}: found ${found}, allowed are ${[...allowed.keys()].join(', ')}. Take another package, or say in test/licences/allowed.ts why it is well.`,
    ];
  });
  for (const name of unused)
    problems.push(`${name}: no package needs this exception any more. Take it out of test/licences/allowed.ts.`);
  return problems;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
