import { z } from 'zod';
import type { Exception } from './allowed.ts';

const lockfileSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), license: z.string().optional(), dev: z.boolean().optional() }),
  ),
});

/** A package that ships in an artifact, or that is used at run time. */
export type Shipped = {
  /** Where npm puts it: `node_modules/a`, or `node_modules/a/node_modules/b`. */
  path: string;
  name: string;
  version: string;
  /** As its own package.json says, or else the lockfile; null where neither does. */
  licence: string | null;
};

/** What a package.json says of its licence; the older ways of saying it are still about. */
const manifestSchema = z.object({
  license: z.union([z.string(), z.object({ type: z.string() }).transform(({ type }) => type)]).optional(),
});

/**
 * Every package of a lockfile that is not for development alone, in the order of names. Those for other systems are among
 * them, which are not installed here.
 *
 * @param readManifest the text of a package's own package.json; undefined where it is not installed
 */
export function shippedPackages(lockfile: string, readManifest: (path: string) => string | undefined): Shipped[] {
  const { packages } = lockfileSchema.parse(JSON.parse(lockfile));
  return Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path, { version = '', license }]) => {
      const manifest = readManifest(path);
      const own = manifest === undefined ? undefined : manifestSchema.parse(JSON.parse(manifest)).license;
      return { path, name: nameOf(path), version, licence: own ?? license ?? null };
    })
    .sort((a, b) => a.name.localeCompare(b.name, 'en') || a.path.localeCompare(b.path, 'en'));
}

/** What is wrong with their licences, a sentence each; none where all is well. */
export function licenceProblems(
  packages: readonly Shipped[],
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
